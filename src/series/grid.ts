/**
 * The grid: a trace put on regular instants counted from local midnight, so that days lie under one another.
 *
 * Law: a cell holds the straight line between its two neighbours when they are at most the gap limit apart, else there
 * is no cell. The grid runs on elapsed time, so a jump of the wall clock neither stretches nor folds the trace; each cell
 * also says which local day and minute it lies in. The first cell of a day is one step after midnight, the last is
 * midnight itself: a day is (00:00, 24:00].
 * Source: definitions in data-and-formats 3.1 and the sources of its reference values.
 */
import { GAP_LIMIT_SECONDS } from './gaps.ts'
import type { Samples } from './samples.ts'

/** The cells that are there, ascending by `index`; absent cells are unknown. Columns have equal length. */
export interface Grid {
  /** Instant of local midnight before the first sample, seconds since 1970 UTC. */
  readonly origin: number
  /** Seconds between cells; divides the day. */
  readonly step: number
  /** Cell k lies at origin + k · step; k ≥ 1. */
  readonly index: Int32Array
  /** Unit of the samples. */
  readonly value: Float64Array
  /** Local days since 1970-01-01 on the wall clock. */
  readonly day: Int32Array
  /** Place in the local day: slot s lies (s + 1) · step after midnight, 0 ≤ s < 86400 / step. */
  readonly slot: Int32Array
}

const DAY = 86_400

/** Builds the grid of a trace with cells every `step` seconds. */
export function gridOf(samples: Samples, step: number, gapLimit: number = GAP_LIMIT_SECONDS): Grid {
  const { at, local, value } = collapsed(samples)
  const first = at[0] ?? 0
  const origin = first - modulo(local[0] ?? 0, DAY)
  const columns = new Columns(at.length + 1024)
  const perDay = DAY / step
  let next = 1
  for (let i = 0; i < at.length; i++) {
    const from = at[i] ?? 0
    const joined = i + 1 < at.length && (at[i + 1] ?? 0) - from <= gapLimit
    const until = joined ? (at[i + 1] ?? 0) : from
    const level = value[i] ?? 0
    const slope = joined ? ((value[i + 1] ?? 0) - level) / (until - from) : 0
    const offset = (local[i] ?? 0) - from
    // A cell on the next reading belongs to that reading, whose wall clock may differ.
    const last = joined ? Math.ceil((until - origin) / step) - 1 : Math.floor((until - origin) / step)
    next = Math.max(next, Math.ceil((from - origin) / step))
    for (; next <= last; next++) {
      const instant = origin + next * step
      const slotOfAll = Math.round((instant + offset) / step) - 1
      const day = Math.floor(slotOfAll / perDay)
      columns.push(next, level + slope * (instant - from), day, slotOfAll - day * perDay)
    }
  }
  return { origin, step, ...columns.trimmed() }
}

/** Pairs of cells exactly `steps` apart: calls back with positions of the earlier and the later cell. */
export function forEachLag(
  grid: Pick<Grid, 'index'>,
  steps: number,
  visit: (earlier: number, later: number) => void,
): void {
  const { index } = grid
  let earlier = 0
  for (let later = 0; later < index.length; later++) {
    const wanted = (index[later] ?? 0) - steps
    while (earlier < later && (index[earlier] ?? 0) < wanted) earlier++
    if ((index[earlier] ?? 0) === wanted && earlier < later) visit(earlier, later)
  }
}

/** Runs of consecutive cells with at most `missing` cells absent between two: positions first ≤ i < end. */
export function gridRuns(
  grid: Pick<Grid, 'index'>,
  missing = 0,
): readonly { readonly first: number; readonly end: number }[] {
  const { index } = grid
  const runs: { first: number; end: number }[] = []
  let first = 0
  for (let i = 1; i <= index.length; i++) {
    if (i === index.length || (index[i] ?? 0) - (index[i - 1] ?? 0) > missing + 1) {
      runs.push({ first, end: i })
      first = i
    }
  }
  return index.length === 0 ? [] : runs
}

/** Samples at one instant become one: their mean. */
function collapsed(samples: Samples): Samples {
  const { at, local, value } = samples
  let doubled = false
  for (let i = 1; i < at.length && !doubled; i++) doubled = at[i] === at[i - 1]
  if (!doubled) return samples
  const out = {
    at: new Float64Array(at.length),
    local: new Float64Array(at.length),
    value: new Float64Array(at.length),
  }
  let n = 0
  for (let i = 0; i < at.length; ) {
    let j = i
    let sum = 0
    for (; j < at.length && at[j] === at[i]; j++) sum += value[j] ?? 0
    out.at[n] = at[i] ?? 0
    out.local[n] = local[i] ?? 0
    out.value[n++] = sum / (j - i)
    i = j
  }
  return { at: out.at.subarray(0, n), local: out.local.subarray(0, n), value: out.value.subarray(0, n) }
}

function modulo(a: number, b: number): number {
  return a - Math.floor(a / b) * b
}

/** Four columns that grow together. */
class Columns {
  private n = 0
  private index: Int32Array
  private value: Float64Array
  private day: Int32Array
  private slot: Int32Array

  constructor(size: number) {
    this.index = new Int32Array(size)
    this.value = new Float64Array(size)
    this.day = new Int32Array(size)
    this.slot = new Int32Array(size)
  }

  push(index: number, value: number, day: number, slot: number): void {
    if (this.n === this.index.length) this.grow()
    this.index[this.n] = index
    this.value[this.n] = value
    this.day[this.n] = day
    this.slot[this.n++] = slot
  }

  trimmed(): Pick<Grid, 'index' | 'value' | 'day' | 'slot'> {
    return {
      index: this.index.subarray(0, this.n),
      value: this.value.subarray(0, this.n),
      day: this.day.subarray(0, this.n),
      slot: this.slot.subarray(0, this.n),
    }
  }

  private grow(): void {
    const size = this.n * 2
    const index = new Int32Array(size)
    const value = new Float64Array(size)
    const day = new Int32Array(size)
    const slot = new Int32Array(size)
    index.set(this.index)
    value.set(this.value)
    day.set(this.day)
    slot.set(this.slot)
    this.index = index
    this.value = value
    this.day = day
    this.slot = slot
  }
}
