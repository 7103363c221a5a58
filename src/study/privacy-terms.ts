/**
 * What a plan's privacy budget means in rounds: how much noise each patient's part drowns in, and what is spent.
 *
 * Laws: the unit is the patient: each one's update is clipped to the plan's norm and the sum of a site's people carries
 * Gaussian noise, so that whoever sees it, other sites included, learns of one patient no more than ε says. Spending is
 * counted by Rényi accounting over every round in which an update was committed, also those that failed later and those
 * whose version was withdrawn. The noise is the plan's own, or the least that keeps the budget whole over its rounds.
 * Limits: noise is drawn in float64; the count of a site's people is taken as known; who takes part at two sites has
 * two budgets.
 * Sources: Mironov 2017; Canonne, Kamath, Steinke 2020, by way of learning's accountant; McMahan et al. 2018.
 */
import { epsilonAfter, type PrivacyPlan } from '../learning/index.ts'
import type { PrivacyBudget } from './learner.ts'
import type { StudyPlan } from './plan.ts'

type Asked = Pick<StudyPlan, 'privacy' | 'rounds'>

/** Largest noise, in clip norms: more drowns whatever a thousand people say. */
const MOST_NOISE = 1_000
/** ε is told rounded up to so many parts of one, so that machines agree on it. */
const PARTS = 10_000

/** The terms of a plan; undefined without a budget, or where no noise keeps it. */
export function privacyTerms({ privacy, rounds }: Asked): PrivacyPlan | undefined {
  const budget = privacy.differential_privacy
  if (budget === null) return undefined
  const { epsilon, delta, noise_multiplier: noise } = budget
  const terms = { epsilon, delta, sampling: 1, clip: privacy.clip_norm }
  const keeps = (multiplier: number): boolean => spent({ ...terms, noise: multiplier }, rounds) <= epsilon
  if (noise !== undefined) return keeps(noise) ? { ...terms, noise } : undefined
  if (!keeps(MOST_NOISE)) return undefined
  let [low, high] = [0, MOST_NOISE * 100]
  while (high - low > 1) {
    const between = Math.floor((low + high) / 2)
    if (between > 0 && keeps(between / 100)) high = between
    else low = between
  }
  return { ...terms, noise: high / 100 }
}

/** ε of every patient after some releases, rounded up to 1/10,000. */
function spent(terms: PrivacyPlan, releases: number): number {
  return releases === 0 ? 0 : Math.ceil(epsilonAfter(terms, releases) * PARTS) / PARTS
}

/** The budget of a plan as rounds spend it; undefined without one. */
export function privacyBudget(plan: Asked): PrivacyBudget | undefined {
  const terms = privacyTerms(plan)
  if (terms === undefined) return undefined
  return {
    spentAfter: (releases) => spent(terms, releases),
    allows: (releases) => spent(terms, releases) <= terms.epsilon,
  }
}
