/**
 * What a forecaster sees of a cell: level, slope, time of day and, where recorded, insulin and carbohydrate on board.
 *
 * Law: scaled by public constants only, so that no site learns anything about another from the scaling; every input comes
 * from the cell or from before it. The first cell of a window has slope 0: a window says nothing about the time before.
 * Source of the constants: Protocol W; the scales of insulin and carbohydrate are round figures near their usual maximum.
 */

/** (g − LEVEL_CENTRE) / LEVEL_SCALE, mg/dL. */
export const LEVEL_CENTRE = 150
export const LEVEL_SCALE = 60
/** (g − g before) / SLOPE_SCALE, mg/dL per cell. */
export const SLOPE_SCALE = 10
/** U on board / INSULIN_SCALE. */
export const INSULIN_SCALE = 5
/** g on board / CARBS_SCALE. */
export const CARBS_SCALE = 50
/** Models learn (y − last) / CHANGE_SCALE, mg/dL. */
export const CHANGE_SCALE = 30
/** Forecasts lie inside, mg/dL. */
const FORECAST_MIN = 30
const FORECAST_MAX = 450

/** Position of each input in a cell; the last two only with `withEvents`. */
export const LEVEL = 0
export const SLOPE = 1
export const SIN = 2
export const COS = 3
export const INSULIN = 4
export const CARBS = 5

/** Inputs per cell: 4, or 6 with insulin and carbohydrate on board. */
export function featureCount(withEvents: boolean): number {
  return withEvents ? 6 : 4
}

/** A forecast inside 30–450 mg/dL. */
export function clipped(value: number): number {
  return Math.min(FORECAST_MAX, Math.max(FORECAST_MIN, value))
}
