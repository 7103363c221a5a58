/**
 * Glycemic variability percentage: how much longer the line of the trace is than a flat one.
 *
 * Source: Peyser et al. 2018, Diabetes Technol Ther 20:6: (L / L0 − 1) · 100 with minutes and mg/dL as the two axes.
 */
import { forEachLag, type Grid } from '../series/index.ts'

/** Percent, 0 for a flat trace; null without two neighbouring cells. Grid in mg/dL. */
export function glycemicVariabilityPercentage(grid: Grid): number | null {
  const minutes = grid.step / 60
  let line = 0
  let pairs = 0
  forEachLag(grid, 1, (earlier, later) => {
    const rise = (grid.value[later] ?? 0) - (grid.value[earlier] ?? 0)
    line += Math.sqrt(minutes * minutes + rise * rise)
    pairs++
  })
  return pairs === 0 ? null : 100 * (line / (pairs * minutes) - 1)
}
