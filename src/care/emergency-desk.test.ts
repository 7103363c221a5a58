/** Breaking the glass takes two institutions, a reason, and leaves a trace at each of them and on the ledger. */
import { beforeAll, describe, expect, it } from 'vitest'
import { callHash } from '../consent/emergency.ts'
import { memoryShelf } from '../consent/index.ts'
import { codeOf, granted, type Scene, scene } from '../consent/testing/scene.ts'
import { at, DAY, type House, START } from '../consent/testing/town.ts'
import { signer } from '../identity/index.ts'
import { nodeEd25519 } from '../identity/node-signer.door.ts'
import { nodeCrypto } from '../vault/node-cipher.door.ts'
import { type ConsentId, type Hash32, hash32, type Json, toBase64Url, toHex } from '../vocabulary/index.ts'
import { type EmergencyDesk, openEmergencyDesk } from './emergency-desk.ts'
import { signFinding, signQuestion, signReview } from './signed-review.ts'
import type { StaffMember } from './staff.ts'

const REASON = 'found unconscious, no one with them'
const LEE: StaffMember = {
  handle: 'dr-lee',
  name: 'Dr Lee',
  key: hash32(`0x${'11'.repeat(32)}`),
  duty: 'clinician',
}
const seat = signer(new Uint8Array(32).fill(5), nodeEd25519)
const SEAT: StaffMember = {
  handle: 'seat',
  name: 'Seat of North',
  key: hash32(toHex(seat.publicKey)),
  duty: 'committee',
}
const NOTE = 'the patient could have been asked'
const OFFICER: StaffMember = { ...LEE, handle: 'duty', name: 'Duty Officer', duty: 'duty-officer' }

