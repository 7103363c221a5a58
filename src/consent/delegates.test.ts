import { describe, expect, it } from 'vitest'
import { nodeEd25519 } from '../identity/node-signer.door.ts'
import { nodeCrypto } from '../vault/node-cipher.door.ts'
import { hourOf, isIsletError } from '../vocabulary/index.ts'
import { type DelegateAgent, openDelegateAgent } from './delegate-agent.ts'
import { memoryShelf } from './shelf.ts'
import { askOf, at, DAY, HOUR, type House, START, type Town, town, trace } from './testing/town.ts'

async function codeOf(work: Promise<unknown>): Promise<string> {
  try {
    await work
  } catch (error) {
    if (isIsletError(error)) return error.code
    throw error
  }
  return 'NO_ERROR'
}

function delegateOf(place: Town, name: string, house: House): Promise<DelegateAgent> {
  return openDelegateAgent({
    keys: place.keysOf(name),
    ed: nodeEd25519,
    crypto: nodeCrypto,
    chain: house.chain,
    shelf: memoryShelf(),
    clock: () => at(place.now),
    send: place.send,
    house: house.id,
  })
}

/** Anna's mother Mia reads (and, with the right, grants) through South Hospital. */
async function scene(rights: readonly ('read' | 'grant')[], until = START + 100 * DAY) {
  const place = town()
  const south = await place.house('South Hospital')
  const north = await place.house('North Clinic')
  const anna = await place.patient('anna')
  await anna.enrol(south.id)
  await anna.add(trace(START - 5 * DAY, START), { fill: true })
  await south.open.tick(true)
  const mia = await delegateOf(place, 'mia', south)
  const key = place.keysOf('mia').identityKey
  const delegation = await anna.delegate(key, rights, at(until))
  const mailbox = await anna.openMailbox('Mia')
  const ask = askOf(south, {
    from: at(START - 4 * DAY),
    until: at(START + 50 * DAY),
    expiresAt: at(START + 60 * DAY),
    purposes: ['FAMRQT', 'TREAT'],
    subject: { type: 'delegate', key, name: 'Mia' },
    hpkePublicKey: mia.inboxKey,
    card: mia.card('Mia'),
  })
  await south.open.reader.ask({ custodian: south.id, mailbox }, ask, south.chain)
  const [pending] = (await anna.collect()).requests
  const consentId = (await anna.grant(pending!.request, {}, { requestId: pending!.id })).handOver.consentId
  expect(await mia.reader.collectGrants(south.id)).toBe(1)
  return { place, south, north, anna, mia, delegation, consentId, mailbox }
}

const PAST = { first: hourOf(at(START - 4 * DAY)), end: hourOf(at(START)) }

describe('a carer', () => {
  it('reads with keys of their own, by name, and is refused from the moment the patient ends it', async () => {
    const s = await scene(['read'])
    const reading = await s.mia.reader.read(s.consentId, { window: PAST, purpose: 'FAMRQT' })
    expect(reading.records.length).toBe(4 * 288)
    const accesses = (await s.anna.accesses()).filter((access) => access.clear.action === 'read')
    expect(accesses.at(-1)!.details).toMatchObject({
      actor: { type: 'delegate', name: 'Mia' },
      purpose: 'FAMRQT',
    })
    // The institution through which Mia reads holds the hand-over, but neither her key nor her covers.
    expect(await codeOf(s.south.open.reader.read(s.consentId, { window: PAST }))).toBe('READER_MISMATCH')
    expect(await codeOf(s.south.open.reader.covers(s.consentId))).toBe('ENVELOPE_REFUSED')
    await s.anna.dismiss(s.delegation.body.id)
    expect(await codeOf(s.mia.reader.read(s.consentId, { window: PAST }))).toBe('DELEGATION_REVOKED')
  })

  it('may not grant, and is refused when the delegation has run out', async () => {
    const s = await scene(['read'], START + 10 * DAY)
    const guardian = await s.mia.guardian(s.consentId, s.delegation)
    const mailbox = await s.anna.openMailbox('North Clinic')
    const ask = askOf(s.north, { from: at(START - DAY), until: at(START) })
    await s.north.open.reader.ask({ custodian: s.south.id, mailbox }, ask, s.north.chain)
    const [pending] = (await s.anna.collect()).requests
    expect(await codeOf(guardian.grant(pending!.request))).toBe('RIGHT_NOT_DELEGATED')
    s.place.now = START + 10 * DAY
    expect(await codeOf(s.mia.reader.read(s.consentId, { window: PAST }))).toBe('DELEGATION_EXPIRED')
  })

  it('cannot be put in a request with another’s key behind the name', async () => {
    const s = await scene(['read'])
    const key = s.place.keysOf('mia').identityKey
    const ask = askOf(s.south, {
      from: at(START - DAY),
      until: at(START),
      subject: { type: 'delegate', key, name: 'Mia' },
      card: s.mia.card('Mia'),
    })
    await s.south.open.reader.ask({ custodian: s.south.id, mailbox: s.mailbox }, ask, s.south.chain)
    const [pending] = (await s.anna.collect()).requests
    expect(await codeOf(s.anna.grant(pending!.request))).toBe('REQUEST_REFUSED')
  })
})

