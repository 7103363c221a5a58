/**
 * The privacy spending of a passport, judged from plan and reports alone.
 *
 * Law: each report says what every patient has spent up to its round, and that is what the plan's own terms give for a
 * whole number of releases: one or more beyond the round before, never more than rounds were opened. What was spent in
 * rounds that failed, or whose version was withdrawn, is in it.
 */
import type { PassportDocument } from '../api/study.door.ts'
import type { Finding } from './passport-findings.ts'
import { privacyBudget } from './privacy-terms.ts'

export function* privacyFindings({ plan, rounds, epsilon }: PassportDocument): Generator<Finding> {
  const wanted = plan.privacy.differential_privacy
  const budget = privacyBudget(plan)
  if (epsilon !== (rounds.at(-1)?.report.epsilon ?? null)) yield { code: 'EPSILON_WRONG', at: 'epsilon' }
  let releases = 0
  for (const [i, { report }] of rounds.entries()) {
    const at = `rounds.${i}.report.epsilon`
    if (wanted === null && report.epsilon === null) continue
    if (wanted === null || report.epsilon === null || budget === undefined) {
      yield { code: 'EPSILON_WRONG', at }
      continue
    }
    const spent = report.epsilon
    releases = fewestReaching(spent, releases + 1, report.round, budget.spentAfter)
    if (budget.spentAfter(releases) !== spent) yield { code: 'EPSILON_WRONG', at }
    if (spent > wanted.epsilon) yield { code: 'EPSILON_OVER_BUDGET', at }
  }
}

/** The fewest releases in [low, high] that spend `epsilon` or more; `high` where none do. */
function fewestReaching(
  epsilon: number,
  low: number,
  high: number,
  spentAfter: (releases: number) => number,
): number {
  let [from, to] = [low, Math.max(low, high)]
  while (from < to) {
    const between = Math.floor((from + to) / 2)
    if (spentAfter(between) >= epsilon) to = between
    else from = between + 1
  }
  return from
}
