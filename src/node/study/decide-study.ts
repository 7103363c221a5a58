/**
 * What an institution's offices decide about a study: its seat votes, its own reviewer lets its site take part.
 *
 * Laws: each decision is one transaction under the office's own key and names the plan by its hash; the ledger judges it.
 */
import type { StudyDecision } from '../../api/index.ts'
import { conditionsHash, type StudyAction } from '../../study/index.ts'
import { type Hash32, quantity, type UnixSeconds } from '../../vocabulary/index.ts'
import type { StudyDesk } from './study-desk.ts'
import type { StudyFile } from './study-shelf.ts'

const DAY = 86_400
/** How long an approval lasts whose end nobody names, in days. */
const APPROVAL_DAYS = 30

export interface Decided {
  /** Handle of the institution. */
  readonly as: string
  readonly study: Hash32
  /** The plan that was looked at: a later one makes the decision void. */
  readonly planHash: Hash32
  readonly decision: StudyDecision
  /** End of an approval. */
  readonly until?: UnixSeconds
  /** Words that the applicant must accept first. */
  readonly conditions?: string
}

/** Which row of the table of actions a decision is. */
export const DECISION_ACTIONS = {
  APPROVE: 'voteApprove',
  REJECT: 'voteReject',
  RENEW: 'voteRenew',
  REVOKE: 'voteRevoke',
  RECUSE: 'recuse',
  TAKE_PART: 'approveSite',
} as const satisfies Readonly<Record<StudyDecision, StudyAction>>

/** Throws `STUDY_CALL_REFUSED`, `INSTITUTION_UNKNOWN`, `KEY_FILE_LOCKED`. */
export async function decideStudy(
  { chain, officesOf, shelf }: Pick<StudyDesk, 'chain' | 'officesOf' | 'shelf'>,
  { as, study, planHash, decision, until, conditions }: Decided,
): Promise<void> {
  const { seat, reviewer } = await officesOf(as)
  if (decision === 'TAKE_PART') {
    await chain.as(reviewer).approveSite(study, planHash)
    return
  }
  const acts = chain.as(seat)
  if (decision === 'RECUSE') {
    await acts.recuse(study)
    return
  }
  // The words first: who votes after and who accepts them reads them here.
  if (conditions !== undefined) await shelf.keepConditions(conditions)
  const grantsTime = decision === 'APPROVE' || decision === 'RENEW'
  const ends = until ?? wholeDays((await chain.head()).timestamp + APPROVAL_DAYS * DAY)
  await acts.vote(study, planHash, {
    verdict: decision,
    ...(grantsTime ? { until: ends } : {}),
    ...(conditions === undefined ? {} : { conditions: conditionsHash(conditions) }),
  })
}

/** The applicant accepts the conditions of an approval, in the very words. Throws `STUDY_CALL_REFUSED`. */
export async function acceptConditions(
  { chain, signerOf }: Pick<StudyDesk, 'chain' | 'signerOf'>,
  { study, applicant }: Pick<StudyFile, 'study' | 'applicant'>,
  conditions: string,
): Promise<void> {
  await chain.as(signerOf(applicant)).acceptConditions(study, conditionsHash(conditions))
}

/** The applicant accepts the conditions, where there are any, and opens the study. Throws `STUDY_CALL_REFUSED`. */
export async function openStudy(
  desk: Pick<StudyDesk, 'chain' | 'signerOf'>,
  file: Pick<StudyFile, 'study' | 'applicant'>,
  conditions?: string,
): Promise<void> {
  if (conditions !== undefined) await acceptConditions(desk, file, conditions)
  await desk.chain.as(desk.signerOf(file.applicant)).open(file.study)
}

/** Seats vote for the same words: the end of an approval nobody names is that of a whole day. */
function wholeDays(at: number): UnixSeconds {
  return quantity<UnixSeconds>(Math.floor(at / DAY) * DAY)
}
