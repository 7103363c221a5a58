/** Grants and stops between institutions, as the people in them live it. */
import { describe, expect, it } from 'vitest'
import { hourLeaf } from '../vault/keys.door.ts'
import { nodeCrypto } from '../vault/node-cipher.door.ts'
import { type ConsentId, hourOf, quantity, type UtcHour } from '../vocabulary/index.ts'
import { codeOf, granted, type Scene, scene, THREE_DAYS, triedOn } from './testing/scene.ts'
import { askOf, at, DAY, HOUR, START, trace } from './testing/town.ts'

/** How long something that has to come is waited for, on the slowest machine. */
const PATIENT = { timeout: 120_000 }

/** Waits until North is refused what it reads under a consent. */
async function refused({ north }: Scene, id: ConsentId): Promise<void> {
  await expect.poll(() => codeOf(north.open.reader.read(id)), PATIENT).toBe('CONSENT_REVOKED')
}

describe('a grant', () => {
  it('opens exactly the granted hours, each verified against the root on the ledger', async () => {
    const s = await scene()
    const id = await granted(s, s.north, THREE_DAYS)
    const reading = await s.north.open.reader.read(id)
    const readings = trace(START - 5 * DAY, START).filter(
      (r) => r.at >= THREE_DAYS.from && r.at < THREE_DAYS.until,
    )
    expect(reading.records).toEqual(readings)
    expect(new Set(reading.chunks.map((chunk) => chunk.anchor.code))).toEqual(new Set(['ANCHORED']))
    expect(new Set(reading.chunks.map((chunk) => chunk.code))).toEqual(new Set(['OPENED']))
    expect((await s.anna.collect()).requests).toEqual([])
  })

  it('does not decrypt the hour before and the hour after, even with the ciphertext in hand', async () => {
    const s = await scene()
    const id = await granted(s, s.north, THREE_DAYS)
    const covers = await s.north.open.reader.covers(id)
    const first = hourOf(THREE_DAYS.from)
    const end = hourOf(THREE_DAYS.until)
    const before = quantity<UtcHour>(first - 1)
    for (const cover of covers) {
      expect(hourLeaf(nodeCrypto.hasher, cover, before).code).toBe('HOUR_NOT_COVERED')
      expect(hourLeaf(nodeCrypto.hasher, cover, end).code).toBe('HOUR_NOT_COVERED')
    }
    // A dishonest reader relabels its cover: the keys still reach the granted hours only.
    const wide = { first: before, end: quantity<UtcHour>(end + 1) }
    const stretched = covers.map((cover) => ({ ...cover, window: wide }))
    const opened = await triedOn(stretched, s.south, wide)
    expect(new Set(opened)).toEqual(new Set(Array.from({ length: 72 }, (_, i) => first + i)))
  })

  it('narrowed by the patient gives the narrowed hours and refuses the rest at the custodian', async () => {
    const s = await scene()
    const id = await granted(
      s,
      s.north,
      { ...THREE_DAYS, kinds: ['glucose', 'insulin'] },
      {
        kinds: ['glucose'],
        until: at(START - 2 * DAY),
      },
    )
    const reading = await s.north.open.reader.read(id)
    expect(reading.records.length).toBe(2 * 288)
    const wide = { first: hourOf(THREE_DAYS.from), end: hourOf(THREE_DAYS.until) }
    expect(await codeOf(s.north.open.reader.read(id, { window: wide }))).toBe('HOURS_NOT_GRANTED')
    expect(await codeOf(s.north.open.reader.read(id, { kinds: ['insulin'] }))).toBe('KIND_NOT_GRANTED')
    expect(await codeOf(s.north.open.reader.read(id, { purpose: 'HRESCH' }))).toBe('PURPOSE_NOT_GRANTED')
    const other = { type: 'person', handle: 'dr-no', name: 'Dr No' } as const
    expect(await codeOf(s.north.open.reader.read(id, { actor: other }))).toBe('SUBJECT_MISMATCH')
  })

  it('is refused to another institution that got hold of the hand-over', async () => {
    const s = await scene()
    const id = await granted(s, s.north, THREE_DAYS)
    const handOver = s.north.open.reader.grants()[0]!
    const stolen = { ...s.east.open, read: s.east.open.reader.read }
    expect(
      await codeOf(s.east.open.handle('grant', { handOver: JSON.parse(JSON.stringify(handOver)) })),
    ).toBe('ORDER_ELSEWHERE')
    expect(await codeOf(stolen.read(id))).toBe('CONSENT_NOT_HANDED_OVER')
  })

  it('expires by the instant alone, with the patient offline and no transaction', async () => {
    const s = await scene()
    const id = await granted(s, s.north, { ...THREE_DAYS, expiresAt: at(START + 90) })
    const transactions = s.place.chain.publicRecord.length
    s.place.now = START + 89
    expect((await s.north.open.reader.read(id)).records.length).toBe(864)
    s.place.now = START + 90
    expect(await codeOf(s.north.open.reader.read(id))).toBe('CONSENT_EXPIRED')
    expect(s.place.chain.publicRecord.length).toBe(transactions)
  })

  it('of a future window is readable when the data arrive, with the patient offline', async () => {
    const s = await scene()
    const writing = await granted(s, s.east, {
      from: at(START),
      until: at(START + 30 * DAY),
      actions: ['write'],
      subject: { type: 'institution' },
    })
    const id = await granted(s, s.north, { from: at(START + DAY), until: at(START + 2 * DAY) })
    s.place.down.clear()
    s.place.now = START + DAY + 2 * HOUR
    const fresh = trace(START + DAY, START + DAY + 2 * HOUR)
    const written = await s.east.open.writer.write(writing, fresh)
    expect(written).toMatchObject({ code: 'APPENDED', added: 24 })
    const reading = await s.north.open.reader.read(id)
    expect(reading.records).toEqual(fresh)
    expect(reading.chunks.map((chunk) => chunk.anchor.code)).toEqual(['NOT_YET_ANCHORED', 'NOT_YET_ANCHORED'])
    await s.south.open.tick(true)
    const later = await s.north.open.reader.read(id)
    expect(later.chunks.map((chunk) => chunk.anchor.code)).toEqual(['ANCHORED', 'ANCHORED'])
  })
})

