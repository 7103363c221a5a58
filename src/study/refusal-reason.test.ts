import { expect, test } from 'vitest'
import { hash32, type InstitutionId, institutionId, quantity, type UnixSeconds } from '../vocabulary/index.ts'
import { type RefusableAct, type RefusalReason, refusalReason } from './refusal-reason.ts'
import { type RoundAct, roundAct } from './round-act.ts'
import type { LedgerRound } from './study-chain.ts'

const at = (seconds: number): UnixSeconds => quantity<UnixSeconds>(seconds)
const site = (digit: string) => institutionId(`0x${digit.repeat(64)}`)
const [own, other, stranger] = [site('1'), site('2'), site('3')]
const DEADLINE = 100

function round(differs: Partial<LedgerRound>): LedgerRound {
  return {
    study: hash32(`0x${'5'.repeat(64)}`),
    round: 1,
    phase: 'COHORTS',
    planVersion: 1,
    base: 0,
    openedAt: at(40),
    openedBlock: 7,
    deadline: at(DEADLINE),
    expected: [own, other],
    cohorts: [],
    committed: [],
    survivors: [],
    voided: [],
    attested: [],
    ...differs,
  }
}

test.each<[RefusableAct, InstitutionId, Partial<LedgerRound>, number, boolean, RefusalReason, string]>([
  ['freeze', stranger, {}, 50, true, 'NOT_A_SITE', 'a foreign site'],
  ['freeze', own, {}, 50, false, 'STUDY_NOT_RUNNING', 'the study was closed'],
  ['commit', own, {}, 50, true, 'WRONG_PHASE', 'too early'],
  ['freeze', own, { phase: 'FINAL' }, 50, true, 'WRONG_PHASE', 'too late'],
  ['freeze', own, {}, 101, true, 'DEADLINE_PASSED', 'after the deadline'],
  ['freeze', own, { voided: [own] }, 50, true, 'TOOK_ITSELF_OUT', 'after voiding'],
  ['freeze', own, { cohorts: [own] }, 50, true, 'ALREADY_DONE', 'twice'],
  ['commit', own, { phase: 'COMMITMENTS' }, 50, true, 'NO_COHORT_ROOT', 'without a root'],
  ['reveal', own, { phase: 'REVEALS' }, 50, true, 'NO_COMMITMENT', 'without a commitment'],
  [
    'reveal',
    own,
    { phase: 'REVEALS', committed: [own], survivors: [own] },
    50,
    true,
    'ALREADY_DONE',
    'twice',
  ],
  ['attest', own, { phase: 'ATTESTATIONS', attested: [own] }, 50, true, 'ALREADY_DONE', 'twice'],
  ['freeze', own, {}, 50, true, 'UNKNOWN', 'nothing in the record stands against it'],
  ['end-step', own, {}, 100, true, 'STEP_UNFINISHED', 'at the deadline itself'],
  ['end-step', own, { phase: 'FAILED' }, 101, true, 'WRONG_PHASE', 'the round is over'],
])('%s is refused with its reason (%#)', (act, who, differs, now, isRunning, reason, _why) => {
  expect(refusalReason(act, round(differs), who, at(now), isRunning)).toBe(reason)
})

test.each<[Partial<LedgerRound>, number, RoundAct, string]>([
  [{}, 50, { do: 'freeze' }, 'own turn'],
  [{ cohorts: [own] }, 50, { do: 'wait', awaited: [other], until: at(DEADLINE) }, 'the other is awaited'],
  [{ cohorts: [own] }, 101, { do: 'end-step' }, 'overdue'],
  [
    { phase: 'COMMITMENTS', cohorts: [own, other], voided: [own] },
    50,
    { do: 'wait', awaited: [other], until: at(DEADLINE) },
    'out by its own word',
  ],
  [
    { phase: 'COMMITMENTS', cohorts: [other] },
    50,
    { do: 'wait', awaited: [other], until: at(DEADLINE) },
    'no root, no commitment',
  ],
  [{ phase: 'REVEALS', committed: [own] }, 100, { do: 'reveal' }, 'at the deadline itself'],
  [{ phase: 'ATTESTATIONS', voided: [own] }, 50, { do: 'attest' }, 'who voided still attests'],
  [{ phase: 'FINAL' }, 101, { do: 'rest' }, 'over'],
])('what is next follows from the record alone (%#)', (differs, now, act, _why) => {
  expect(roundAct(round(differs), own, at(now))).toEqual(act)
})
