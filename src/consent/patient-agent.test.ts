/** A lost phone, and a person who leaves. */
import { describe, expect, it } from 'vitest'
import { hoursInside } from '../vocabulary/index.ts'
import { codeOf, elsewhere, granted, scene, THREE_DAYS } from './testing/scene.ts'
import { HOUR } from './testing/town.ts'

describe('the patient', () => {
  it('who lost the phone gets every grant back from R alone, and can stop each', async () => {
    const s = await scene()
    const id = await granted(s, s.north, THREE_DAYS)
    const restored = await elsewhere(s)
    expect(restored.memory.now.grants.map((grant) => grant.handOver.consentId)).toEqual([id])
    expect(await restored.revoke(id)).toBe('on-ledger')
    expect(await codeOf(s.north.open.reader.read(id))).toBe('CONSENT_REVOKED')
    expect(restored.memory.now.nextConsent).toBeGreaterThanOrEqual(65_536)
  })

  it('who came back twice from the same state shares no consent key between the two, once the first is backed up', async () => {
    const s = await scene()
    await granted(s, s.north, THREE_DAYS)
    const first = await elsewhere(s)
    await first.backUp()
    const second = await elsewhere(s)
    expect(second.memory.now.nextConsent).toBeGreaterThanOrEqual(first.memory.now.nextConsent + 65_536)
  })

  it('reads their own records, proven against the ledger, and the log tells of it', async () => {
    const s = await scene()
    await s.south.open.tick(true)
    const window = hoursInside(THREE_DAYS.from, THREE_DAYS.until)
    const reading = await s.anna.read(['glucose'], window)
    expect(reading.records.length).toBeGreaterThan(0)
    expect(new Set(reading.chunks.map(({ code, anchor }) => `${code} ${anchor.code}`))).toEqual(
      new Set(['OPENED ANCHORED']),
    )
    const own = (await s.anna.accesses()).filter(({ clear }) => clear.consent === undefined)
    expect(own.some(({ clear }) => clear.action === 'read')).toBe(true)
  })

  it('is told who has not confirmed an erasure, and asks them again', async () => {
    const s = await scene()
    const id = await granted(s, s.north, THREE_DAYS)
    s.place.down.add(s.north.id)
    await expect(s.anna.erase()).rejects.toMatchObject({
      code: 'ERASURE_NOT_CONFIRMED',
      facts: { asked: 2, confirmed: 1, waiting: s.north.id },
    })
    expect(await codeOf(s.anna.accesses())).not.toBe('NO_ERROR')
    s.place.down.delete(s.north.id)
    expect(await s.anna.erase()).toEqual([s.north.id, s.south.id])
    expect(await codeOf(s.north.open.reader.read(id))).toBe('CONSENT_NOT_HANDED_OVER')
  })

  it('once erased leaves nothing that opens and nothing that names them', async () => {
    const s = await scene()
    const id = await granted(s, s.north, THREE_DAYS)
    await s.north.open.reader.read(id)
    const key = s.place.keysOf('anna').identityKey
    expect(await s.anna.erase()).toEqual([s.north.id, s.south.id])
    expect(await codeOf(s.north.open.reader.read(id))).toBe('CONSENT_NOT_HANDED_OVER')
    let objects = 0
    for await (const _ of s.south.store.list()) objects++
    expect(objects).toBe(0)
    const stream = Buffer.from(s.place.keysOf('anna').streamCommitment).toString('base64url')
    for (const house of [s.south, s.north]) {
      for (const name of await house.shelf.list('')) {
        const text = Buffer.from((await house.shelf.get(name)) ?? []).toString('utf8')
        for (const trace of [key, key.slice(2), stream, id]) {
          // The reader's own log of what it read stays: it names the consent, nobody else.
          if (name.startsWith('reader/reads/') || name.startsWith('revokes/')) continue
          expect(text.includes(trace), name).toBe(false)
        }
      }
    }
    // The log keeps its entries and is anchored after a restart as before; nobody can open them.
    const anchored = await s.south.chain.latestSlot(s.south.id, 'log')
    await s.south.restart()
    s.place.now += HOUR
    await s.south.open.tick(true)
    expect(await s.south.chain.latestSlot(s.south.id, 'log')).toBeGreaterThan(anchored ?? 0)
    expect(await codeOf(s.anna.accesses())).not.toBe('NO_ERROR')
  })
})
