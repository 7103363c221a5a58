import { describe, expect, it } from 'vitest'
import { askOf, at, DAY, type House, START, town, trace } from './testing/town.ts'

/** Anna at South Hospital, asked by North Clinic; East Lab is a member beside them. */
async function asked() {
  const place = town()
  const south = await place.house('South Hospital')
  const north = await place.house('North Clinic')
  await place.house('East Lab')
  const anna = await place.patient('anna')
  await anna.enrol(south.id)
  await anna.add(trace(START - DAY, START))
  const mailbox = await anna.openMailbox('North Clinic')
  const ask = askOf(north, { from: at(START - DAY), until: at(START) })
  await north.open.reader.ask({ custodian: south.id, mailbox }, ask, north.chain)
  const [pending] = (await anna.collect()).requests
  if (pending === undefined) throw new Error('no request arrived')
  return { place, south, north, anna, request: pending.request, id: pending.id }
}

describe('a grant', () => {
  for (const who of ['south', 'north'] as const) {
    it.concurrent(`is on the ledger and with the others while the ${who === 'south' ? 'custodian' : 'reader'} is silent`, async () => {
      const s = await asked()
      const hanging: House = s[who]
      const other: House = who === 'south' ? s.north : s.south
      s.place.silent.add(hanging.id)
      s.place.patience = 300
      const before = s.place.wire.length
      const making = s.anna.grant(s.request)
      // The backup at a silent custodian waits for its patience to end; the grant itself does not.
      const handed = (house: House) =>
        s.place.wire
          .slice(before)
          .some(
            (message) => message.to === house.id && message.type === 'grant' && message.answer !== undefined,
          )
      await expect
        .poll(() => handed(other) && s.anna.memory.now.outbox.length === 1, { timeout: 120_000 })
        .toBe(true)
      expect(handed(other)).toBe(true)
      expect(handed(hanging)).toBe(false)
      const [grant] = s.anna.memory.now.grants
      if (grant === undefined) throw new Error('no grant was made')
      const { consentId, signer } = grant.handOver
      expect((await s.north.chain.consentState(consentId, signer)).state).toBe('ACTIVE')
      expect(s.anna.memory.now.outbox.map(({ to, type }) => [to, type])).toEqual([[hanging.id, 'grant']])
      await making
      s.place.silent.clear()
      // What waited is delivered later, and the reader reads.
      await s.anna.settle()
      expect(s.anna.memory.now.outbox).toEqual([])
      expect((await s.north.open.reader.read(consentId)).records.length).toBe(288)
    })
  }
})

describe('a grant that nobody hears', () => {
  it('is kept, not asked for again, and handed over once when they are back', async () => {
    const s = await asked()
    const members = (await s.north.chain.members()).map(({ id }) => id)
    for (const id of members) s.place.silent.add(id)
    s.place.patience = 50
    await expect(s.anna.grant(s.request, {}, { requestId: s.id })).rejects.toMatchObject({
      code: 'PEER_SILENT',
    })
    expect(s.anna.memory.now.grants.map(({ status, answers }) => [status, answers])).toEqual([
      ['signed', s.id],
    ])
    s.place.silent.clear()
    s.place.patience = 60_000
    expect((await s.anna.collect()).requests).toEqual([])
    await s.anna.settle()
    expect(s.anna.memory.now.grants.map(({ status, answers }) => [status, answers])).toEqual([
      ['active', undefined],
    ])
    // Dropped at the custodian too.
    expect((await s.anna.collect()).requests).toEqual([])
    expect(s.north.open.reader.grants()).toHaveLength(1)
  })
})

describe('a silent custodian', () => {
  it('is given up on with a code by whatever waits for its answer, and answers again later', async () => {
    const s = await asked()
    s.place.silent.add(s.south.id)
    s.place.patience = 300
    const silent = { code: 'PEER_SILENT', facts: { milliseconds: 300 } }
    const ben = await s.place.patient('ben')
    await Promise.all([
      expect(ben.enrol(s.south.id)).rejects.toMatchObject(silent),
      expect(s.anna.openMailbox('East Lab')).rejects.toMatchObject(silent),
      expect(s.anna.backUp()).rejects.toMatchObject(silent),
      expect(s.anna.collect()).rejects.toMatchObject(silent),
      expect(s.anna.accesses()).rejects.toMatchObject(silent),
      expect(s.anna.decline('a'.repeat(32))).rejects.toMatchObject(silent),
    ])
    s.place.silent.clear()
    await ben.enrol(s.south.id)
    await s.anna.openMailbox('East Lab')
  })
})