describe('a revoke', () => {
  it('leaves new data undecryptable with every key the reader ever held', async () => {
    const s = await scene()
    const window = { from: at(START - 4 * DAY), until: at(START + 10 * DAY) }
    const id = await granted(s, s.north, { ...window, expiresAt: at(START + 20 * DAY) })
    const staying = await granted(s, s.east, { ...window, expiresAt: at(START + 20 * DAY) })
    const held = [...(await s.north.open.reader.covers(id))]
    expect(await s.anna.revoke(id)).toBe('on-ledger')
    await s.anna.add(trace(START, START + 3 * HOUR))
    const fresh = { first: hourOf(at(START)), end: hourOf(at(START + 3 * HOUR)) }
    expect(await triedOn(held, s.south, fresh)).toEqual([])
    // The reader that stays opens the new data with its re-sealed envelope.
    const reading = await s.east.open.reader.read(staying, { window: fresh })
    expect(reading.records.length).toBe(36)
    expect(new Set(reading.chunks.map((chunk) => chunk.place.generation))).toEqual(new Set([1]))
    expect(await codeOf(s.north.open.reader.read(id))).toBe('CONSENT_REVOKED')
  })

  it('is refused at once by every institution that saw it, before the ledger includes it', async () => {
    const s = await scene()
    const id = await granted(s, s.north, THREE_DAYS)
    s.place.chain.hold()
    const revoking = s.anna.revoke(id)
    await refused(s, id)
    const standing = await s.south.chain.consentState(id, s.anna.memory.now.grants[0]!.handOver.signer)
    expect(standing.state).toBe('ACTIVE')
    expect(await codeOf(s.north.open.reader.read(id))).toBe('CONSENT_REVOKED')
    // Refused at the gate: the log names a refusal, not a read.
    expect((await s.anna.accesses()).at(-1)!.clear.action).toBe('refuse')
    s.place.chain.release()
    expect(await revoking).toBe('on-ledger')
  })

  it('reaches the custodian through another member when the patient cannot reach it', async () => {
    const s = await scene()
    const id = await granted(s, s.north, THREE_DAYS)
    s.place.down.add(s.south.id)
    expect(await s.anna.revoke(id)).toBe('on-ledger')
    s.place.down.delete(s.south.id)
    expect(await codeOf(s.north.open.reader.read(id))).toBe('CONSENT_REVOKED')
    // What could not be sent is sent later: then the custodian knows the new generation.
    expect(s.anna.memory.now.outbox.length).toBeGreaterThan(0)
    await s.anna.settle()
    expect(s.anna.memory.now.outbox).toEqual([])
  })

  it('is held back by nobody’s silence, and a new grant does not wait for it', async () => {
    const s = await scene()
    const id = await granted(s, s.north, THREE_DAYS)
    s.place.silent.add(s.south.id)
    void s.anna.revoke(id)
    const { signer } = s.anna.memory.now.grants[0]!.handOver
    const state = async () => (await s.east.chain.consentState(id, signer)).state
    await expect.poll(state, PATIENT).toBe('REVOKED')
    s.place.silent.clear()
    expect(await granted(s, s.east, THREE_DAYS)).toBeDefined()
  })

  it('seals the covers that remain before it is sent', async () => {
    const s = await scene()
    const id = await granted(s, s.north, THREE_DAYS)
    await granted(s, s.east, THREE_DAYS)
    const before = s.place.wire.length
    await s.anna.revoke(id)
    const types = s.place.wire.slice(before).map((message) => message.type)
    expect(types.indexOf('envelope-reseal')).toBeGreaterThanOrEqual(0)
    expect(types.indexOf('envelope-reseal')).toBeLessThan(types.indexOf('revoke'))
  })

  it('survives a restart of the custodian before the ledger had it', async () => {
    const s = await scene()
    const id = await granted(s, s.north, THREE_DAYS)
    s.place.chain.hold()
    const revoking = s.anna.revoke(id)
    await refused(s, id)
    await s.south.restart()
    expect(await codeOf(s.north.open.reader.read(id))).toBe('CONSENT_REVOKED')
    s.place.chain.release()
    await revoking
    await s.south.open.tick()
    const { signer } = s.anna.memory.now.grants[0]!.handOver
    expect((await s.south.chain.consentState(id, signer)).state).toBe('REVOKED')
  })

  it('of an unknown consent bars a grant that was held back', async () => {
    const s = await scene()
    const mailbox = await s.anna.openMailbox('North Clinic')
    await s.north.open.reader.ask(
      { custodian: s.south.id, mailbox },
      askOf(s.north, THREE_DAYS),
      s.north.chain,
    )
    const { requests } = await s.anna.collect()
    for (const house of [s.north, s.south, s.east]) s.place.down.add(house.id)
    await s.anna.grant(requests[0]!.request).catch(() => undefined)
    const held = s.anna.memory.now.grants[0]!
    expect(held.status).toBe('signed')
    for (const house of [s.north, s.south, s.east]) s.place.down.delete(house.id)
    await s.anna.revoke(held.handOver.consentId)
    const late = await s.north.open.handle('grant-relay', JSON.parse(JSON.stringify(held.intent)))
    expect(late).toMatchObject({ code: 'ALREADY_REVOKED' })
  })
})

describe('a correction', () => {
  it('keeps the original, and the reader who was granted that hour reads both', async () => {
    const s = await scene()
    const id = await granted(s, s.north, THREE_DAYS)
    const original = trace(START - 5 * DAY, START).find((r) => r.at === START - 3 * DAY)!
    const other = await granted(s, s.east, THREE_DAYS)
    await s.anna.revoke(other)
    await s.anna.correct({ original, replacement: { ...original, value: 111.5 } })
    const hour = hourOf(original.at)
    const window = { first: hour, end: quantity<UtcHour>(hour + 1) }
    const reading = await s.north.open.reader.read(id, { window, history: true })
    expect(reading.chunks.map((chunk) => [chunk.place.revision, chunk.place.generation])).toEqual([
      [0, 0],
      [1, 1],
    ])
    expect(reading.chunks[0]!.records[0]).toEqual(original)
    expect(reading.records[0]).toEqual({ ...original, value: 111.5 })
    expect(reading.records.length).toBe(12)
  })
})
