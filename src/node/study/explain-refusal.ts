/**
 * Why the ledger refused an act on a study, told from its state and the table of who may do what: receipts carry no reason.
 *
 * Law: what state and table do not show is not guessed; the ledger decided, this only reads it out.
 */
import { STUDY_ACTIONS, type StudyAction } from '../../study/index.ts'
import { type Hash32, IsletError, isIsletError } from '../../vocabulary/index.ts'
import type { StudyDesk } from './study-desk.ts'

/** Which row of the table a call is; votes by their verdict. */
const ROWS: Readonly<Record<string, StudyAction>> = {
  amend: 'amend',
  acceptConditions: 'acceptConditions',
  approveSite: 'approveSite',
  leaveStudy: 'leaveStudy',
  open: 'open',
  close: 'close',
  withdraw: 'withdraw',
  recuse: 'recuse',
}

const OFFICES = {
  applicant: 'the applicant',
  seat: 'a seat of the committee that is not recused (the applicant’s own always is) and has not voted so already',
  reviewer: 'a reviewer of a member’s own site, which has not approved this plan yet',
  site: 'a site of the study',
} as const

/** The refusal with its reason, where there is one to be told; any other error as it is. */
export async function explained(
  { chain }: Pick<StudyDesk, 'chain'>,
  study: Hash32,
  error: unknown,
  vote: StudyAction = 'voteApprove',
): Promise<unknown> {
  if (!isIsletError(error, 'STUDY_CALL_REFUSED')) return error
  const called = String(error.facts['act'])
  const action = called === 'vote' ? vote : ROWS[called]
  if (action === undefined) return error
  const { state, until } = await chain.study(study)
  const rule = STUDY_ACTIONS[action]
  const states: readonly string[] = rule.in
  const may = rule.by.map((role) => OFFICES[role]).join(' or ')
  const message = states.includes(state)
    ? `the ledger refused ${called}: only ${may} may`
    : `the ledger refused ${called}: the study is ${state}, and it takes ${states.join(' or ')}`
  const remedy =
    action === 'open'
      ? 'It takes the committee’s approval, accepted conditions, and as many approved sites as the plan’s minimum.'
      : 'See where it stands: islet study status'
  return new IsletError(error.code, message, { ...error.facts, state, until }, { remedy, cause: error })
}
