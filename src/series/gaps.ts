/**
 * The gap rule, once for the whole house: how long a silence may be before nothing is said about what lay in it.
 *
 * Law: two readings at most 45 minutes apart are joined by a straight line; further apart, the time between is unknown.
 * Source: the customary rule for CGM grids (three missed readings of a 15-minute sensor); data-and-formats 3.1.
 */
import type { Samples } from './samples.ts'

/** Longest silence that a line is drawn across, seconds. */
export const GAP_LIMIT_SECONDS = 45 * 60

/** A run of samples without a silence longer than the limit: positions first ≤ i < end. */
export interface Segment {
  readonly first: number
  readonly end: number
}

/** Cuts samples where the silence is longer than `limit` seconds; the segments cover every sample once. */
export function segments(
  samples: Pick<Samples, 'at'>,
  limit: number = GAP_LIMIT_SECONDS,
): readonly Segment[] {
  const { at } = samples
  const found: Segment[] = []
  let first = 0
  for (let i = 1; i <= at.length; i++) {
    if (i === at.length || (at[i] ?? 0) - (at[i - 1] ?? 0) > limit) {
      found.push({ first, end: i })
      first = i
    }
  }
  return at.length === 0 ? [] : found
}
