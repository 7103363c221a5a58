/** Institutions that write for a patient under a rolling cover. */
import { describe, expect, it } from 'vitest'
import { cidOf, hourObject } from '../vault/index.ts'
import type { Cover } from '../vault/keys.door.ts'
import { sealHours } from '../vault/keys.door.ts'
import { nodeCrypto } from '../vault/node-cipher.door.ts'
import { hourOf, quantity, type UtcHour } from '../vocabulary/index.ts'
import { packBundle } from './bundle.ts'
import { asJson, sign } from './document.ts'
import { codeOf, elsewhere, granted, scene, THREE_DAYS, triedOn } from './testing/scene.ts'
import { at, DAY, HOUR, START, trace } from './testing/town.ts'

describe('writers', () => {
  const ahead = { actions: ['write'], subject: { type: 'institution' } } as const

  it('hold covers some days ahead only, and get more as time goes on', async () => {
    const s = await scene()
    const wanted = {
      from: at(START),
      until: at(START + 300 * DAY),
      expiresAt: at(START + 301 * DAY),
      ...ahead,
    }
    const id = await granted(s, s.east, wanted, {}, { hoursAhead: 35 * 24 })
    const reach = async () =>
      Math.max(...(await s.east.open.reader.covers(id)).map((cover) => cover.window.end))
    expect((await reach()) - hourOf(at(START))).toBe(35 * 24 + 1)
    s.place.now = START + 30 * DAY
    await s.anna.settle()
    await s.east.open.reader.collect(id)
    expect((await reach()) - hourOf(at(START))).toBe(65 * 24 + 1)
    expect(
      await s.east.open.writer.write(id, trace(START + 40 * DAY, START + 40 * DAY + HOUR)),
    ).toMatchObject({
      code: 'APPENDED',
    })
  })

  it('whose key is old fetch the new one, or leave it in the patient’s inbox', async () => {
    const s = await scene()
    const wanted = { from: at(START), until: at(START + 30 * DAY), ...ahead }
    const writing = await granted(s, s.east, wanted, {}, { hoursAhead: 48 })
    const other = await granted(s, s.north, THREE_DAYS)
    s.place.down.add(s.east.id)
    await s.anna.revoke(other)
    s.place.down.delete(s.east.id)
    // The re-sealed envelope waits at the custodian: it is fetched and the data appended.
    expect(await s.east.open.writer.write(writing, trace(START, START + HOUR))).toMatchObject({
      code: 'APPENDED',
    })
    // A cover that does not reach the hour: into the inbox, from which the patient appends it.
    s.place.now = START + DAY
    const beyond = trace(START + 5 * DAY, START + 5 * DAY + HOUR)
    expect(await s.east.open.writer.write(writing, beyond)).toEqual({ code: 'IN_INBOX', records: 12 })
    expect(await s.anna.collect()).toMatchObject({ takenIn: 12, refused: 0 })
  })

  it('are refused with objects of an older generation from the re-sealing on', async () => {
    const s = await scene()
    const writing = await granted(s, s.east, { from: at(START), until: at(START + 30 * DAY), ...ahead })
    const old = (await s.east.open.reader.covers(writing))[0]!
    await s.anna.renewKeys(['glucose'])
    const stream = s.place.keysOf('anna').streamCommitment
    const hour = hourOf(at(START))
    const records = trace(START, START + HOUR)
    const deliver = async (cover: Cover) => {
      const [chunk] = await sealHours(nodeCrypto, cover, stream, [{ hour, revision: 0, records }])
      const object = hourObject(chunk!)
      const body = {
        custodian: s.south.id,
        created: at(s.place.now),
        nonce: Buffer.from(nodeCrypto.cipher.random(16)).toString('hex'),
        consentId: writing,
        purpose: 'TREAT' as const,
        objects: [cidOf(nodeCrypto.hasher, object)],
      }
      const order = sign('islet.append/1', body, s.east.keys.message)
      return codeOf(s.south.open.handle('append', { order: asJson(order), objects: packBundle([object]) }))
    }
    expect(await deliver(old)).toBe('GENERATION_OLD')
    expect(await deliver({ ...old, generation: 2 })).toBe('GENERATION_UNKNOWN')
    const fresh = (await s.east.open.reader.covers(writing)).find((cover) => cover.generation === 1)!
    expect(await deliver(fresh)).toBe('NO_ERROR')
    expect(await deliver(fresh)).toBe('REVISION_TAKEN')
    // What the older generation would have sealed opens with the keys handed out before; it is not in the store.
    expect(await triedOn([old], s.south, { first: hour, end: quantity<UtcHour>(hour + 1) })).toEqual([])
  })

  it('do not lose each other’s records in one hour', async () => {
    const s = await scene()
    const wanted = { from: at(START), until: at(START + 30 * DAY), ...ahead }
    const one = await granted(s, s.east, wanted)
    const two = await granted(s, s.north, wanted)
    const all = trace(START, START + HOUR)
    await s.east.open.writer.write(one, all.slice(0, 5))
    await s.north.open.writer.write(two, all.slice(5, 9))
    await s.east.open.writer.write(one, all.slice(9))
    const reading = await granted(s, s.east, { from: at(START), until: at(START + HOUR) })
    expect((await s.east.open.reader.read(reading)).records).toEqual(all)
  })

  it('add nothing when they deliver the same again', async () => {
    const s = await scene()
    expect(await s.anna.add(trace(START - 5 * DAY, START), { fill: true })).toMatchObject({
      added: 0,
      chunks: 0,
    })
    await s.anna.backUp()
    const fresh = await elsewhere(s)
    expect(await fresh.add(trace(START - 5 * DAY, START), { fill: true })).toMatchObject({
      added: 0,
      chunks: 0,
    })
  })
})
