/**
 * The privacy budget of the people of one site: what has been spent, and whether one round more would exceed it.
 *
 * Laws: a round that would exceed the budget is refused before anything is trained; spending is recorded before the
 * update leaves; a repeated question is spent once, because its answer is the same bytes. Plain JSON.
 */
import { IsletError } from '../../vocabulary/index.ts'
import { epsilon, gaussianCost } from './rdp.ts'

export interface PrivacyPlan {
  /** Largest ε of any person over the whole run, improved conversion. */
  readonly epsilon: number
  /** In (0, 1); well below one over the people. */
  readonly delta: number
  /** Probability that a person is in a round's sample, in (0, 1]. */
  readonly sampling: number
  /** Largest Euclidean norm of one person's update. */
  readonly clip: number
  /** Standard deviation of the noise on the sum of updates, over `clip`. */
  readonly noise: number
}

/** Releases made so far. */
export interface Spending {
  readonly releases: number
}

/** Throws `BAD_PLAN` on numbers outside their ranges. */
export function checkPrivacy(plan: PrivacyPlan): void {
  const bad = (field: string, why: string) =>
    new IsletError('BAD_PLAN', `${field} of the privacy plan ${why}`, {}, { at: { field } })
  if (!(plan.epsilon > 0)) throw bad('epsilon', 'is above 0')
  if (!(plan.delta > 0 && plan.delta < 1)) throw bad('delta', 'lies in (0, 1)')
  if (!(plan.sampling > 0 && plan.sampling <= 1)) throw bad('sampling', 'lies in (0, 1]')
  if (!(plan.clip > 0)) throw bad('clip', 'is above 0')
  if (!(plan.noise > 0)) throw bad('noise', 'is above 0')
}

/** ε of every person after some releases. */
export function epsilonAfter(plan: PrivacyPlan, releases: number): number {
  return epsilon(
    gaussianCost(plan.sampling, plan.noise).map((cost) => cost * releases),
    plan.delta,
  )
}

/** Spends one release. Throws `PRIVACY_BUDGET_SPENT` where it would exceed the budget. */
export function spend(plan: PrivacyPlan, before: Spending): Spending {
  checkPrivacy(plan)
  const releases = before.releases + 1
  const after = epsilonAfter(plan, releases)
  if (after > plan.epsilon) {
    throw new IsletError(
      'PRIVACY_BUDGET_SPENT',
      `another round would bring ε to ${after.toFixed(2)}, the plan allows ${plan.epsilon}`,
      { epsilon: after, allowed: plan.epsilon, releases: before.releases },
      { remedy: 'Plan for fewer rounds, a smaller sample or more noise; what is spent cannot be had again.' },
    )
  }
  return { releases }
}

/** Rounds that a budget allows, up to `most`. */
export function roundsWithin(plan: PrivacyPlan, most = 10_000): number {
  checkPrivacy(plan)
  const fits = (rounds: number): boolean => epsilonAfter(plan, rounds) <= plan.epsilon
  if (!fits(1)) return 0
  let [low, high] = [1, most]
  while (low < high) {
    const between = Math.ceil((low + high) / 2)
    if (fits(between)) low = between
    else high = between - 1
  }
  return low
}
