/**
 * The sums of a ridge as whole numbers, so that their total is the same in whatever order sites are added, bare or under
 * masks, bit for bit.
 *
 * Laws: a sum is a multiple of 2⁻⁴⁰, told as seven limbs of 13 bits, the last one signed; limbs of up to 256 sites add up
 * in a masked sum without a rounding; what no windows of glucose can have summed to is refused. Those bounds hold a lie
 * to lengths that many windows could have, and say nothing of what they could say.
 */
import type { NormalEquations } from '../learning/site.door.ts'
import type { Bytes } from '../vocabulary/index.ts'

/** Protocol W: 23 differences, the level and an intercept; twelve steps ahead. */
const WIDTH = 25
const HORIZON = 12
/** Triangle of products of predictors, products with what is forecast, and how many windows. */
const NUMBERS = (WIDTH * (WIDTH + 1)) / 2 + WIDTH * HORIZON + 1

const UNIT = 2 ** 40
const LIMBS = 7
const LIMB_BITS = 13n
const LIMB = 2 ** 13
const TOP_LIMB = LIMB / 2

/** Numbers that a site tells. */
export const SUM_LIMBS = NUMBERS * LIMBS
/** Weights of a model: one for each predictor and step ahead. */
export const RIDGE_SHAPE = { width: WIDTH, horizon: HORIZON } as const

/** No sensor or meter tells more glucose, mg/dL; in the scales of Protocol W: level, difference, change. */
const MOST_LEVEL = (1_000 - 150) / 60
const MOST_SLOPE = 1_000 / 10
const MOST_CHANGE = 1_000 / 30
/** Rounding of a sum against the product of two that bound it. */
const SLACK = 1 + 1e-6

/** A limb in a masked sum is itself: 16 bits with a sign, in steps of RANGE / LEVELS that a whole number is rounded to. */
export const RING_RANGE = 2 ** 15
const RING_LEVELS = RING_RANGE - 1

/** Limbs of a site's sums. */
export function limbsOf(equations: NormalEquations): Int16Array {
  const limbs = new Int16Array(SUM_LIMBS)
  let at = 0
  for (const number of numbersOf(equations)) {
    let rest = BigInt(Math.round(number * UNIT))
    for (let i = 0; i < LIMBS - 1; i++, rest >>= LIMB_BITS) limbs[at++] = Number(rest & BigInt(LIMB - 1))
    limbs[at++] = Number(rest)
  }
  return limbs
}

/** The sums that limbs, or totals of limbs, stand for; undefined where no windows can have summed to them. */
export function equationsOf(limbs: ArrayLike<number>): NormalEquations | undefined {
  const numbers = new Float64Array(NUMBERS)
  for (let n = 0; n < NUMBERS; n++) {
    let whole = 0n
    for (let i = LIMBS - 1; i >= 0; i--) whole = (whole << LIMB_BITS) + BigInt(limbs[n * LIMBS + i] ?? 0)
    numbers[n] = Number(whole) / UNIT
  }
  const gram = new Float64Array(WIDTH * WIDTH)
  let at = 0
  for (let i = 0; i < WIDTH; i++)
    for (let j = i; j < WIDTH; j++) {
      const value = numbers[at++] ?? 0
      gram[i * WIDTH + j] = value
      gram[j * WIDTH + i] = value
    }
  const cross = numbers.slice(at, at + WIDTH * HORIZON)
  const equations = { ...RIDGE_SHAPE, count: numbers[NUMBERS - 1] ?? 0, gram, cross }
  return arePossible(equations) ? equations : undefined
}

/** Limbs added up, site by site. */
export function totalOf(parts: readonly Int16Array[]): Int32Array {
  const total = new Int32Array(SUM_LIMBS)
  for (const part of parts) for (let i = 0; i < SUM_LIMBS; i++) total[i] = (total[i] ?? 0) + (part[i] ?? 0)
  return total
}

/** What limbs of so many sites add up to, from their mean: of 21 bits at most, so that float32 tells it. */
export function totalOfMean(mean: Float32Array, sites: number): Int32Array {
  return Int32Array.from(mean, (value) => Math.round((value * sites * RING_LEVELS) / RING_RANGE))
}

/** Little-endian, two bytes a limb. */
export function limbBytes(limbs: Int16Array): Bytes {
  const bytes = new Uint8Array(2 * limbs.length)
  const view = new DataView(bytes.buffer)
  for (const [i, limb] of limbs.entries()) view.setInt16(2 * i, limb, true)
  return bytes
}

/** Undefined where the bytes are no limbs. */
export function readLimbs(bytes: Bytes): Int16Array | undefined {
  if (bytes.length !== 2 * SUM_LIMBS) return undefined
  const view = new DataView(bytes.buffer, bytes.byteOffset)
  const limbs = Int16Array.from({ length: SUM_LIMBS }, (_, i) => view.getInt16(2 * i, true))
  const isTop = (i: number): boolean => i % LIMBS === LIMBS - 1
  const isLimb = (limb: number, i: number): boolean =>
    isTop(i) ? limb >= -TOP_LIMB && limb < TOP_LIMB : limb >= 0 && limb < LIMB
  return limbs.every(isLimb) ? limbs : undefined
}

function* numbersOf({ gram, cross, count }: NormalEquations): Generator<number> {
  for (let i = 0; i < WIDTH; i++) for (let j = i; j < WIDTH; j++) yield gram[i * WIDTH + j] ?? 0
  yield* cross
  yield count
}

/** The intercept counts windows, squares are of glucose, and no product is larger than squares allow (Cauchy–Schwarz). */
function arePossible({ count, gram, cross }: NormalEquations): boolean {
  const squareOf = (i: number): number => gram[i * WIDTH + i] ?? Number.NaN
  if (!(Number.isInteger(count) && count > 0 && squareOf(WIDTH - 1) === count)) return false
  for (let i = 0; i < WIDTH; i++) {
    const most = i === WIDTH - 1 ? 1 : i === WIDTH - 2 ? MOST_LEVEL : MOST_SLOPE
    if (!(squareOf(i) >= 0 && squareOf(i) <= count * most ** 2)) return false
    for (let j = 0; j < i; j++)
      if (!isWithin(gram[i * WIDTH + j], Math.sqrt(squareOf(i) * squareOf(j)))) return false
    for (let h = 0; h < HORIZON; h++)
      if (!isWithin(cross[i * HORIZON + h], Math.sqrt(squareOf(i) * count) * MOST_CHANGE)) return false
  }
  return true
}

function isWithin(value = Number.NaN, bound: number): boolean {
  return Math.abs(value) <= bound * SLACK + 1e-6
}
