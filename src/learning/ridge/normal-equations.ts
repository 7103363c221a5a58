/**
 * Ridge regression by normal equations, exact across sites: the sums of all sites are the sums of the pooled windows.
 *
 * Law: summing the equations of any division of the windows gives the pooled model within rounding (1e-9 relative);
 * nothing but 25 × 25 + 25 × 12 sums and a count leaves a site. Small sums still tell about people: under three sites or
 * a handful of windows they must travel masked.
 * Source: Protocol W: 23 lag differences, the level, and an intercept; λ = 1 on every coefficient; change from the last
 * value in units of 30 mg/dL.
 */
import { CHANGE_SCALE, LEVEL, SLOPE } from '../data/features.ts'
import type { Windows } from '../data/windows.ts'

/** The penalty, in units of summed squares of scaled inputs. */
export const RIDGE_LAMBDA = 1

/** Sums over windows; row-major, float64. */
export interface NormalEquations {
  /** Predictors: steps − 1 differences, level, intercept. */
  readonly width: number
  readonly horizon: number
  readonly count: number
  /** width × width. */
  readonly gram: Float64Array
  /** width × horizon. */
  readonly cross: Float64Array
}

/** The predictors of one window into `row`: 23 differences, then the level, then 1. */
export function predictors(windows: Windows, w: number, row: Float64Array): void {
  const { steps, features, inputs } = windows
  const first = w * steps * features
  for (let s = 1; s < steps; s++) row[s - 1] = inputs[first + s * features + SLOPE] ?? 0
  row[steps - 1] = inputs[first + (steps - 1) * features + LEVEL] ?? 0
  row[steps] = 1
}

/** A site's sums over its windows. */
export function normalEquations(windows: Windows): NormalEquations {
  const { count, steps, horizon, targets, last } = windows
  const width = steps + 1
  const gram = new Float64Array(width * width)
  const cross = new Float64Array(width * horizon)
  const row = new Float64Array(width)
  const change = new Float64Array(horizon)
  for (let w = 0; w < count; w++) {
    predictors(windows, w, row)
    for (let h = 0; h < horizon; h++)
      change[h] = ((targets[w * horizon + h] ?? 0) - (last[w] ?? 0)) / CHANGE_SCALE
    for (let i = 0; i < width; i++) {
      const x = row[i] ?? 0
      for (let j = i; j < width; j++) gram[i * width + j] = (gram[i * width + j] ?? 0) + x * (row[j] ?? 0)
      for (let h = 0; h < horizon; h++)
        cross[i * horizon + h] = (cross[i * horizon + h] ?? 0) + x * (change[h] ?? 0)
    }
  }
  for (let i = 0; i < width; i++) for (let j = 0; j < i; j++) gram[i * width + j] = gram[j * width + i] ?? 0
  return { width, horizon, count, gram, cross }
}

/** The sums of several sites; at least one, all of one shape. */
export function sumEquations(parts: readonly NormalEquations[]): NormalEquations {
  const [first, ...others] = parts
  if (first === undefined) throw new RangeError('there are no equations to sum')
  const gram = first.gram.slice()
  const cross = first.cross.slice()
  let count = first.count
  for (const part of others) {
    if (part.width !== first.width || part.horizon !== first.horizon) {
      throw new RangeError('equations of different shape cannot be summed')
    }
    part.gram.forEach((value, i) => {
      gram[i] = (gram[i] ?? 0) + value
    })
    part.cross.forEach((value, i) => {
      cross[i] = (cross[i] ?? 0) + value
    })
    count += part.count
  }
  return { width: first.width, horizon: first.horizon, count, gram, cross }
}