describe('an emergency', () => {
  let s: Scene
  let id: ConsentId
  let north: EmergencyDesk
  let east: EmergencyDesk
  /** Entries that East has written on its own log. */
  const released: Json[] = []

  const deskOf = (house: House, send = s.place.send): Promise<EmergencyDesk> =>
    openEmergencyDesk({
      own: house.id,
      signer: house.keys.message,
      ed: nodeEd25519,
      crypto: nodeCrypto,
      chain: house.chain,
      shelf: house.shelf,
      clock: () => at(s.place.now),
      send,
      hpke: house.keys.hpke,
      reader: house.open.reader,
      results: house.open.results,
      log: {
        append: async (entry) => {
          released.push(entry.sealed)
          return { index: 0 }
        },
      },
    })

  beforeAll(async () => {
    s = await scene()
    const { publicKey } = s.east.keys.hpke
    const second = { institution: s.east.id, name: s.east.name, hpkeKey: toBase64Url(publicKey) }
    const window = { from: at(START - 3 * DAY), until: at(START), expiresAt: at(START + 30 * DAY) }
    id = await granted(s, s.north, {
      ...window,
      subject: { type: 'institution' },
      purposes: ['ETREAT'],
      second,
    })
    east = await deskOf(s.east)
    north = await deskOf(s.north, async (_, type, body) => {
      expect(type).toBe('emergency-call')
      return JSON.parse(JSON.stringify(await east.hear(JSON.parse(JSON.stringify(body)))))
    })
  })

  it('is called by a clinician, with a reason, for what was sealed beforehand', async () => {
    expect(await codeOf(north.call(id, OFFICER, REASON))).toBe('NOT_ON_DUTY')
    expect(await codeOf(north.call(id, LEE, 'soon'))).toBe('REASON_MISSING')
    const plain = await granted(s, s.north, { from: at(START - DAY), until: at(START) })
    expect(await codeOf(north.call(plain, LEE, REASON))).toBe('NOT_AN_EMERGENCY_GRANT')
    expect(north.calls()).toEqual([])
  })

  it('opens nothing before the second released it, and nothing once the second declined', async () => {
    const call = await north.call(id, LEE, REASON)
    expect((await north.follow(call)).state).toBe('waiting')
    expect(await codeOf(north.open(call, LEE))).toBe('CALL_NOT_RELEASED')
    expect(await codeOf(east.answer(call, LEE, 'release'))).toBe('NOT_ON_DUTY')
    await east.answer(call, OFFICER, 'decline')
    expect((await north.follow(call)).state).toBe('declined')
    expect(await codeOf(north.open(call, LEE))).toBe('CALL_NOT_RELEASED')
    expect(await codeOf(east.answer(call, OFFICER, 'release'))).toBe('CALL_ANSWERED')
    expect(released).toEqual([])
  })

  it('opens once released, and stands on three logs, in the slot of an anchor, and with the patient', async () => {
    const call = await north.call(id, LEE, REASON)
    await north.follow(call)
    await east.answer(call, OFFICER, 'release')
    expect(released).toMatchObject([{ call: { body: { reason: REASON } }, person: { name: 'Duty Officer' } }])
    expect((await north.follow(call)).state).toBe('released')
    expect((await north.open(call, LEE)).records.length).toBe(3 * 288)

    const [access] = (await s.anna.accesses()).filter(({ clear }) => clear.action === 'read')
    expect(access?.details).toMatchObject({
      purpose: 'ETREAT',
      emergency: { call: { body: { reason: REASON } } },
    })
    const [told] = (await s.anna.collect()).results
    expect(told?.body.activity).toBe('Emergency envelope opened')
    const opened = north.calls().find(([hash]) => hash === call)?.[1]
    expect(opened?.analysis).toBe(told?.body.analysis)
    s.place.now += 3_700
    await s.north.open.tick(true)
    const proof = await s.north.open.results.proof(opened?.analysis ?? call)
    expect(proof.proof?.block).toBeGreaterThan(0)
    // The ledger has none of it in clear.
    const shown = JSON.stringify(s.place.chain.publicRecord, (_, value) =>
      typeof value === 'bigint' ? String(value) : value,
    )
    expect(shown).not.toContain('unconscious')
  })

  it('is reviewed by the patient, once, and by nobody else, at both institutions', async () => {
    const call = lastCall(north)
    const body = { call, verdict: 'questioned', note: 'I was awake', at: at(s.place.now) } as const
    const review = signReview(body, s.place.keysOf('anna').identity)
    for (const { reviews } of [north, east]) {
      expect(await codeOf(reviews.review(signReview(body, s.north.keys.message)))).toBe('SIGNATURE_REFUSED')
      await reviews.review(review)
      expect(await codeOf(reviews.review(review))).toBe('CALL_REVIEWED')
    }
    expect(north.calls().find(([hash]) => hash === call)?.[1].review).toEqual(review)
  })

  it('waits for a review until a named person who took no part closes it, with a reason, once', async () => {
    const call = lastCall(north)
    const found = (note: string, by = seat) =>
      signFinding({ call, verdict: 'unjustified', note, at: at(s.place.now) }, by)
    const open = (desk: EmergencyDesk) =>
      desk.reviews.queue().filter(({ page }) => page.finding === undefined)
    // What was declined left no trace of a release, so there is nothing to review of it.
    expect([north, east].map((desk) => open(desk).map(({ hash, part }) => [hash, part]))).toEqual([
      [[call, 'reader']],
      [[call, 'second']],
    ])
    expect(await codeOf(north.reviews.find(found(NOTE), undefined))).toBe('NOT_ON_DUTY')
    expect(await codeOf(north.reviews.find(found(NOTE), LEE))).toBe('NOT_ON_DUTY')
    expect(await codeOf(north.reviews.find(found(NOTE, s.north.keys.message), SEAT))).toBe(
      'SIGNATURE_REFUSED',
    )
    expect(await codeOf(north.reviews.find(found('no'), SEAT))).toBe('REASON_MISSING')
    const caller = { ...SEAT, handle: LEE.handle }
    expect(await codeOf(north.reviews.find(found(NOTE), caller))).toBe('REVIEWER_TOOK_PART')
    const releaser = { ...SEAT, handle: OFFICER.handle }
    expect(await codeOf(east.reviews.find(found(NOTE), releaser))).toBe('REVIEWER_TOOK_PART')
    const declined = north.calls().find(([, { state }]) => state === 'declined')?.[0] ?? never()
    const other = signFinding({ ...found(NOTE).body, call: declined }, seat)
    expect(await codeOf(north.reviews.find(other, SEAT))).toBe('NOTHING_TO_REVIEW')
    expect(open(north)).toHaveLength(1)
    await north.reviews.find(found(NOTE), SEAT)
    expect(open(north)).toEqual([])
    expect(await codeOf(north.reviews.find(found('another thought of it'), SEAT))).toBe('CALL_REVIEWED')
    expect(open(east)).toHaveLength(1)
  })

  it('is accounted for to its patient alone: who, why, what was read, what was found', async () => {
    const call = lastCall(north)
    const ask = (by = s.place.keysOf('anna').identity, from = s.place.now) =>
      north.reviews.account(signQuestion({ call, at: at(from) }, by))
    const refused = async (work: () => unknown) => codeOf((async () => work())())
    expect(await refused(() => ask(s.north.keys.message))).toBe('SIGNATURE_REFUSED')
    expect(await refused(() => ask(undefined, s.place.now - 301))).toBe('QUESTION_OLD')
    const { part, page } = ask()
    expect(part).toBe('reader')
    expect(page).toMatchObject({
      call: { body: { reason: REASON, person: { name: 'Dr Lee' } } },
      release: { body: { person: { name: 'Duty Officer' } } },
      reads: [{ hours: 72 }],
      review: { body: { verdict: 'questioned' } },
      finding: { reviewer: 'Seat of North', signed: { body: { verdict: 'unjustified', note: NOTE } } },
    })
  })

  it('is refused by the second for another second, another reader’s key, an old call, or a stopped consent', async () => {
    const grant = s.north.open.reader.grants().find(({ consentId }) => consentId === id)
    const call = north.calls().find(([hash]) => hash === lastCall(north))?.[1].call
    if (grant === undefined || call === undefined) throw new Error('no call was made')
    const readerKey = toBase64Url(s.north.keys.hpke.publicKey)
    const south = await deskOf(s.south)
    expect(await codeOf(south.hear({ call, handOver: grant, readerKey }))).toBe('CALL_REFUSED')
    // East with an empty memory.
    const fresh = await deskOf({ ...s.east, shelf: memoryShelf() })
    const other = toBase64Url(s.south.keys.hpke.publicKey)
    expect(await codeOf(fresh.hear({ call, handOver: grant, readerKey: other }))).toBe('CALL_REFUSED')
    expect(await codeOf(fresh.hear({ call, handOver: grant, readerKey }))).toBe('CALL_OVER')
    const again = await north.call(id, LEE, REASON)
    await north.follow(again)
    await s.anna.revoke(id)
    expect(await codeOf(east.answer(again, OFFICER, 'release'))).toBe('CALL_REFUSED')
  })

  it('is remembered across a restart', async () => {
    const anew = await deskOf(s.north)
    expect(anew.calls().length).toBe(north.calls().length)
    expect(callHash(anew.calls()[0]?.[1].call ?? never(), nodeCrypto.hasher)).toBe(anew.calls()[0]?.[0])
  })
})

function lastCall(desk: EmergencyDesk): Hash32 {
  const opened = desk.calls().find(([, { state }]) => state === 'opened')
  return opened?.[0] ?? never()
}

function never(): never {
  throw new Error('there is none')
}
