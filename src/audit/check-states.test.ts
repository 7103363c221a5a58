import { describe, expect, test } from 'vitest'
import { CONSORTIUM_PLACES, ConsentsTold, eventsOf, type ToldConsent } from '../finality/index.ts'
import { nobleEd25519 } from '../identity/index.ts'
import { CONSORTIUM_CONTRACTS } from '../ledger/consortium.door.ts'
import { founderOf } from '../ledger/testing/fixtures.ts'
import { nobleHasher } from '../vault/index.ts'
import {
  type ConsentId,
  fromBase64Url,
  fromHex,
  type InstitutionId,
  quantity,
  type UnixSeconds,
} from '../vocabulary/index.ts'
import { eventOf, hexWord, uintWord } from './abi-words.ts'
import { checkFacts } from './check-facts.ts'
import { checkStates } from './check-states.ts'
import { Findings } from './finding.ts'
import { LedgerHistory } from './history.ts'
import { FINALITY_CRYPTO } from './node-finality.ts'
import { type CapturedState, checked, headerAt, vectors, withProof } from './testing/captured-consortium.ts'

const [store, ...words] = vectors.states
const MEMBERS = ['north', 'south', 'east', 'west', 'mill'].map(founderOf)
/** Places of lines: the proof of absence is the longest, of a member without a seat; consents come last. */
const ABSENT = words.findIndex(({ proof = '' }) => proof.length > 1_000)
const CONSENT = words.length - 1

/** The states with one line changed. */
function changed(place: number, change: (state: CapturedState) => CapturedState | object): readonly object[] {
  return [store!, ...words.map((one, at) => (at === place ? change(one) : one))]
}

/** A proof with one byte changed that stands so far from its end. */
const flipped = (fromEnd: number) => (state: CapturedState) =>
  withProof(state, (proof) => proof.with(proof.length - fromEnd, proof.at(-fromEnd)! ^ 1))

const DOORS = [
  { door: 'Node’s ciphers', crypto: FINALITY_CRYPTO },
  { door: 'a browser’s', crypto: { hasher: nobleHasher, verify: nobleEd25519.verify } },
]

/** What is found in states under a header, beside consents that events told of. */
async function found(
  states: readonly object[],
  crypto = FINALITY_CRYPTO,
  { end = headerAt(vectors.commits.length), consents = told() } = {},
) {
  const findings = new Findings()
  async function* lines() {
    yield* states.map((one) => JSON.stringify(one))
  }
  const facts = await checkStates({ lines: lines(), end, consents }, crypto, findings)
  return { facts, list: findings.list, codes: findings.list.map(({ code }) => code) }
}

/** The consents that the captured blocks tell of. */
function told(): ReadonlyMap<ConsentId, ToldConsent> {
  const consents = new ConsentsTold(CONSORTIUM_PLACES.consents)
  for (const { outcomes } of vectors.commits) {
    for (const one of outcomes) consents.take(eventsOf({ ...one, data: fromBase64Url(one.data) }))
  }
  return consents.all
}

test.each(DOORS)('what contracts hold is proved from a believed block, by $door', async ({ crypto }) => {
  const { found: nothing, vouched, facts } = await checked({}, crypto)
  expect({ nothing, vouched }).toEqual({ nothing: [], vouched: true })
  expect(facts?.members.map(({ id, active }) => ({ id, active }))).toEqual(
    MEMBERS.map(({ id }) => ({ id, active: true })),
  )
  expect(facts?.members.map(({ ledgerKey }) => ledgerKey)).toEqual(MEMBERS.map(({ ledgerKey }) => ledgerKey))
  expect(facts?.members.map(({ messageKey }) => messageKey)).toEqual(
    MEMBERS.map(({ messageKey }) => messageKey),
  )
  expect(facts?.seats).toBe(4)
  const standings = [...(facts?.consents.values() ?? [])].map(({ state }) => state)
  expect(standings.toSorted()).toEqual(['active', 'active', 'revoked'])
  expect(ABSENT).toBeGreaterThan(0)
})

