/** No decision makes a dose but a clinician's own, on the proposal that was shown, in time, with a reason, inside the limits. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { memoryShelf } from '../consent/index.ts'
import { signer } from '../identity/index.ts'
import { nodeEd25519 } from '../identity/node-signer.door.ts'
import { type DoseLimits, type Proposal, proposalDigest } from '../learning/index.ts'
import { hpkeKeyPair } from '../vault/index.ts'
import {
  consentId,
  hash32,
  type InsulinUnits,
  isIsletError,
  type MgPerDl,
  quantity,
  toHex,
  type UnixSeconds,
} from '../vocabulary/index.ts'
import { DECISION_SECONDS, doseDecided } from './dose-decision.ts'
import { decisionBook } from './sealed-book.ts'
import { type DoseDecision, signDecision } from './signed-decision.ts'
import type { StaffMember } from './staff.ts'

const NOW = quantity<UnixSeconds>(1_788_220_800)
const units = (value: number) => quantity<InsulinUnits>(value)
const mgdl = (value: number) => quantity<MgPerDl>(value)

const LIMITS: DoseLimits = {
  mostUnits: units(15),
  mostOnBoard: units(20),
  share: 0.25,
  correctFrom: mgdl(100),
  fallingRate: -1,
  lowGlucose: mgdl(70),
  increment: units(0.1),
}
const PROPOSAL: Proposal = {
  state: 'unsigned',
  units: units(4.5),
  formulaUnits: units(5),
  formula: { meal: units(6), correction: units(1), onBoard: units(7), total: units(5) },
  factor: 0.9,
  choice: 'LESS_AGAINST_LOW',
  cut: 'NONE',
  later: mgdl(130),
  lowest: mgdl(84),
  reasons: [],
  explanation: { of: 'lowest', base: 90, effects: [-6], ownMeals: 0 },
  mealsSeen: 9,
  model: 'ab'.repeat(32),
  at: NOW,
}
const own = signer(new Uint8Array(32).fill(7), nodeEd25519)
const OKAFOR: StaffMember = {
  handle: 'dr-okafor',
  name: 'Dr Okafor',
  key: hash32(toHex(own.publicKey)),
  duty: 'clinician',
}
const BODY: DoseDecision['body'] = {
  consentId: consentId(`0x${'c0'.repeat(32)}`),
  proposal: hash32(`0x${proposalDigest(PROPOSAL)}`),
  verdict: 'accepted',
  units: 4.5,
  reason: '',
  at: quantity<UnixSeconds>(NOW + 30),
}
const GROUND = {
  proposal: PROPOSAL,
  limits: LIMITS,
  clinician: OKAFOR,
  at: quantity<UnixSeconds>(NOW + 31),
  ed: nodeEd25519,
}
const signed = (body: Partial<DoseDecision['body']> = {}) => signDecision({ ...BODY, ...body }, own)

async function outcome(decision: DoseDecision, ground: Partial<typeof GROUND> = {}) {
  try {
    return (await doseDecided(decision, { ...GROUND, ...ground }))?.units ?? 'NO_DOSE'
  } catch (error) {
    if (isIsletError(error)) return error.code
    throw error
  }
}

describe('a decision', () => {
  test.each<readonly [Partial<DoseDecision['body']>, number | string, string]>([
    [{}, 4.5, 'accepted as proposed'],
    [{ verdict: 'changed', units: 4, reason: 'exercise later' }, 4, 'changed, with a reason'],
    [{ verdict: 'rejected', units: null, reason: 'is ill today' }, 'NO_DOSE', 'rejected, with a reason'],
    [{ verdict: 'accepted', units: 5 }, 'DECISION_UNSOUND', 'accepted with other units'],
    [{ verdict: 'changed', units: 4.5, reason: 'no change' }, 'DECISION_UNSOUND', 'changed into the same'],
    [{ verdict: 'changed', units: null, reason: 'no units' }, 'DECISION_UNSOUND', 'changed into nothing'],
    [{ verdict: 'rejected', units: 4.5, reason: 'and given' }, 'DECISION_UNSOUND', 'rejected with units'],
    [{ verdict: 'changed', units: 4.05, reason: 'too fine' }, 'DECISION_UNSOUND', 'finer than the pen'],
    [{ verdict: 'changed', units: 15.1, reason: 'too much' }, 'DECISION_UNSOUND', 'above the largest dose'],
    [
      { verdict: 'changed', units: 13.1, reason: 'too much' },
      'DECISION_UNSOUND',
      'too much with insulin on board',
    ],
    [{ verdict: 'changed', units: 4, reason: '  ' }, 'REASON_MISSING', 'changed without a reason'],
    [{ verdict: 'rejected', units: null }, 'REASON_MISSING', 'rejected without a reason'],
    [{ proposal: hash32(`0x${'00'.repeat(32)}`) }, 'PROPOSAL_CHANGED', 'on another proposal'],
    [{ at: quantity<UnixSeconds>(NOW - 1) }, 'PROPOSAL_OLD', 'before the proposal'],
    [{ at: quantity<UnixSeconds>(NOW + 100) }, 'PROPOSAL_OLD', 'in the future'],
  ])('%j gives %s: %s', async (body, expected) => {
    expect(await outcome(signed(body))).toBe(expected)
  })

  test.each<readonly [Partial<typeof GROUND>, number | string, string]>([
    [{ clinician: { ...OKAFOR, duty: 'duty-officer' as const } }, 'NOT_ON_DUTY', 'of no clinician'],
    [{ clinician: { ...OKAFOR, key: BODY.proposal } }, 'SIGNATURE_REFUSED', 'with somebody else’s key'],
    [
      { proposal: { ...PROPOSAL, units: units(4.4) } },
      'PROPOSAL_CHANGED',
      'when the proposal was changed since',
    ],
    [{ at: quantity<UnixSeconds>(NOW + DECISION_SECONDS) }, 4.5, 'ten minutes after'],
    [{ at: quantity<UnixSeconds>(NOW + DECISION_SECONDS + 1) }, 'PROPOSAL_OLD', 'later'],
  ])('%j: %s: %s', async (ground, expected) => {
    expect(await outcome(signed(), ground)).toBe(expected)
  })

  test('in which any member was changed after it was signed makes nothing', async () => {
    const other = { consentId: hash32(`0x${'c1'.repeat(32)}`), units: 4, reason: 'other', verdict: 'changed' }
    for (const [name, value] of Object.entries(other)) {
      const forged = { ...signed(), body: { ...signed().body, [name]: value } }
      expect(await outcome(forged), name).toBe('SIGNATURE_REFUSED')
    }
  })

  test('whatever units a clinician signs, a dose lies inside the hard limits', async () => {
    let given = 0
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 0, max: 1000 }), async (tenths) => {
        const made = await outcome(signed({ verdict: 'changed', units: tenths / 10, reason: 'as I judge' }))
        if (typeof made !== 'number') return
        given++
        expect(made).toBeLessThanOrEqual(LIMITS.mostUnits)
        expect(made + PROPOSAL.formula.onBoard).toBeLessThanOrEqual(LIMITS.mostOnBoard)
      }),
      { numRuns: 60 },
    )
    expect(given).toBeGreaterThan(0)
  })
})

test('a decision is kept sealed, and opens to the institution that keeps it alone', async () => {
  const shelf = memoryShelf()
  const keys = hpkeKeyPair(new Uint8Array(32).fill(9))
  const decision = signed({ verdict: 'rejected', units: null, reason: 'is ill today' })
  await decisionBook(shelf, keys).keep(BODY.proposal, decision)
  expect(await decisionBook(shelf, keys).of(BODY.consentId)).toEqual([
    { analysis: BODY.proposal, signed: decision },
  ])
  for (const name of await shelf.list('')) {
    expect(Buffer.from((await shelf.get(name)) ?? []).includes('ill today')).toBe(false)
  }
  const other = hpkeKeyPair(new Uint8Array(32).fill(8))
  await expect(decisionBook(shelf, other).of(BODY.consentId)).rejects.toMatchObject({
    code: 'SEALED_OTHERWISE',
  })
})
