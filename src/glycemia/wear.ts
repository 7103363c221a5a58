/**
 * Wear: how much of the time the sensor spoke, and whether that is enough to judge by.
 *
 * Two honest variants: between first and last reading (`wearBetween`, the one reported), and over the last calendar days
 * (`wearOfLastDays`). Sufficiency: 14 days with at least 70 % of the expected readings.
 * Source: Danne et al. 2017, Diabetes Care 40:1631; Battelino et al. 2019, table 1.
 */
import type { Samples } from '../series/index.ts'

export const SUFFICIENT_DAYS = 14
export const SUFFICIENT_PERCENT = 70

export interface Wear {
  readonly readings: number
  /** Readings that a sensor without a pause would have given. */
  readonly expected: number
  /** 0–100; null without readings. */
  readonly percent: number | null
}

/** Readings present between the first and the last, out of those plus the whole steps missing in between. */
export function wearBetween(samples: Pick<Samples, 'at'>, step: number): Wear {
  const { at } = samples
  let missing = 0
  for (let i = 1; i < at.length; i++) {
    missing += Math.max(0, Math.round(((at[i] ?? 0) - (at[i - 1] ?? 0)) / step) - 1)
  }
  const expected = at.length + missing
  return { readings: at.length, expected, percent: at.length === 0 ? null : (100 * at.length) / expected }
}

/** Readings in the last calendar days of the wall clock, out of one per step of those days. */
export function wearOfLastDays(
  samples: Pick<Samples, 'local'>,
  step: number,
  days: number = SUFFICIENT_DAYS,
): Wear {
  const { local } = samples
  const expected = Math.round((days * 86_400) / step)
  let last = Number.NEGATIVE_INFINITY
  for (let i = 0; i < local.length; i++) last = Math.max(last, local[i] ?? 0)
  if (local.length === 0) return { readings: 0, expected, percent: null }
  const from = (Math.floor(last / 86_400) + 1 - days) * 86_400
  let readings = 0
  for (let i = 0; i < local.length; i++) if ((local[i] ?? 0) >= from) readings++
  return { readings, expected, percent: Math.min(100, (100 * readings) / expected) }
}

/** Whether a period is long and full enough: at least 14 days of steps and at least 70 % of them with a reading. */
export function isSufficient(wear: Wear, step: number): boolean {
  return (
    wear.percent !== null &&
    wear.percent >= SUFFICIENT_PERCENT &&
    wear.expected * step >= SUFFICIENT_DAYS * 86_400
  )
}

/** The stretch of at most `days` × 24 h that holds the most readings: where a sparse trace can be judged. */
export function densestPeriod(
  samples: Pick<Samples, 'at'>,
  days: number = SUFFICIENT_DAYS,
): { readonly first: number; readonly end: number } | undefined {
  const { at } = samples
  let best: { first: number; end: number } | undefined
  let first = 0
  for (let end = 1; end <= at.length; end++) {
    while ((at[end - 1] ?? 0) - (at[first] ?? 0) >= days * 86_400) first++
    if (best === undefined || end - first > best.end - best.first) best = { first, end }
  }
  return best
}