describe.each(DOORS)('proofs are refused by $door', ({ crypto }) => {
  test.each<{ what: string; states: readonly object[]; code: string; why: string }>([
    {
      what: 'a value changed',
      states: changed(CONSENT, (state) =>
        withProof(state, (proof) => {
          // The word follows the key of 53 bytes, its own field's two bytes behind it.
          const at = proof.findIndex((byte, i) => byte === 0x12 && proof[i + 1] === 32)
          return proof.with(at + 2 + 31, proof[at + 2 + 31]! ^ 3)
        }),
      ),
      code: 'STATE_REFUSED',
      why: 'STATE_DIFFERS',
    },
    {
      what: 'a place changed',
      states: changed(CONSENT, (state) => ({ ...state, slot: words[0]!.slot })),
      code: 'STATE_REFUSED',
      why: 'PLACE_DIFFERS',
    },
    {
      what: 'a step of the tree changed',
      states: changed(CONSENT, flipped(3)),
      code: 'STATE_REFUSED',
      why: 'STATE_DIFFERS',
    },
    {
      what: 'the store of another block',
      states: [{ store: store!.store!.replace(/.{4}$/, 'AAAA') }, ...words],
      code: 'STATE_REFUSED',
      why: '',
    },
    {
      what: 'absence claimed of what stands there',
      states: changed(CONSENT, (state) => ({ ...state, proof: words[ABSENT]!.proof })),
      code: 'STATE_REFUSED',
      why: 'PLACE_DIFFERS',
    },
    {
      what: 'presence claimed of what does not stand there',
      states: changed(ABSENT, (state) => ({ ...state, proof: words[ABSENT - 1]!.proof })),
      code: 'STATE_REFUSED',
      why: 'PLACE_DIFFERS',
    },
    {
      what: 'a consent’s proof left out',
      states: [store!, ...words.slice(0, -1)],
      code: 'STATES_MISSING',
      why: '',
    },
    {
      what: 'a member’s proof left out',
      states: [store!, ...words.slice(1)],
      code: 'STATES_MISSING',
      why: '',
    },
    {
      what: 'the proof of absence left out',
      states: [store!, ...words.filter((_, at) => at !== ABSENT)],
      code: 'STATES_MISSING',
      why: '',
    },
    { what: 'all left out', states: [], code: 'STATES_MISSING', why: '' },
    { what: 'no document', states: changed(2, () => ({})), code: 'DOCUMENT_MALFORMED', why: '' },
    {
      what: 'bytes that are no proof',
      states: changed(2, (state) => ({ ...state, proof: 'AAAA' })),
      code: 'STATE_REFUSED',
      why: 'PROOF_MALFORMED',
    },
  ])('$what: $code $why', async ({ states, code, why }) => {
    const { list, codes, facts } = await found(states, crypto)
    expect(codes).toEqual([code])
    expect(list[0]?.what).toContain(why)
    expect(facts).toBeUndefined()
  })
})

test('a proof of one height is refused under the header of another', async () => {
  const { codes, list } = await found(vectors.states, FINALITY_CRYPTO, { end: headerAt(8) })
  expect(codes).toEqual(['STATE_REFUSED'])
  expect(list[0]?.what).toContain('STATE_DIFFERS')
})

test('seats that the header does not name, and a consent that stands otherwise than its events say, are told', async () => {
  const header = headerAt(vectors.commits.length)
  const seats = { end: { ...header, nextValidatorsHash: header.appHash } }
  expect((await found(vectors.states, FINALITY_CRYPTO, seats)).list[0]).toMatchObject({
    code: 'STATE_DIFFERS',
    what: expect.stringContaining('SEATS_NOT_NEXT'),
  })
  const revoked = (one: ToldConsent): ToldConsent => ({ ...one, standing: { state: 'revoked' } })
  const consents = new Map([...told()].map(([id, one]) => [id, revoked(one)]))
  expect((await found(vectors.states, FINALITY_CRYPTO, { consents })).list[0]).toMatchObject({
    code: 'STATE_DIFFERS',
    what: expect.stringContaining('WORD_DIFFERS'),
  })
})

