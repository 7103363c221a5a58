/**
 * MAGE: mean amplitude of glycaemic excursions.
 *
 * No exact algorithm exists: on hand-measured traces programs and people differ by up to two thirds, so this is a
 * secondary figure. Ours: a short and a long moving average cross where the trend turns; between two crossings the
 * extreme of the trace itself is a candidate turn; a swing smaller than one standard deviation is no excursion, and the
 * turns around it are joined; MAGE+ is the mean height of rises, MAGE− of falls, MAGE the mean of both. A silence over
 * three hours splits the trace; the parts are weighted by their length.
 * Source: Service et al. 1970, Diabetes 19:644; moving averages: Fernandes et al. 2022, doi 10.1177/19322968211061165.
 */
import { type Grid, gridRuns } from '../series/index.ts'
import { standardDeviation } from './distribution.ts'

export interface Mage {
  /** Unit of the grid; null without an excursion. */
  readonly mage: number | null
  /** Mean rise, nadir to peak. */
  readonly plus: number | null
  /** Mean fall, peak to nadir. */
  readonly minus: number | null
}

const SHORT = 5
const LONG = 32
const SPLIT_SECONDS = 180 * 60

/** MAGE of a grid; the averages run over 5 and 32 cells. */
export function mage(grid: Grid): Mage {
  const totals = { both: new Weighted(), plus: new Weighted(), minus: new Weighted() }
  const missing = Math.floor(SPLIT_SECONDS / grid.step)
  for (const { first, end } of gridRuns(grid, missing)) {
    const part = mageOfPart(grid.value.subarray(first, end))
    const weight = end - first
    totals.plus.add(part.plus, weight)
    totals.minus.add(part.minus, weight)
    totals.both.add(part.mage, weight)
  }
  return { mage: totals.both.mean(), plus: totals.plus.mean(), minus: totals.minus.mean() }
}

/** MAGE of one unbroken part. */
export function mageOfPart(values: Float64Array): Mage {
  const sd = standardDeviation(values)
  if (sd === null || sd === 0 || values.length <= LONG) return { mage: null, plus: null, minus: null }
  const turns = significant(candidateTurns(values), values, sd)
  const rises: number[] = []
  const falls: number[] = []
  for (let i = 1; i < turns.length; i++) {
    const height = (values[turns[i] ?? 0] ?? 0) - (values[turns[i - 1] ?? 0] ?? 0)
    if (height >= sd) rises.push(height)
    else if (-height >= sd) falls.push(-height)
  }
  const plus = meanOf(rises)
  const minus = meanOf(falls)
  return { plus, minus, mage: plus === null ? minus : minus === null ? plus : (plus + minus) / 2 }
}

/** Positions of alternating peaks and nadirs: the extremes between crossings of the two averages. */
function candidateTurns(values: Float64Array): number[] {
  const short = movingAverage(values, SHORT)
  const long = movingAverage(values, LONG)
  const turns: number[] = []
  let from = 0
  for (let i = 1; i <= values.length; i++) {
    const above = (short[i] ?? 0) >= (long[i] ?? 0)
    const before = (short[i - 1] ?? 0) >= (long[i - 1] ?? 0)
    if (i < values.length && above === before) continue
    turns.push(extreme(values, from, i, before))
    from = i
  }
  return turns
}

function extreme(values: Float64Array, from: number, end: number, highest: boolean): number {
  let best = from
  for (let i = from + 1; i < end; i++) {
    const value = values[i] ?? 0
    const champion = values[best] ?? 0
    if (highest ? value > champion : value < champion) best = i
  }
  return best
}

/** Trailing mean over `size` values; over those seen so far at the start. */
function movingAverage(values: Float64Array, size: number): Float64Array {
  const out = new Float64Array(values.length)
  let sum = 0
  for (let i = 0; i < values.length; i++) {
    sum += (values[i] ?? 0) - (i >= size ? (values[i - size] ?? 0) : 0)
    out[i] = sum / Math.min(i + 1, size)
  }
  return out
}

/** Drops turns until every swing between neighbours reaches the threshold and peaks and nadirs alternate. */
function significant(turns: readonly number[], values: Float64Array, threshold: number): readonly number[] {
  const kept: number[] = []
  for (const turn of turns) {
    const level = values[turn] ?? 0
    for (;;) {
      const last = kept.at(-1)
      const previous = kept.at(-2)
      if (last === undefined) {
        kept.push(turn)
        break
      }
      const lastLevel = values[last] ?? 0
      if (previous === undefined) {
        if (Math.abs(level - lastLevel) >= threshold) kept.push(turn)
        break
      }
      const rising = lastLevel > (values[previous] ?? 0)
      const onwards = rising ? level >= lastLevel : level <= lastLevel
      if (onwards) {
        kept.pop()
        continue
      }
      if (Math.abs(level - lastLevel) >= threshold) kept.push(turn)
      break
    }
  }
  return kept
}

function meanOf(values: readonly number[]): number | null {
  return values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0) / values.length
}

/** A mean with weights, null while empty. */
class Weighted {
  private sum = 0
  private weight = 0

  add(value: number | null, weight: number): void {
    if (value === null) return
    this.sum += value * weight
    this.weight += weight
  }

  mean(): number | null {
    return this.weight === 0 ? null : this.sum / this.weight
  }
}
