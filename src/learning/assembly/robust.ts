// The kernel of robust rules: distances between updates, and columns put in order with their ends cut away.
// Laws: every sum is taken in double precision and in one fixed order, a distance along the coordinates, a column from the
// smallest value to the largest; values are ordered by their bits (IEEE 754 totalOrder), so that nothing is lost, not even
// a NaN. Rows are of one length, a multiple of 4, and begin on a boundary of 16.

/** First byte that is free for the caller, on a boundary of 64. */
export function base(): usize {
  return (__heap_base + 63) & ~63
}

/** Bits of a float as an integer of the same order, and back: the same step both ways. */
// @ts-ignore: a decorator of the language
@inline
function ordered(bits: v128): v128 {
  return v128.xor(bits, v128.shr<u32>(v128.shr<i32>(bits, 31), 1))
}

/**
 * Writes to `to` the mean of each column without its `cut` smallest and largest values.
 *
 * @param rows `n` rows, `stride` bytes apart; their content is not kept
 * @param count values of a row, a multiple of 4
 * @param exchanges pairs of rows (two u32 each) that put any n values in order
 */
export function trim(
  rows: usize,
  n: u32,
  stride: usize,
  count: u32,
  exchanges: usize,
  pairs: u32,
  cut: u32,
  to: usize,
): void {
  const left = f64x2.splat(<f64>(n - 2 * cut))
  const list = exchanges + ((<usize>pairs) << 3)
  const first = rows + cut * stride
  const end = rows + (n - cut) * stride
  for (let i: usize = 0; i < (<usize>count) << 2; i += 16) {
    for (let at = rows + i, last = rows + n * stride; at < last; at += stride)
      v128.store(at, ordered(v128.load(at)))
    for (let pair = exchanges; pair < list; pair += 8) {
      const low = rows + i + load<u32>(pair) * stride
      const high = rows + i + load<u32>(pair, 4) * stride
      const a = v128.load(low)
      const b = v128.load(high)
      v128.store(low, v128.min<i32>(a, b))
      v128.store(high, v128.max<i32>(a, b))
    }
    let even = f64x2.splat(0)
    let odd = f64x2.splat(0)
    for (let at = first + i; at < end + i; at += stride) {
      const values = ordered(v128.load(at))
      even = v128.add<f64>(even, f64x2.promote_low_f32x4(values))
      odd = v128.add<f64>(odd, f64x2.promote_low_f32x4(high(values)))
    }
    const lower = f32x4.demote_f64x2_zero(v128.div<f64>(even, left))
    const upper = f32x4.demote_f64x2_zero(v128.div<f64>(odd, left))
    v128.store(to + i, v128.shuffle<u64>(lower, upper, 0, 2))
  }
}

/**
 * Adds to sums[0…3] the squared distances from a row to four rows that follow each other.
 *
 * @param others the first of the four, `stride` bytes apart
 * @param count values of a row, a multiple of 4
 */
export function distances(from: usize, others: usize, stride: usize, count: u32, sums: usize): void {
  let lower = v128.load(sums)
  let upper = v128.load(sums, 16)
  const second = others + stride
  const third = second + stride
  const fourth = third + stride
  for (let i: usize = 0; i < (<usize>count) << 2; i += 16) {
    const values = v128.load(from + i)
    const a = v128.load(others + i)
    const b = v128.load(second + i)
    const c = v128.load(third + i)
    const d = v128.load(fourth + i)
    const near = v128.shuffle<f32>(a, b, 0, 4, 1, 5)
    const nearLater = v128.shuffle<f32>(a, b, 2, 6, 3, 7)
    const far = v128.shuffle<f32>(c, d, 0, 4, 1, 5)
    const farLater = v128.shuffle<f32>(c, d, 2, 6, 3, 7)
    const first = v128.shuffle<f32>(values, values, 0, 0, 1, 1)
    const later = v128.shuffle<f32>(values, values, 2, 2, 3, 3)
    lower = added(added(added(added(lower, first, near), high(first), high(near)), later, nearLater), high(later), high(nearLater))
    upper = added(added(added(added(upper, first, far), high(first), high(far)), later, farLater), high(later), high(farLater))
  }
  v128.store(sums, lower)
  v128.store(sums, upper, 16)
}

/** sum + (from − to)², of the first two values each. */
// @ts-ignore: a decorator of the language
@inline
function added(sum: v128, from: v128, to: v128): v128 {
  const difference = v128.sub<f64>(f64x2.promote_low_f32x4(from), f64x2.promote_low_f32x4(to))
  return v128.add<f64>(sum, v128.mul<f64>(difference, difference))
}

/** The last two values first. */
// @ts-ignore: a decorator of the language
@inline
function high(values: v128): v128 {
  return v128.shuffle<u64>(values, values, 1, 1)
}
