/**
 * Opening rounds: all that coordination is. Any site of the study, and its applicant, can do it at any time.
 *
 * Law: what stands on the ledger says which round is next and what it builds on, so that nobody who coordinates is
 * needed tomorrow; whoever comes second is refused and nothing is lost.
 */
import { type Hash32, isIsletError } from '../vocabulary/index.ts'
import type { StudyActs, StudyReads } from './study-chain.ts'

export type Conducted =
  | { readonly code: 'OPENED'; readonly round: number; readonly base: number }
  | { readonly code: 'IN_PROGRESS'; readonly round: number }
  /** As many standing rounds as the plan has. */
  | { readonly code: 'COMPLETE'; readonly version: number }
  /** Closed, expired, or not open yet. */
  | { readonly code: 'NOT_RUNNING' }
  /** Somebody else opened it meanwhile, or too few sites are left. */
  | { readonly code: 'REFUSED'; readonly round: number }

/** Opens the next round of a study if it is time for one. */
export async function openNextRound(
  chain: StudyReads,
  acts: Pick<StudyActs, 'openRound'>,
  study: Hash32,
): Promise<Conducted> {
  const [{ state }, plan, latest, head] = await Promise.all([
    chain.study(study),
    chain.plan(study),
    chain.latestRound(study),
    chain.headVersion(study),
  ])
  const round = latest === 0 ? undefined : await chain.round(study, latest)
  if (round !== undefined && round.phase !== 'FINAL' && round.phase !== 'FAILED')
    return { code: 'IN_PROGRESS', round: latest }
  if ((head?.depth ?? 0) >= plan.rounds) return { code: 'COMPLETE', version: head?.number ?? 0 }
  if (state !== 'OPEN') return { code: 'NOT_RUNNING' }
  const base = head?.number ?? 0
  try {
    await acts.openRound(study, latest + 1, base)
    return { code: 'OPENED', round: latest + 1, base }
  } catch (error) {
    if (!isIsletError(error, 'STUDY_CALL_REFUSED')) throw error
    return { code: 'REFUSED', round: latest + 1 }
  }
}
