/** The learner that a plan names: a ridge by its exact sums, or a network in steps. */
import type { ForecastData } from './forecast-data.ts'
import type { Learner } from './learner.ts'
import { type NetworkLearnerOptions, networkLearner } from './network-learner.ts'
import type { StudyPlan } from './plan.ts'
import { ridgeLearner } from './ridge-learner.ts'

/** Throws `MODEL_UNKNOWN`, `STRATEGY_UNKNOWN`, `PRIVACY_UNSUPPORTED`. */
export function studyLearner(
  plan: Pick<StudyPlan, 'data' | 'model' | 'privacy' | 'rounds' | 'strategy'>,
  options: NetworkLearnerOptions,
): Learner<ForecastData> {
  return plan.strategy.name === 'ridge' ? ridgeLearner(plan, options) : networkLearner(plan, options)
}
