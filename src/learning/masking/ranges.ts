/**
 * Updates as ring elements: every site uses the same steps, because only then is the sum of codes the code of the sum.
 *
 * Laws: a block of 256 coordinates has one range; a value beyond it is cut, what was cut stays with the site as residual,
 * and how many were cut travels under the masks with the rest, so that no cut is silent. Ranges follow from sums that
 * everybody sees.
 */
import { centred, type Depth, levels } from './ring.ts'

const RANGE_BLOCK = 256

export interface RingUpdate {
  /** A ring element a coordinate, then one a block: how many of it were cut, at most 255. */
  readonly elements: Uint32Array
  /** values + residual before − what the codes stand for. */
  readonly residual: Float32Array
}

/** Ring elements of an update that holds `count` coordinates. */
export function ringElements(count: number): number {
  return count + Math.ceil(count / RANGE_BLOCK)
}

/** Codes `weight` × (values + residual); weight in (0, 1]. */
export function toRing(
  values: Float32Array,
  residual: Float32Array,
  weight: number,
  ranges: Float32Array,
  bits: number,
  depth: Depth = 8,
): RingUpdate {
  const count = values.length
  const elements = new Uint32Array(ringElements(count))
  const left = new Float32Array(count)
  const mask = 2 ** bits - 1
  const most = levels(depth)
  for (let start = 0, block = 0; start < count; start += RANGE_BLOCK, block++) {
    const range = ranges[block] ?? 1
    const step = range / (most * weight)
    const end = Math.min(count, start + RANGE_BLOCK)
    let cut = 0
    for (let i = start; i < end; i++) {
      const wanted = Math.fround((values[i] ?? 0) + (residual[i] ?? 0))
      const exact = wanted / step
      const code = Math.max(-most, Math.min(most, Math.round(exact)))
      if (Math.abs(exact) > most + 0.5) cut++
      elements[i] = code & mask
      left[i] = wanted - code * step
    }
    elements[count + block] = Math.min(255, cut)
  }
  return { elements, residual: left }
}

export interface SummedUpdate {
  /** Sum of the weighted values. */
  readonly values: Float64Array
  /** Coordinates cut in each block, over all sites. */
  readonly cut: readonly number[]
}

export function fromRing(
  sum: Uint32Array,
  count: number,
  ranges: Float32Array,
  bits: number,
  depth: Depth = 8,
): SummedUpdate {
  const values = new Float64Array(count)
  for (let i = 0; i < count; i++) {
    values[i] = (centred(sum[i] ?? 0, bits) * (ranges[Math.floor(i / RANGE_BLOCK)] ?? 1)) / levels(depth)
  }
  return { values, cut: Array.from(sum.subarray(count)) }
}

/** Ranges of a first round: one for all blocks of so many coordinates, as one byte spells it. */
export function firstRanges({
  parameters,
  range,
}: {
  readonly parameters: number
  readonly range: number
}): Float32Array {
  return new Float32Array(Math.ceil(parameters / RANGE_BLOCK)).fill(spelled(range))
}

/** A range that was cut this often doubles; one far above what came shrinks by one step of its spelling. */
const CUT_TOO_OFTEN = 0.005
/** A site's coordinates against the largest of the mean. */
const ROOM = 3

/** Ranges of the next round, from the mean and the cuts of this one. */
export function nextRanges(
  ranges: Float32Array,
  mean: Float32Array,
  cut: readonly number[],
  sites: number,
): Float32Array {
  return ranges.map((range, block) => {
    const values = mean.subarray(block * RANGE_BLOCK, (block + 1) * RANGE_BLOCK)
    if ((cut[block] ?? 0) > CUT_TOO_OFTEN * values.length * sites) return spelled(range * 2)
    let largest = 0
    for (const value of values) largest = Math.max(largest, Math.abs(value))
    return Math.max(spelled(ROOM * largest), readRange(Math.max(0, spellRange(range) - 1)))
  })
}

/** Exponent of the smallest range: 2⁻⁴⁰. */
const LOWEST = -40

/** The range as one byte spells it: four steps to a doubling, rounded up. */
function spelled(range: number): number {
  return readRange(spellRange(range))
}

export function spellRange(range: number): number {
  let [low, high] = [0, 255]
  while (low < high) {
    const between = (low + high) >> 1
    if (readRange(between) >= range) high = between
    else low = between + 1
  }
  return low
}

export function readRange(code: number): number {
  return Math.fround(((4 + (code & 3)) / 4) * 2 ** ((code >> 2) + LOWEST))
}
