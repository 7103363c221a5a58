/**
 * The meals of a record as rows to learn from or to be judged on.
 *
 * Law: beside each meal stands what was known when it was eaten, and nothing of what was known only later.
 */
import type { ForecastModel } from '../evaluate/forecast-model.ts'
import { aheadOf } from './ahead.ts'
import { historyOf, mealRow } from './meal-columns.ts'
import { type ObservedMeal, observedMeals } from './observed-meals.ts'
import type { DoseRecord } from './situation.ts'
import type { DoseLimits } from './therapy.ts'

export interface MealOfRecord {
  readonly meal: ObservedMeal
  readonly row: Float32Array
}

/** Every meal whose outcome is known; with a forecaster the rows are the hybrid's. */
export function mealsOf(
  record: DoseRecord,
  limits: DoseLimits,
  forecaster: ForecastModel | undefined,
): readonly MealOfRecord[] {
  const meals = observedMeals(record, limits)
  return meals.map((meal, i) => {
    const { situation, given } = meal
    const known = meals
      .slice(0, i)
      .filter((earlier) => earlier.situation.at + earlier.minutes * 60 <= situation.at)
    const ahead = forecaster === undefined ? undefined : aheadOf(forecaster, record, situation.at)
    return { meal, row: mealRow(situation, historyOf(known, situation.at), given, ahead) }
  })
}
