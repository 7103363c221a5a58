/**
 * A meal as a row of a table: the situation, the dose that is tried, and how earlier meals of the same person ended.
 *
 * Law: only earlier meals whose outcome was known at the instant count. All amounts of insulin enter as the fall of glucose
 * they should bring (units × correction factor), so that children and adults speak one language.
 */
import type { Range } from '../boosting/agreed-cuts.ts'
import type { Ahead } from './ahead.ts'
import type { ObservedMeal } from './observed-meals.ts'
import type { Situation } from './situation.ts'

/** Columns of boosting alone. */
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
  'worst low after earlier meals above target',
  'end of meals at this hour above target',
  'lowest after meals at this hour above target',
  'earlier meals',
  'correction factor',
  'carbohydrate ratio',
] as const
export type MealColumn = (typeof MEAL_COLUMNS)[number]

/** The columns of the hybrid: what a network forecasts without the meal stands behind the others. */
export const HYBRID_COLUMNS = [
  ...MEAL_COLUMNS,
  'forecast in 30 minutes above target',
  'forecast in 60 minutes above target',
  'low side of the forecast in 30 minutes above target',
  'low side of the forecast in 60 minutes above target',
] as const

/** Public ranges of the hybrid's columns; the first ones are those of `MEAL_COLUMNS`. */
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
  { low: -120, high: 120 },
  { low: -150, high: 250 },
  { low: -120, high: 120 },
  { low: 0, high: 12 },
  { low: 0, high: 250 },
  { low: 0, high: 100 },
  { low: -100, high: 300 },
  { low: -100, high: 300 },
  { low: -120, high: 300 },
  { low: -120, high: 300 },
]

/** How earlier meals ended, mg/dL above target as if the formula had been given; NaN where there are none. */
export interface History {
  readonly meals: number
  readonly above: number
  /** Per mg/dL of the formula's effect. */
  readonly relative: number
  readonly lowest: number
  /** The lowest of the lowest. */
  readonly worst: number
  /** Of meals within an hour and a half of this time of day. */
  readonly hourAbove: number
  readonly hourLowest: number
  /** How many those are, and the lowest of their lowest. */
  readonly hourMeals: number
  readonly hourWorst: number
}

const LAST_MEALS = 16
const DAY = 86_400
const NEAR_SECONDS = 90 * 60

/** What the last sixteen meals say to a meal at an instant. */
export function historyOf(meals: readonly ObservedMeal[], at: number): History {
  const last = meals.slice(-LAST_MEALS).map(({ situation, given, later, lowest }) => {
    const { therapy, formula } = situation
    const beyond = (given - formula.total) * therapy.correctionFactor
    const apart = Math.abs(situation.at - at) % DAY
    return {
      above: later - therapy.target + beyond,
      lowest: lowest - therapy.target + beyond,
      effect: Math.max(formula.total, 0.1) * therapy.correctionFactor,
      near: Math.min(apart, DAY - apart) <= NEAR_SECONDS,
    }
  })
  const near = last.filter((meal) => meal.near)
  const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0)
  const mean = (values: readonly number[]): number => sum(values) / values.length
  const above = last.map((meal) => meal.above)
  return {
    meals: last.length,
    above: mean(above),
    relative: sum(above) / sum(last.map(({ effect }) => effect)),
    lowest: mean(last.map(({ lowest }) => lowest)),
    worst: last.length === 0 ? Number.NaN : Math.min(...last.map(({ lowest }) => lowest)),
    hourAbove: mean(near.map((meal) => meal.above)),
    hourLowest: mean(near.map(({ lowest }) => lowest)),
    hourMeals: near.length,
    hourWorst: near.length === 0 ? Number.NaN : Math.min(...near.map(({ lowest }) => lowest)),
  }
}

/** The row of a meal for a dose of `units`; with `ahead` the hybrid's. */
export function mealRow(situation: Situation, history: History, units: number, ahead?: Ahead): Float32Array {
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
    history.worst,
    history.hourAbove,
    history.hourLowest,
    history.meals,
    correctionFactor,
    carbRatio,
    ...(ahead === undefined ? [] : [ahead.at30, ahead.at60, ahead.low30, ahead.low60].map((v) => v - target)),
  )
}
