/**
 * Cut points: where a column is divided into bins. A value goes left of cut k when it is smaller than `edges[k]`.
 *
 * Law: edges ascend strictly; a cut lies between two values that occur, so that no row lies on a cut by rounding; a column
 * with missing values ends with an edge above all numbers, which parts present from missing. There are eight sets of cuts,
 * moved against one another by parts of a bin, and tree t takes set t mod 8: every tree has its bins, and what lies between
 * two cuts of one tree is told apart by another.
 * Source of the idea: quantile cuts as in Chen and Guestrin 2016, section 3.2, here exact where the rows are at hand.
 */
import type { Kernel } from './kernel.ts'
import type { Table } from './table.ts'

export interface Cuts {
  /** One ascending list per column, at most bins − 2 edges each. */
  readonly edges: readonly Float32Array[]
}

/** The sets in the order in which trees take them. */
export type CutSets = readonly Cuts[]

/**
 * Where the first cut of each set lies, in shares of a bin: 1 is the plain quantile, the others up to half a bin beside it.
 * The order takes far sets first, so that few trees see them spread. Eight were chosen on seventeen made-up tables with jumps
 * at places that no cut knows (docs/benchmarks.md).
 */
export const CUT_PHASES = [1, 0.5, 1.25, 0.75, 1.125, 0.625, 1.375, 0.875] as const

/** What belongs to a tree, of a list with one for each set. Throws RangeError on an empty list. */
export function setOf<T>(sets: readonly T[], tree: number): T {
  const set = sets[tree % sets.length]
  if (set === undefined) throw new RangeError('there is at least one set of cuts')
  return set
}

/** Above every finite number of 32 bits that a table may hold, itself finite so that documents can carry it. */
export const ABOVE_ALL = 3.4028234663852886e38

/** Cuts at the quantiles of the rows at hand. */
export function quantileCuts(kernel: Kernel, table: Table, bins: number): CutSets {
  const { rows, columns, values } = table
  const at = kernel.reserve(rows * 4)
  const other = kernel.reserve(rows * 4)
  const counts = kernel.reserve(3 * 2048 * 4)
  const perColumn = columns.map((_, c) => {
    const column = values.subarray(c * rows, (c + 1) * rows)
    const present = packed(kernel.floats(at, rows), column)
    kernel.run.sort(at, other, counts, present)
    const sorted = kernel.floats(at, present)
    const missing = present < rows ? [ABOVE_ALL] : []
    const most = bins - 2 - missing.length
    const few = distinctUpTo(sorted, most + 1)
    if (few !== undefined) {
      const all = few.slice(1).map((value, i) => between(few[i] ?? value, value))
      return CUT_PHASES.map(() => Float32Array.from([...all, ...missing]))
    }
    return CUT_PHASES.map((phase) => Float32Array.from([...cutsOf(sorted, most, phase), ...missing]))
  })
  kernel.release(at)
  return CUT_PHASES.map((_, set) => ({ edges: perColumn.map((sets) => sets[set] ?? new Float32Array()) }))
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

/** At most `most` cuts of a sorted column of many values, at equal shares of the rows, the first after `phase` of a share. */
function cutsOf(sorted: Float32Array, most: number, phase: number): number[] {
  const n = sorted.length
  const cuts: number[] = []
  let at = 0
  let ideal = 0
  // An odd number of cuts, so that the middle is one: many columns change their meaning there (rising or falling).
  // The share is reckoned anew after a run of equals, so that one heavy value does not use up the cuts of the others.
  for (let left = most - 1 + (most % 2); left > 0 && at < n; left--) {
    ideal += shareOf(n - ideal, left, cuts.length === 0, phase)
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

/** How much of the `rest` lies before the next cut, with `left` cuts to come: the last share is what the first one lacks. */
export function shareOf(rest: number, left: number, isFirst: boolean, phase: number): number {
  return isFirst ? (phase * rest) / (left + 1) : rest / (left + 2 - phase)
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
