/**
 * Why the ledger refused an act in a round, told from the round's record: its receipts carry no reason.
 *
 * Law: the reasons come in the order in which the contract checks them (contracts/src/RoundLedger.sol); what the record
 * does not show is `UNKNOWN`, never a guess.
 */
import type { InstitutionId, UnixSeconds } from '../vocabulary/index.ts'
import type { LedgerRound } from './study-chain.ts'

export type RefusalReason =
  | 'ALREADY_DONE'
  | 'DEADLINE_PASSED'
  | 'NO_COHORT_ROOT'
  | 'NO_COMMITMENT'
  | 'NOT_A_SITE'
  | 'STEP_UNFINISHED'
  | 'STUDY_NOT_RUNNING'
  | 'TOOK_ITSELF_OUT'
  | 'UNKNOWN'
  | 'WRONG_PHASE'

export type RefusableAct = 'attest' | 'commit' | 'end-step' | 'freeze' | 'reveal'

const PHASES = {
  freeze: 'COHORTS',
  commit: 'COMMITMENTS',
  reveal: 'REVEALS',
  attest: 'ATTESTATIONS',
} as const

/** What stands against an act of a site at an instant, by the round's record and whether the study runs. */
export function refusalReason(
  act: RefusableAct,
  round: LedgerRound,
  own: InstitutionId,
  at: UnixSeconds,
  isRunning: boolean,
): RefusalReason {
  if (act === 'end-step') {
    if (round.phase === 'FINAL' || round.phase === 'FAILED') return 'WRONG_PHASE'
    return at > round.deadline || !isRunning ? 'UNKNOWN' : 'STEP_UNFINISHED'
  }
  if (!round.expected.includes(own)) return 'NOT_A_SITE'
  if (!isRunning) return 'STUDY_NOT_RUNNING'
  if (round.phase !== PHASES[act]) return 'WRONG_PHASE'
  if (at > round.deadline) return 'DEADLINE_PASSED'
  if (act !== 'attest' && round.voided.includes(own)) return 'TOOK_ITSELF_OUT'
  if (act === 'commit' && !round.cohorts.includes(own)) return 'NO_COHORT_ROOT'
  if (act === 'reveal' && !round.committed.includes(own)) return 'NO_COMMITMENT'
  const done = {
    freeze: round.cohorts,
    commit: round.committed,
    reveal: round.survivors,
    attest: round.attested,
  }
  return done[act].includes(own) ? 'ALREADY_DONE' : 'UNKNOWN'
}
