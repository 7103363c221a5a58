/**
 * Cut points: where a column is divided into bins. A value goes left of cut k when it is smaller than `edges[k]`.
 *
 * Law: edges ascend strictly; a cut lies between two values that occur, so that no row lies on a cut by rounding; a column
 * with missing values ends with an edge above all numbers, which parts present from missing.
 * Source of the idea: quantile cuts as in Chen and Guestrin 2016, section 3.2, here exact where the rows are at hand.
 */
import type { Kernel } from './kernel.ts'
import type { Table } from './table.ts'

export interface Cuts {
  /** One ascending list per column, at most bins − 2 edges each. */
  readonly edges: readonly Float32Array[]
}

/** Above every finite number of 32 bits that a table may hold, itself finite so that documents can carry it. */
export const ABOVE_ALL = 3.4028234663852886e38

/** Cuts at the quantiles of the rows at hand. */
export function quantileCuts(kernel: Kernel, table: Table, bins: number): Cuts {
  const { rows, columns, values } = table
  const at = kernel.reserve(rows * 4)
  const other = kernel.reserve(rows * 4)
  const counts = kernel.reserve(3 * 2048 * 4)
  const edges = columns.map((_, c) => {
    const column = values.subarray(c * rows, (c + 1) * rows)
    const present = packed(kernel.floats(at, rows), column)
    kernel.run.sort(at, other, counts, present)
    const cuts = cutsOf(kernel.floats(at, present), bins - 2 - (present < rows ? 1 : 0))
    if (present < rows) cuts.push(ABOVE_ALL)
    return Float32Array.from(cuts)
  })
  kernel.release(at)
  return { edges }
}

/** Copies what is not NaN; how many. */
function packed(to: Float32Array, column: Float32Array): number {
  to.set(column)
  if (!column.some(Number.isNaN)) return column.length
  let n = 0
  for (let i = 0; i < column.length; i++) {
    const value = column[i] ?? Number.NaN
    if (!Number.isNaN(value)) to[n++] = value
  }
  return n
}

/** At most `most` cuts of a sorted column: between all neighbours when they are few, else at equal shares of the rows. */
function cutsOf(sorted: Float32Array, most: number): number[] {
  const distinct = distinctUpTo(sorted, most + 1)
  if (distinct !== undefined) return distinct.slice(1).map((value, i) => between(distinct[i] ?? value, value))
  const n = sorted.length
  const cuts: number[] = []
  let at = 0
  let ideal = 0
  // An odd number of cuts, so that the middle is one: many columns change their meaning there (rising or falling).
  // The share is reckoned anew after a run of equals, so that one heavy value does not use up the cuts of the others.
  for (let left = most - 1 + (most % 2); left > 0 && at < n; left--) {
    ideal += (n - ideal) / (left + 1)
    let next = Math.max(at + 1, Math.round(ideal))
    const value = sorted[next] ?? Number.NaN
    if (next >= n) break
    if (sorted[next - 1] === value) {
      next = edgeOfRun(sorted, at, next)
      ideal = next
    }
    if (next >= n) break
    cuts.push(between(sorted[next - 1] ?? 0, sorted[next] ?? 0))
    at = next
  }
  return cuts
}

/** The nearer end of the run of equals that covers `place`, but never back to `from`. */
function edgeOfRun(sorted: Float32Array, from: number, place: number): number {
  const value = sorted[place] ?? 0
  let begin = place
  while (begin > from && sorted[begin - 1] === value) begin--
  let end = place
  while (end < sorted.length && sorted[end] === value) end++
  return begin > from && place - begin <= end - place ? begin : end
}

function distinctUpTo(sorted: Float32Array, most: number): number[] | undefined {
  const found: number[] = []
  for (const value of sorted) {
    if (found.length > 0 && found[found.length - 1] === value) continue
    if (found.length === most) return undefined
    found.push(value)
  }
  return found
}

/** A 32-bit number above a and at most b. */
function between(a: number, b: number): number {
  const middle = Math.fround(a / 2 + b / 2)
  return middle > a && middle <= b ? middle : b
}
