/**
 * Who may do what with a study and a round, in which state: the contracts' law as data.
 *
 * Law: this is test-vectors/study-actions.json, against which forge tries every action × role × state on the
 * contracts; a test holds the two together. The ledger decides; this table only says beforehand what it will say.
 */
import type { RoundPhase, StudyState } from '../ledger/index.ts'

/** Who acts; the words are those of the table in docs/studies.md. */
export const STUDY_ROLES = [
  'applicant',
  'seat',
  'recused',
  'reviewer',
  'site',
  'member',
  'suspended',
  'stranger',
] as const
export type StudyRole = (typeof STUDY_ROLES)[number]

interface Rule<State extends string> {
  readonly by: readonly StudyRole[]
  readonly in: readonly State[]
}

const ALIVE = ['SUBMITTED', 'CONDITIONAL', 'APPROVED', 'OPEN'] as const
const DECIDED = ['CONDITIONAL', 'APPROVED', 'OPEN'] as const
const ADMITTING = ['APPROVED', 'OPEN'] as const

export const STUDY_ACTIONS = {
  amend: { by: ['applicant'], in: ALIVE },
  voteApprove: { by: ['seat'], in: ['SUBMITTED'] },
  voteReject: { by: ['seat'], in: ['SUBMITTED'] },
  voteRenew: { by: ['seat'], in: DECIDED },
  voteRevoke: { by: ['seat'], in: DECIDED },
  recuse: { by: ['seat'], in: ALIVE },
  acceptConditions: { by: ['applicant'], in: ['CONDITIONAL'] },
  approveSite: { by: ['reviewer'], in: ADMITTING },
  leaveStudy: { by: ['site'], in: ADMITTING },
  open: { by: ['applicant'], in: ['APPROVED'] },
  close: { by: ['applicant'], in: ['OPEN'] },
  withdraw: { by: ['applicant'], in: ['SUBMITTED', 'CONDITIONAL', 'APPROVED'] },
} as const satisfies Readonly<Record<string, Rule<StudyState>>>
export type StudyAction = keyof typeof STUDY_ACTIONS

const RUNNING = ['COHORTS', 'COMMITMENTS', 'REVEALS', 'ATTESTATIONS'] as const

export const ROUND_ACTIONS = {
  openRound: { by: ['applicant', 'site'], in: ['NONE', 'FINAL', 'FAILED'] },
  commitCohort: { by: ['site'], in: ['COHORTS'] },
  commitUpdate: { by: ['site'], in: ['COMMITMENTS'] },
  reveal: { by: ['site'], in: ['REVEALS'] },
  voidContribution: { by: ['site'], in: ['COHORTS', 'COMMITMENTS', 'REVEALS'] },
  attest: { by: ['site'], in: ['ATTESTATIONS'] },
  endStep: { by: ['applicant', 'site'], in: RUNNING },
  withdrawVersion: { by: ['applicant', 'site'], in: ['FINAL'] },
  recordResult: { by: ['applicant', 'site'], in: ['FINAL'] },
} as const satisfies Readonly<Record<string, Rule<RoundPhase>>>
export type RoundAction = keyof typeof ROUND_ACTIONS

/** Whether the ledger takes an action on a study from a role in a state. */
export function mayAct(action: StudyAction, role: StudyRole, state: StudyState): boolean {
  return allows(STUDY_ACTIONS[action], role, state)
}

/** Whether the ledger takes an action in a round from a role in a phase. */
export function mayActInRound(action: RoundAction, role: StudyRole, phase: RoundPhase): boolean {
  return allows(ROUND_ACTIONS[action], role, phase)
}

function allows<State extends string>(rule: Rule<State>, role: StudyRole, state: State): boolean {
  return rule.by.includes(role) && rule.in.includes(state)
}
