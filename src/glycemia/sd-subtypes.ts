/**
 * Six ways to split the standard deviation: within days, between times of day, within an hour, between days.
 *
 * Source: Rodbard 2009, Diabetes Technol Ther 11:551 (SDw, SDhh:mm, SDws, SDdm, SDb, SDb//dm).
 * Law: each SD divides by n − 1 and needs two values; a mean of SDs is taken over those that exist.
 */
import type { Grid } from '../series/index.ts'
import { standardDeviation } from './distribution.ts'

export interface SdSubtypes {
  /** Within days: mean of each day's SD. */
  readonly sdw: number | null
  /** Between times of day: SD of the means at each time of day. */
  readonly sdhhmm: number | null
  /** Within an hour: mean of the SDs of hour-long windows. */
  readonly sdwsh: number | null
  /** Of daily means: SD of each day's mean. */
  readonly sddm: number | null
  /** Between days at the same time of day: mean of those SDs. */
  readonly sdb: number | null
  /** As sdb after each day's mean is taken away. */
  readonly sdbdm: number | null
}

/** The six subtypes on the grid, in its unit. */
export function sdSubtypes(grid: Grid): SdSubtypes {
  const days = new Groups(grid.day)
  const slots = new Groups(grid.slot)
  const dailyMeans = days.means(grid.value)
  const centred = grid.value.slice()
  for (let i = 0; i < centred.length; i++) {
    centred[i] = (centred[i] ?? 0) - (dailyMeans[days.groupOf[i] ?? 0] ?? 0)
  }
  return {
    sdw: meanOf(days.deviations(grid.value)),
    sdhhmm: standardDeviation(slots.means(grid.value)),
    sdwsh: meanOf(hourlyDeviations(grid)),
    sddm: standardDeviation(dailyMeans),
    sdb: meanOf(slots.deviations(grid.value)),
    sdbdm: meanOf(slots.deviations(centred)),
  }
}

function meanOf(values: Float64Array): number | null {
  let sum = 0
  let n = 0
  for (let i = 0; i < values.length; i++) {
    const value = values[i] ?? Number.NaN
    if (!Number.isNaN(value)) {
      sum += value
      n++
    }
  }
  return n === 0 ? null : sum / n
}

/** Cells that share a key; keys lie close together, so groups are counted by offset. */
class Groups {
  /** Number of the group of each cell, 0 ≤ group < size. */
  readonly groupOf: Int32Array
  private readonly counts: Float64Array

  constructor(keys: Int32Array) {
    let least = Number.POSITIVE_INFINITY
    let most = Number.NEGATIVE_INFINITY
    for (let i = 0; i < keys.length; i++) {
      const key = keys[i] ?? 0
      if (key < least) least = key
      if (key > most) most = key
    }
    const numbers = new Int32Array(keys.length === 0 ? 0 : most - least + 1)
    for (let i = 0; i < keys.length; i++) numbers[(keys[i] ?? 0) - least] = 1
    let size = 0
    for (let k = 0; k < numbers.length; k++) if (numbers[k] === 1) numbers[k] = size++
    this.groupOf = new Int32Array(keys.length)
    this.counts = new Float64Array(size)
    for (let i = 0; i < keys.length; i++) {
      const group = numbers[(keys[i] ?? 0) - least] ?? 0
      this.groupOf[i] = group
      this.counts[group] = (this.counts[group] ?? 0) + 1
    }
  }

  means(values: Float64Array): Float64Array {
    const sums = new Float64Array(this.counts.length)
    for (let i = 0; i < values.length; i++) {
      const group = this.groupOf[i] ?? 0
      sums[group] = (sums[group] ?? 0) + (values[i] ?? 0)
    }
    return sums.map((sum, group) => sum / (this.counts[group] ?? 1))
  }

  /** SD per group; NaN where the group has one member. */
  deviations(values: Float64Array): Float64Array {
    const means = this.means(values)
    const squares = new Float64Array(means.length)
    for (let i = 0; i < values.length; i++) {
      const group = this.groupOf[i] ?? 0
      squares[group] = (squares[group] ?? 0) + ((values[i] ?? 0) - (means[group] ?? 0)) ** 2
    }
    return squares.map((sum, group) => {
      const n = this.counts[group] ?? 0
      return n < 2 ? Number.NaN : Math.sqrt(sum / (n - 1))
    })
  }
}

/** SD of every window of one hour that starts at a cell and lies whole within the days of the grid. */
function hourlyDeviations(grid: Grid): Float64Array {
  const { index, value } = grid
  const size = Math.max(2, Math.round(3600 / grid.step))
  const out = new Float64Array(index.length)
  let n = 0
  for (let first = 0; first < index.length; first++) {
    const limit = (index[first] ?? 0) + size
    let end = first
    let sum = 0
    while (end < index.length && (index[end] ?? 0) < limit) sum += value[end++] ?? 0
    if (end - first < 2) continue
    const centre = sum / (end - first)
    let squares = 0
    for (let i = first; i < end; i++) squares += ((value[i] ?? 0) - centre) ** 2
    out[n++] = Math.sqrt(squares / (end - first - 1))
  }
  return out.subarray(0, n)
}
