/**
 * How well a dose model foretells what meals end in, on meals that did not teach it.
 *
 * Law: a prediction is judged for the dose that was given; nothing here says what another dose would have brought.
 */
import { predictRow } from '../boosting/model.ts'
import { type DoseModel, LOW_QUANTILE } from './dose-model.ts'
import { mealsOf } from './meal-rows.ts'
import type { DoseRecord } from './situation.ts'
import type { DoseLimits } from './therapy.ts'

export interface DoseJudgement {
  readonly meals: number
  /** RMSE of glucose about three hours after the meal, mg/dL. */
  readonly laterRmse: number
  /** The same when every meal is said to end as the judged meals do on average above target. */
  readonly meanRmse: number
  /** Pinball loss of the expected low (one in ten), mg/dL. */
  readonly lowLoss: number
  /** Percent of meals that went lower than the expected low; 10 is calibrated. */
  readonly belowLow: number
}

/** Judges on all meals eaten after `from`, seconds since 1970 UTC; figures are NaN without a meal. */
export function judgeDoseModel(
  model: DoseModel,
  records: readonly { readonly record: DoseRecord; readonly from: number }[],
  limits: DoseLimits,
): DoseJudgement {
  const rows = records.flatMap(({ record, from }) =>
    mealsOf(record, limits, model.forecaster).filter(({ meal }) => meal.situation.at > from),
  )
  const later = rows.map(({ meal }) => meal.later - meal.situation.therapy.target)
  const mean = sum(later) / later.length
  const errors = rows.map(({ row }, i) => predictRow(model.later, row) - (later[i] ?? 0))
  const over = rows.map(
    ({ meal, row }) => meal.lowest - meal.situation.therapy.target - predictRow(model.lowest, row),
  )
  return {
    meals: rows.length,
    laterRmse: Math.sqrt(sum(errors.map((error) => error * error)) / rows.length),
    meanRmse: Math.sqrt(sum(later.map((value) => (value - mean) ** 2)) / rows.length),
    lowLoss:
      sum(over.map((value) => (value > 0 ? LOW_QUANTILE * value : (LOW_QUANTILE - 1) * value))) / rows.length,
    belowLow: (100 * over.filter((value) => value < 0).length) / rows.length,
  }
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0)
