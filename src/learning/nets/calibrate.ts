/**
 * Calibration of quantile forecasts: each level is moved by a constant so that it holds on validation windows.
 *
 * Law: on windows exchangeable with the validation windows, the share of targets below an upper level (≥ 0.5) is at least
 * that level, below a lower one at most it, each within 1 / (windows + 1), where quantiles are neither clipped nor
 * crossed. Windows of one person overlap, so the guarantee is weaker than their count suggests; it says nothing of a
 * person or a season unlike them. Source: split conformal prediction (Romano, Patterson and Candès 2019), one side at a
 * time.
 */
import { clipped } from '../data/features.ts'
import type { Windows } from '../data/windows.ts'
import { QUANTILE_CELLS } from './layout.ts'
import type { Forecasts, NetworkShape } from './network.ts'
import { refuse } from './refusals.ts'

/**
 * Shifts in mg/dL, 2 × levels (30, then 60 minutes), from forecasts of validation windows; only scored cells count. A
 * horizon without one gets 0; with too few for an outer level it gets the widest error seen.
 *
 * Refuses with `WINDOWS_UNFIT` forecasts of other windows.
 */
export function calibrate(shape: NetworkShape, forecasts: Forecasts, windows: Windows): Float64Array {
  const { quantiles } = shape
  const heads = QUANTILE_CELLS.length * quantiles.length
  checkHeads(forecasts, heads, windows.count)
  const shifts = new Float64Array(heads)
  QUANTILE_CELLS.forEach((cell, horizon) => {
    const scored: number[] = []
    for (let window = 0; window < windows.count; window++) {
      if (windows.scored[window * windows.horizon + cell] === 1) scored.push(window)
    }
    quantiles.forEach((level, i) => {
      const head = horizon * quantiles.length + i
      const errors = Float64Array.from(
        scored,
        (window) =>
          (windows.targets[window * windows.horizon + cell] ?? 0) -
          (forecasts.quantiles[window * heads + head] ?? 0),
      ).sort()
      shifts[head] = errors[rankOf(level, errors.length)] ?? 0
    })
  })
  return shifts
}

/** Position, counted from 0, of the error that the level needs: outwards of the plain quantile. */
function rankOf(level: number, count: number): number {
  const exact = level * (count + 1)
  const rank = level >= 0.5 ? Math.ceil(exact) : Math.floor(exact)
  return Math.min(count, Math.max(1, rank)) - 1
}

/** Forecasts with moved quantiles, again ascending and within 30–450 mg/dL. Refuses with `WINDOWS_UNFIT`. */
export function calibrated(forecasts: Forecasts, shifts: Float64Array): Forecasts {
  const heads = shifts.length
  const count = heads === 0 ? 0 : forecasts.quantiles.length / heads
  checkHeads(forecasts, heads, count)
  const quantiles = forecasts.quantiles.map((value, i) => clipped(value + (shifts[i % heads] ?? 0)))
  const levels = heads / QUANTILE_CELLS.length
  for (let start = 0; start < quantiles.length; start += levels) {
    quantiles.subarray(start, start + levels).sort()
  }
  return { path: forecasts.path, quantiles }
}

function checkHeads({ quantiles }: Forecasts, heads: number, count: number): void {
  if (Number.isInteger(count) && quantiles.length === count * heads) return
  refuse(
    'WINDOWS_UNFIT',
    'the quantiles are not those of these windows',
    { quantiles: quantiles.length, heads, windows: count },
    'forecast the same windows with the same shape',
  )
}
