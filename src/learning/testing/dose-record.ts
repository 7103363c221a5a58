/** A record of meals, doses and sensor glucose with a plain rule behind it, and a model that knows nothing. For tests. */

import { type Grams, type InsulinUnits, type MgPerDl, quantity } from '../../vocabulary/index.ts'
import type { BoostingModel } from '../boosting/model.ts'
import type { Tree } from '../boosting/tree.ts'
import { MEAL_COLUMNS, type MealColumn } from '../dose/meal-columns.ts'
import type { DoseRecord } from '../dose/situation.ts'
import type { DoseLimits } from '../dose/therapy.ts'

export const LIMITS: DoseLimits = {
  mostUnits: quantity<InsulinUnits>(20),
  mostOnBoard: quantity<InsulinUnits>(25),
  share: 0.25,
  correctFrom: quantity<MgPerDl>(100),
  fallingRate: -1,
  lowGlucose: quantity<MgPerDl>(70),
  increment: quantity<InsulinUnits>(0.05),
}

export const GRAMS = (value: number): Grams => quantity<Grams>(value)

/** Glucose every five minutes by a function of minutes since 0; meals and boluses as [minute, amount]. */
export function recordOf(
  minutes: number,
  glucose: (minute: number) => number,
  meals: readonly (readonly [number, number])[] = [],
  boluses: readonly (readonly [number, number])[] = [],
): DoseRecord {
  const at = Float64Array.from({ length: Math.floor(minutes / 5) + 1 }, (_, i) => i * 300)
  const events = (list: readonly (readonly [number, number])[]) => ({
    at: Float64Array.from(list, ([minute]) => minute * 60),
    amount: Float64Array.from(list, ([, amount]) => amount),
  })
  return {
    glucose: { at, local: at, value: at.map((second) => glucose(second / 60)) },
    meals: events(meals),
    boluses: events(boluses),
    therapy: { carbRatio: 10, correctionFactor: 40, target: quantity<MgPerDl>(120) },
    bolusesKnownSince: -1e6,
  }
}

/** A model of meals whose prediction is `below` where a column is smaller than the threshold, else `above`. */
export function stumpOf(column: MealColumn, threshold: number, below: number, above: number): BoostingModel {
  const tree: Tree = {
    feature: Int32Array.of(MEAL_COLUMNS.indexOf(column), -1, -1),
    threshold: Float32Array.of(threshold, 0, 0),
    missingLeft: Uint8Array.of(1, 0, 0),
    left: Int32Array.of(1, -1, -1),
    right: Int32Array.of(2, -1, -1),
    value: Float64Array.of(0, below, above),
    cover: Float64Array.of(2, 1, 1),
  }
  return { columns: MEAL_COLUMNS, base: 0, trees: [tree] }
}
