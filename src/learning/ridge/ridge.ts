/**
 * The ridge forecaster: solved by Cholesky in float64, the baseline that every network must beat.
 *
 * Law: λ > 0 makes the system positive definite whatever the windows, so that a solution always exists.
 */
import { CHANGE_SCALE, clipped } from '../data/features.ts'
import type { Windows } from '../data/windows.ts'
import { type NormalEquations, predictors, RIDGE_LAMBDA } from './normal-equations.ts'

export interface RidgeModel {
  readonly width: number
  readonly horizon: number
  /** width × horizon, change in units of 30 mg/dL. */
  readonly weights: Float64Array
}

/** Solves (gram + λ) weights = cross. */
export function solveRidge(
  { width, horizon, gram, cross }: NormalEquations,
  lambda: number = RIDGE_LAMBDA,
): RidgeModel {
  const lower = choleskyOf(gram, width, lambda)
  const weights = cross.slice()
  for (let h = 0; h < horizon; h++) {
    for (let i = 0; i < width; i++) {
      let sum = weights[i * horizon + h] ?? 0
      for (let k = 0; k < i; k++) sum -= (lower[i * width + k] ?? 0) * (weights[k * horizon + h] ?? 0)
      weights[i * horizon + h] = sum / (lower[i * width + i] ?? 1)
    }
    for (let i = width - 1; i >= 0; i--) {
      let sum = weights[i * horizon + h] ?? 0
      for (let k = i + 1; k < width; k++) sum -= (lower[k * width + i] ?? 0) * (weights[k * horizon + h] ?? 0)
      weights[i * horizon + h] = sum / (lower[i * width + i] ?? 1)
    }
  }
  return { width, horizon, weights }
}

/** The lower triangle L with L Lᵀ = gram + λ. */
function choleskyOf(gram: Float64Array, width: number, lambda: number): Float64Array {
  const lower = new Float64Array(width * width)
  for (let i = 0; i < width; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = (gram[i * width + j] ?? 0) + (i === j ? lambda : 0)
      for (let k = 0; k < j; k++) sum -= (lower[i * width + k] ?? 0) * (lower[j * width + k] ?? 0)
      lower[i * width + j] = i === j ? Math.sqrt(sum) : sum / (lower[j * width + j] ?? 1)
    }
  }
  return lower
}

/** Forecasts of all windows: count × horizon, mg/dL, clipped to 30–450. */
export function ridgeForecast({ width, horizon, weights }: RidgeModel, windows: Windows): Float32Array {
  const path = new Float32Array(windows.count * horizon)
  const row = new Float64Array(width)
  for (let w = 0; w < windows.count; w++) {
    predictors(windows, w, row)
    for (let h = 0; h < horizon; h++) {
      let change = 0
      for (let i = 0; i < width; i++) change += (row[i] ?? 0) * (weights[i * horizon + h] ?? 0)
      path[w * horizon + h] = clipped((windows.last[w] ?? 0) + CHANGE_SCALE * change)
    }
  }
  return path
}
