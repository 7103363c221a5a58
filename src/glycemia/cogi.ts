/**
 * COGI: continuous glucose monitoring index, 0 to 100, better when larger.
 *
 * Source: Leelarathna et al. 2020, J Diabetes Sci Technol 14:277: 50 % time in range, 35 % time below (0 % → 100 points,
 * 15 % or more → 0), 15 % standard deviation (18 mg/dL or less → 100 points, 108 or more → 0).
 */
import type { TimeInRanges } from './time-in-range.ts'

/** The index from the shares of time and the SD in mg/dL; null when either is unknown. */
export function cogi(shares: TimeInRanges, sd: number | null): number | null {
  const { from70to180, below70 } = shares
  if (from70to180 === null || below70 === null || sd === null) return null
  return 0.5 * from70to180 + 0.35 * falling(below70, 0, 15) + 0.15 * falling(sd, 18, 108)
}

/** 100 at `best` or less, 0 at `worst` or more, straight between. */
function falling(value: number, best: number, worst: number): number {
  return (100 * (worst - Math.min(worst, Math.max(best, value)))) / (worst - best)
}
