/**
 * A meal as a row of a table: the situation, the dose that is tried, and how earlier meals of the same person ended.
 *
 * Law: only earlier meals whose outcome was known at the instant count. All amounts of insulin enter as the fall of glucose
 * they should bring (units × correction factor), so that children and adults speak one language.
 */
import type { Range } from '../boosting/agreed-cuts.ts'
import type { ObservedMeal } from './observed-meals.ts'
import type { Situation } from './situation.ts'

/** Columns with their public ranges. */
export const MEAL_COLUMNS = [
  'glucose above target',
  'rate of glucose',
  'carbohydrate',
  'rise expected of the meal',
  'fall expected of insulin on board',
  'dose beyond the formula',
  'end of earlier meals above target',
  'end of earlier meals per unit of effect',
  'lowest after earlier meals above target',
  'earlier meals',
  'correction factor',
  'carbohydrate ratio',
] as const
export type MealColumn = (typeof MEAL_COLUMNS)[number]

export const MEAL_RANGES: readonly Range[] = [
  { low: -100, high: 300 },
  { low: -6, high: 6 },
  { low: 0, high: 200 },
  { low: 0, high: 600 },
  { low: 0, high: 300 },
  { low: -150, high: 150 },
  { low: -150, high: 250 },
  { low: -1, high: 1.5 },
  { low: -120, high: 120 },
  { low: 0, high: 12 },
  { low: 0, high: 250 },
  { low: 0, high: 100 },
]

/** How earlier meals ended, as if the formula had been given. */
export interface History {
  readonly meals: number
  /** mg/dL; NaN without meals. */
  readonly above: number
  /** Per mg/dL of the formula's effect. */
  readonly relative: number
  /** Mean of the lowest, mg/dL above target. */
  readonly lowest: number
}

const LAST_MEALS = 12

/** What the last dozen meals say. */
export function historyOf(meals: readonly ObservedMeal[]): History {
  const last = meals.slice(-LAST_MEALS)
  let above = 0
  let effect = 0
  let lowest = 0
  for (const { situation, given, later, lowest: least } of last) {
    const { therapy, formula } = situation
    const beyond = (given - formula.total) * therapy.correctionFactor
    above += later - therapy.target + beyond
    effect += Math.max(formula.total, 0.1) * therapy.correctionFactor
    lowest += least - therapy.target + beyond
  }
  const n = last.length
  return { meals: n, above: above / n, relative: above / effect, lowest: lowest / n }
}

/** The row of a meal for a dose of `units`. */
export function mealRow(situation: Situation, history: History, units: number): Float32Array {
  const { glucose, rate, carbs, onBoard, therapy, formula } = situation
  const { correctionFactor, carbRatio, target } = therapy
  return Float32Array.of(
    glucose - target,
    rate,
    carbs,
    (carbs / carbRatio) * correctionFactor,
    onBoard * correctionFactor,
    (units - formula.total) * correctionFactor,
    history.above,
    history.relative,
    history.lowest,
    history.meals,
    correctionFactor,
    carbRatio,
  )
}