test('the proof of one consent stays under two kilobytes', () => {
  const bytes = words.slice(-3).map((one) => JSON.stringify(one).length)
  expect(Math.max(...bytes)).toBeLessThan(2_000)
})

test('contracts stand where a genesis puts them, and a manifest that has one elsewhere is wrong', async () => {
  expect(CONSORTIUM_CONTRACTS).toMatchObject(CONSORTIUM_PLACES)
  const { found } = await checked({ consents: CONSORTIUM_PLACES.membership }, FINALITY_CRYPTO)
  expect(found).toEqual(['MANIFEST_WRONG manifest.json'])
})

describe('what was proved beside what was replayed', () => {
  /** A history of these members and of the captured consents. */
  const history = (members = MEMBERS, consents = told()): LedgerHistory => {
    const made = new LedgerHistory({ ...CONSORTIUM_CONTRACTS }, new Findings())
    const block = { height: 1, timestamp: quantity<UnixSeconds>(1) }
    const { membership, consents: at } = CONSORTIUM_CONTRACTS
    for (const { id, ledgerKey, messageKey, hpkeKeyHash, roles } of members) {
      const data = [fromHex(messageKey), fromHex(hpkeKeyHash), uintWord(BigInt(roles), 16)]
      const indexed = [fromHex(id), hexWord(ledgerKey)]
      made.add(
        eventOf(membership, 'InstitutionAdded(bytes32,address,bytes32,bytes32,uint16)', indexed, data),
        block,
      )
    }
    for (const [id, { signer, standing }] of consents) {
      const indexed = [fromHex(id), hexWord(signer)]
      const event =
        standing.state === 'active'
          ? eventOf(at, 'Granted(bytes32,address,bytes32,uint32)', indexed, [
              fromHex(id),
              uintWord(BigInt(standing.expiryDay), 32),
            ])
          : eventOf(at, 'Revoked(bytes32,address)', indexed, [])
      made.add(event, block)
    }
    return made
  }
  const suspended = (id: InstitutionId): LedgerHistory => {
    const made = history()
    const event = eventOf(CONSORTIUM_CONTRACTS.membership, 'InstitutionSuspended(bytes32)', [fromHex(id)], [])
    made.add(event, { height: 2, timestamp: quantity<UnixSeconds>(2) })
    return made
  }
  const [first, ...others] = [...told()]

  test.each<{ what: string; replayed: LedgerHistory; differs: readonly string[] }>([
    { what: 'the same', replayed: history(), differs: [] },
    { what: 'a member less', replayed: history(MEMBERS.slice(1)), differs: ['other members', 'member'] },
    { what: 'a suspended member', replayed: suspended(MEMBERS[4]!.id), differs: ['member'] },
    {
      what: 'another message key',
      replayed: history(MEMBERS.map((one) => ({ ...one, messageKey: one.hpkeKeyHash }))),
      differs: MEMBERS.map(() => 'member'),
    },
    {
      what: 'a consent less',
      replayed: history(MEMBERS, new Map(others)),
      differs: ['other consents', 'consent'],
    },
    {
      what: 'a consent that stands otherwise',
      replayed: history(
        MEMBERS,
        new Map([...others, [first![0], { ...first![1], standing: { state: 'active', expiryDay: 1 } }]]),
      ),
      differs: ['consent'],
    },
  ])('$what: $differs', async ({ replayed, differs }) => {
    const { facts } = await found(vectors.states)
    const findings = new Findings()
    checkFacts(facts!, replayed, 8, findings)
    expect(findings.list.map(({ code }) => code)).toEqual(differs.map(() => 'STATE_DIFFERS'))
    for (const [at, word] of differs.entries()) expect(findings.list[at]?.what).toContain(word)
  })
})
