/**
 * Samples: a trace as three columns, sorted by instant, ready for arithmetic.
 *
 * Law: the same set of readings gives the same columns in whatever order it arrives.
 */
import type { LocalSeconds, UnixSeconds } from '../vocabulary/index.ts'

/** Columns of equal length, ascending by `at`; the unit of `value` is the caller's and one for all. */
export interface Samples {
  /** Seconds since 1970-01-01T00:00:00Z. */
  readonly at: Float64Array
  /** The wall clock read as if it were UTC, seconds. */
  readonly local: Float64Array
  readonly value: Float64Array
}

/** What a sample is made from. */
export interface Sample {
  readonly at: UnixSeconds
  readonly local: LocalSeconds
}

/** The order in which items stand in time: by instant, then wall clock, then value; returns positions. */
export function timeOrder(
  at: Float64Array,
  local: Float64Array,
  value: Float64Array,
): Uint32Array | undefined {
  let sorted = true
  for (let i = 1; i < at.length && sorted; i++) {
    sorted = compare(at, local, value, i - 1, i) <= 0
  }
  if (sorted) return undefined
  const order = new Uint32Array(at.length)
  for (let i = 0; i < order.length; i++) order[i] = i
  return order.sort((a, b) => compare(at, local, value, a, b))
}

function compare(at: Float64Array, local: Float64Array, value: Float64Array, a: number, b: number): number {
  return (at[a] ?? 0) - (at[b] ?? 0) || (local[a] ?? 0) - (local[b] ?? 0) || (value[a] ?? 0) - (value[b] ?? 0)
}

/** Puts a column into a given order. */
export function reordered(column: Float64Array, order: Uint32Array | undefined): Float64Array {
  if (order === undefined) return column
  const out = new Float64Array(column.length)
  for (let i = 0; i < order.length; i++) out[i] = column[order[i] ?? 0] ?? 0
  return out
}

/** Items with an instant and a wall clock → sorted columns; `read` names the value and so the unit. */
export function samplesOf<T extends Sample>(items: readonly T[], read: (item: T) => number): Samples {
  const at = new Float64Array(items.length)
  const local = new Float64Array(items.length)
  const value = new Float64Array(items.length)
  items.forEach((item, i) => {
    at[i] = item.at
    local[i] = item.local
    value[i] = read(item)
  })
  const order = timeOrder(at, local, value)
  return { at: reordered(at, order), local: reordered(local, order), value: reordered(value, order) }
}
