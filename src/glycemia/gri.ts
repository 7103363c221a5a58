/**
 * Glycemia risk index: one number for how much a trace should worry, 0 (none) to 100.
 *
 * Source: Klonoff et al. 2022, J Diabetes Sci Technol, doi 10.1177/19322968221085273.
 */
import type { TimeInRanges } from './time-in-range.ts'

export interface Gri {
  readonly gri: number
  readonly hypoComponent: number
  readonly hyperComponent: number
  readonly zone: 'A' | 'B' | 'C' | 'D' | 'E'
}

/** The index from the shares of time; null without readings. */
export function glycemiaRiskIndex(shares: TimeInRanges): Gri | null {
  const { below54, below70, above180, above250 } = shares
  if (below54 === null || below70 === null || above180 === null || above250 === null) return null
  const low = below70 - below54
  const high = above180 - above250
  const gri = Math.min(100, 3 * below54 + 2.4 * low + 1.6 * above250 + 0.8 * high)
  const zones = ['A', 'B', 'C', 'D', 'E'] as const
  return {
    gri,
    hypoComponent: below54 + 0.8 * low,
    hyperComponent: above250 + 0.5 * high,
    zone: zones[Math.min(4, Math.max(0, Math.ceil(gri / 20) - 1))] ?? 'E',
  }
}
