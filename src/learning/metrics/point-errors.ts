/**
 * Errors of point forecasts: RMSE, MAE, MARD, the share inside ±15 mg/dL or ±15 %.
 *
 * Law: only pairs of forecast and real reading count; the denominator stands beside every figure.
 * Source: MARD as in the accuracy literature of sensors (mean of |error| / reference); ISO 15197:2013 criterion A
 * (±15 mg/dL below 100 mg/dL, ±15 % from there), applied to forecasts by analogy.
 */

/** Forecasts beside what came, mg/dL, of one length. */
export interface Pairs {
  readonly truth: Float64Array
  readonly forecast: Float64Array
}

export interface PointErrors {
  /** Pairs counted. */
  readonly n: number
  readonly rmse: number
  readonly mae: number
  /** Percent. */
  readonly mard: number
  /** Percent within ±15 mg/dL (truth < 100) or ±15 %. */
  readonly iso15: number
}

/** All four errors; NaN where there is no pair. */
export function pointErrors({ truth, forecast }: Pairs): PointErrors {
  let squares = 0
  let absolute = 0
  let relative = 0
  let within = 0
  for (let i = 0; i < truth.length; i++) {
    const reference = truth[i] ?? 0
    const error = Math.abs((forecast[i] ?? 0) - reference)
    squares += error * error
    absolute += error
    relative += error / reference
    if (error <= (reference < 100 ? 15 : 0.15 * reference)) within++
  }
  const n = truth.length
  return {
    n,
    rmse: Math.sqrt(squares / n),
    mae: absolute / n,
    mard: (100 * relative) / n,
    iso15: (100 * within) / n,
  }
}