describe('a guardian', () => {
  async function granted(until = START + 100 * DAY) {
    const s = await scene(['read', 'grant'], until)
    const guardian = await s.mia.guardian(s.consentId, s.delegation)
    const mailbox = await s.anna.openMailbox('North Clinic')
    const ask = askOf(s.north, {
      from: at(START - 10 * DAY),
      until: at(START + 5 * DAY),
      expiresAt: at(START + 20 * DAY),
    })
    await s.north.open.reader.ask({ custodian: s.south.id, mailbox }, ask, s.north.chain)
    const [pending] = (await s.anna.collect()).requests
    return { ...s, guardian, request: pending!.request }
  }

  it('grants out of what they hold, and not an hour more', async () => {
    const s = await granted()
    const grant = await s.guardian.grant(s.request)
    const id = grant.handOver.consentId
    const covers = await s.north.open.reader.covers(id)
    // Asked from ten days back; the guardian's own covers begin four days back.
    expect(covers.map((cover) => cover.window.first)).toEqual([PAST.first])
    const reading = await s.north.open.reader.read(id, { window: PAST })
    expect(reading.records.length).toBe(4 * 288)
  })

  it('leaves the patient a stop for it: the patient can always revoke', async () => {
    const s = await granted()
    const id = (await s.guardian.grant(s.request)).handOver.consentId
    await s.anna.collect()
    expect(s.anna.memory.now.byGuardian.map((made) => made.handOver.consentId)).toEqual([id])
    const held = await s.north.open.reader.covers(id)
    expect(await s.anna.revoke(id)).toBe('on-ledger')
    expect(await codeOf(s.north.open.reader.read(id))).toBe('CONSENT_REVOKED')
    await s.anna.add(trace(START, START + HOUR))
    expect(new Set(held.map((cover) => cover.generation))).toEqual(new Set([0]))
    // Mia stays: her next envelope holds the new generation.
    const fresh = { first: hourOf(at(START)), end: hourOf(at(START + HOUR)) }
    expect((await s.mia.reader.read(s.consentId, { window: fresh })).records.length).toBe(12)
  })

  it('revokes what they granted, and hands new generations on to the readers that stay', async () => {
    const s = await granted()
    const id = (await s.guardian.grant(s.request)).handOver.consentId
    await s.anna.renewKeys(['glucose'])
    await s.anna.add(trace(START, START + HOUR))
    const fresh = { first: hourOf(at(START)), end: hourOf(at(START + HOUR)) }
    const before = await s.north.open.reader.read(id, { window: fresh })
    expect(before.chunks.map((chunk) => chunk.code)).toEqual(['NO_KEY'])
    await s.guardian.settle()
    expect((await s.north.open.reader.read(id, { window: fresh })).records.length).toBe(12)
    expect(await s.guardian.revoke(id)).toBe('on-ledger')
    expect(await codeOf(s.north.open.reader.read(id))).toBe('CONSENT_REVOKED')
  })

  it('who revokes starts no keys; the patient’s agent sees the end on the ledger and makes the new ones', async () => {
    const s = await granted()
    const id = (await s.guardian.grant(s.request)).handOver.consentId
    const held = await s.north.open.reader.covers(id)
    await s.anna.collect()
    expect(await s.guardian.revoke(id)).toBe('on-ledger')
    const before = s.place.wire.length
    await s.anna.settle()
    await s.anna.add(trace(START, START + HOUR))
    const fresh = { first: hourOf(at(START)), end: hourOf(at(START + HOUR)) }
    // Mia's own cover was sealed anew; what North Clinic held reaches no further than the generation that ended.
    const reading = await s.mia.reader.read(s.consentId, { window: fresh })
    expect(reading.chunks.map((chunk) => [chunk.place.generation, chunk.records.length])).toEqual([[1, 12]])
    expect(held.map((cover) => cover.generation)).toEqual([0])
    expect(s.anna.memory.now.byGuardian.map((made) => made.ended)).toEqual([true])
    const types = s.place.wire.slice(before).map((message) => message.type)
    expect(types.indexOf('envelope-reseal')).toBeLessThan(types.indexOf('append'))
    // Seen once, done once.
    await s.anna.settle()
    expect(s.anna.memory.now.generations[0]).toBe(1)
  })

  it('seals nothing more for a reader whom the patient stopped', async () => {
    const s = await granted()
    const id = (await s.guardian.grant(s.request)).handOver.consentId
    await s.anna.collect()
    await s.anna.revoke(id)
    await s.guardian.settle()
    const kept = s.north.open.reader.grants().find((grant) => grant.consentId === id)
    expect(kept?.envelope.notice.sequence).toBe(0)
  })

  it('grants nothing that outlasts the delegation: a minor’s grants lapse on the day it names', async () => {
    const s = await granted(START + 10 * DAY)
    expect(await codeOf(s.guardian.grant(s.request))).toBe('GRANT_OUTLASTS_DELEGATION')
    const id = (await s.guardian.grant(s.request, { until: at(START), expiresAt: at(START + 10 * DAY) }))
      .handOver.consentId
    expect((await s.north.open.reader.read(id, { window: PAST })).records.length).toBe(4 * 288)
    s.place.now = START + 10 * DAY
    expect(await codeOf(s.north.open.reader.read(id, { window: PAST }))).toBe('CONSENT_EXPIRED')
  })

  it('whose delegation was ended grants nothing more at the custodian', async () => {
    const s = await granted()
    await s.anna.dismiss(s.delegation.body.id)
    expect(await codeOf(s.guardian.grant(s.request))).toBe('DELEGATION_REVOKED')
  })
})
