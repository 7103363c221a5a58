/**
 * The forecasts that need no learning: tomorrow like today, and the last slope drawn on.
 *
 * Source: Protocol W; the slope is that of the last 15 minutes.
 */
import { clipped, SLOPE, SLOPE_SCALE } from '../data/features.ts'
import type { Windows } from '../data/windows.ts'

/** Cells whose slope the line continues: 15 minutes. */
const SLOPE_CELLS = 3

/** The last value at every step: count × horizon, mg/dL, clipped. */
export function persistenceForecast({ count, horizon, last }: Windows): Float32Array {
  const path = new Float32Array(count * horizon)
  for (let w = 0; w < count; w++) path.fill(clipped(last[w] ?? 0), w * horizon, (w + 1) * horizon)
  return path
}

/** The last value plus the mean slope of the last 15 minutes: count × horizon, mg/dL, clipped. */
export function linearForecast(windows: Windows): Float32Array {
  const { count, horizon, steps, features, inputs, last } = windows
  const path = new Float32Array(count * horizon)
  for (let w = 0; w < count; w++) {
    let slope = 0
    for (let s = steps - SLOPE_CELLS; s < steps; s++)
      slope += (inputs[(w * steps + s) * features + SLOPE] ?? 0) * SLOPE_SCALE
    for (let h = 0; h < horizon; h++)
      path[w * horizon + h] = clipped((last[w] ?? 0) + (slope / SLOPE_CELLS) * (h + 1))
  }
  return path
}
