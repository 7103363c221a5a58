// Kernels of histogram boosting: sort, encode, gradients, histograms, partition, split search.
//
// Law: sums are integers in one 64-bit word per bin, word = G · 2^24 + H (G signed 40 bits, H 24 bits), added modulo 2^64;
// so any order of rows and any division into sites gives the same word. Memory is laid out by the caller.
// Source: histogram split search as in Chen and Guestrin 2016 (XGBoost), section 3.

/** Bits of H. */
const H_BITS: i64 = 24
const H_MASK: i64 = 0xffffff
/** 2^52 as bits of a double: an integer below 2^52 in the mantissa. */
const MAGIC: i64 = 0x4330000000000000
const TWO_52: f64 = 4503599627370496.0
const TWO_39: f64 = 549755813888.0

/** Sorts n floats in place, three radix passes of 11 bits; `other` holds n, `counts` 3 × 2048 words of 32 bits. */
export function sort(values: usize, other: usize, counts: usize, n: u32): void {
  memory.fill(counts, 0, 3 * 2048 * 4)
  for (let i: u32 = 0; i < n; i++) {
    const at = values + (<usize>i << 2)
    let bits = load<u32>(at)
    // Orders like the floats: negative ones reversed below the positive ones.
    bits ^= <u32>(<i32>bits >> 31) | 0x80000000
    store<u32>(at, bits)
    bump(counts + ((<usize>bits & 2047) << 2))
    bump(counts + 8192 + ((<usize>(bits >> 11) & 2047) << 2))
    bump(counts + 16384 + (<usize>(bits >> 22) << 2))
  }
  let from = values
  let to = other
  for (let pass: u32 = 0; pass < 3; pass++) {
    const table = counts + <usize>pass * 8192
    let sum: u32 = 0
    for (let b: usize = 0; b < 8192; b += 4) {
      const count = load<u32>(table + b)
      store<u32>(table + b, sum)
      sum += count
    }
    const shift = pass * 11
    for (let i: u32 = 0; i < n; i++) {
      const bits = load<u32>(from + (<usize>i << 2))
      const slot = table + ((<usize>(bits >> shift) & 2047) << 2)
      const place = load<u32>(slot)
      store<u32>(slot, place + 1)
      store<u32>(to + (<usize>place << 2), bits)
    }
    const swap = from
    from = to
    to = swap
  }
  for (let i: u32 = 0; i < n; i++) {
    const bits = load<u32>(from + (<usize>i << 2))
    store<u32>(values + (<usize>i << 2), bits ^ (<u32>(<i32>(bits ^ 0x80000000) >> 31) | 0x80000000))
  }
}

// @ts-ignore: decorator
@inline
function bump(slot: usize): void {
  store<u32>(slot, load<u32>(slot) + 1)
}

/** Codes of one column: how many of 256 edges (padded with infinity) are ≤ the value; `missing` for NaN. */
export function encode(values: usize, n: u32, edges: usize, missing: u32, out: usize, stride: usize): void {
  for (let i: u32 = 0; i < n; i++) {
    const v = load<f32>(values + (<usize>i << 2))
    let at = edges
    at = load<f32>(at + 127 * 4) <= v ? at + 128 * 4 : at
    at = load<f32>(at + 63 * 4) <= v ? at + 64 * 4 : at
    at = load<f32>(at + 31 * 4) <= v ? at + 32 * 4 : at
    at = load<f32>(at + 15 * 4) <= v ? at + 16 * 4 : at
    at = load<f32>(at + 7 * 4) <= v ? at + 8 * 4 : at
    at = load<f32>(at + 3 * 4) <= v ? at + 4 * 4 : at
    at = load<f32>(at + 4) <= v ? at + 8 : at
    at = load<f32>(at) <= v ? at + 4 : at
    const code = <u32>((at - edges) >> 2)
    store<u8>(out, v == v ? code : missing)
    out += stride
  }
}

/**
 * Gradient words in order of rows, and rows 0 … n−1; `level` < 0: squared loss, else the pinball loss of that level.
 * `weights`: whole numbers, one byte a row, or 0 for none. Returns Σ |g|, in gradient steps.
 */
export function gradients(
  predicted: usize,
  target: usize,
  weights: usize,
  n: u32,
  scale: f64,
  level: f64,
  rows: usize,
  words: usize,
): f64 {
  let total: f64 = 0
  for (let i: u32 = 0; i < n; i++) {
    const error = load<f64>(predicted + (<usize>i << 3)) - load<f64>(target + (<usize>i << 3))
    const slope = level < 0 ? error : error > 0 ? 1 - level : error < 0 ? -level : 0
    const weight: i64 = weights == 0 ? 1 : <i64>load<u8>(weights + i)
    const g = nearest(slope * scale) * <f64>weight
    total += abs(g)
    store<u32>(rows + (<usize>i << 2), i)
    store<i64>(words + (<usize>i << 3), (<i64>g << H_BITS) + weight)
  }
  return total
}

// @ts-ignore: decorator
@inline
function put(slot: usize, word: i64): void {
  store<i64>(slot, load<i64>(slot) + word)
}

/** Adds rows [from, to) of a node to the histograms of eight features whose codes lie side by side; `bytes` per feature. */
export function histogram8(codes: usize, rows: usize, words: usize, from: u32, to: u32, out: usize, bytes: usize): void {
  const out1 = out + bytes
  const out2 = out1 + bytes
  const out3 = out2 + bytes
  const out4 = out3 + bytes
  const out5 = out4 + bytes
  const out6 = out5 + bytes
  const out7 = out6 + bytes
  for (let i = from; i < to; i++) {
    const c = load<u64>(codes + (<usize>load<u32>(rows + (<usize>i << 2)) << 3))
    const w = load<i64>(words + (<usize>i << 3))
    const low = <u32>c
    const high = <u32>(c >> 32)
    put(out + ((<usize>low & 255) << 3), w)
    put(out1 + (<usize>(low >> 5) & 0x7f8), w)
    put(out2 + (<usize>(low >> 13) & 0x7f8), w)
    put(out3 + (<usize>(low >> 24) << 3), w)
    put(out4 + ((<usize>high & 255) << 3), w)
    put(out5 + (<usize>(high >> 5) & 0x7f8), w)
    put(out6 + (<usize>(high >> 13) & 0x7f8), w)
    put(out7 + (<usize>(high >> 24) << 3), w)
  }
}

/** The same for four features. */
export function histogram4(codes: usize, rows: usize, words: usize, from: u32, to: u32, out: usize, bytes: usize): void {
  const out1 = out + bytes
  const out2 = out1 + bytes
  const out3 = out2 + bytes
  for (let i = from; i < to; i++) {
    const c = load<u32>(codes + (<usize>load<u32>(rows + (<usize>i << 2)) << 2))
    const w = load<i64>(words + (<usize>i << 3))
    put(out + ((<usize>c & 255) << 3), w)
    put(out1 + (<usize>(c >> 5) & 0x7f8), w)
    put(out2 + (<usize>(c >> 13) & 0x7f8), w)
    put(out3 + (<usize>(c >> 24) << 3), w)
  }
}

/**
 * Parts rows [from, to) stably: those that go left first. Returns where the right part begins.
 * `codes` points at the code of row 0, `stride` bytes between rows; `mask` = bins − 1, which is also the missing code.
 */
export function partition(
  rows: usize,
  words: usize,
  otherRows: usize,
  otherWords: usize,
  from: u32,
  to: u32,
  codes: usize,
  stride: usize,
  split: u32,
  missingLeft: u32,
  mask: u32,
): u32 {
  let left = from
  let right: u32 = 0
  const last = split + missingLeft
  for (let i = from; i < to; i++) {
    const row = load<u32>(rows + (<usize>i << 2))
    const word = load<i64>(words + (<usize>i << 3))
    const code = <u32>load<u8>(codes + <usize>row * stride)
    // With missing rows to the left their code, all ones, turns into the smallest.
    const goes = <u32>(((code + missingLeft) & mask) <= last)
    store<u32>(rows + (<usize>left << 2), row)
    store<i64>(words + (<usize>left << 3), word)
    store<u32>(otherRows + (<usize>right << 2), row)
    store<i64>(otherWords + (<usize>right << 3), word)
    left += goes
    right += 1 - goes
  }
  memory.copy(rows + (<usize>left << 2), otherRows, <usize>right << 2)
  memory.copy(words + (<usize>left << 3), otherWords, <usize>right << 3)
  return left
}

/** Adds a leaf's value to the predictions of its rows. */
export function addLeaf(predicted: usize, rows: usize, from: u32, to: u32, value: f64): void {
  for (let i = from; i < to; i++) {
    const at = predicted + (<usize>load<u32>(rows + (<usize>i << 2)) << 3)
    store<f64>(at, load<f64>(at) + value)
  }
}

/** left + right = whole, word by word, modulo 2^64: writes right. `count` is even. */
export function subtract(whole: usize, left: usize, right: usize, count: u32): void {
  const end = whole + (<usize>count << 3)
  while (whole < end) {
    v128.store(right, i64x2.sub(v128.load(whole), v128.load(left)))
    whole += 16
    left += 16
    right += 16
  }
}

/** Adds `count` words, an even number, modulo 2^64. */
export function accumulate(sum: usize, words: usize, count: u32): void {
  const end = sum + (<usize>count << 3)
  while (sum < end) {
    v128.store(sum, i64x2.add(v128.load(sum), v128.load(words)))
    sum += 16
    words += 16
  }
}

// @ts-ignore: decorator
@inline
function gradientsOf(words: v128): v128 {
  // Sign bit flipped: 0 … 2^40 after the shift, exact in a double's mantissa.
  const shifted = i64x2.shr_u(v128.xor(words, i64x2.splat(i64.MIN_VALUE)), 24)
  return f64x2.sub(v128.or(shifted, i64x2.splat(MAGIC)), f64x2.splat(TWO_52 + TWO_39))
}

// @ts-ignore: decorator
@inline
function weightsOf(words: v128): v128 {
  return f64x2.sub(v128.or(v128.and(words, i64x2.splat(H_MASK)), i64x2.splat(MAGIC)), f64x2.splat(TWO_52))
}

/**
 * The best split of one node. `counts`: number of edges of each feature, 32 bits. Writes at `best`:
 * score (f64) = max GL²/(HL+λ) + GR²/(HR+λ) in gradient steps², left word (i64), feature, bin, missing left (i32);
 * feature −1 where no split keeps `least` on both sides. The first of equals wins: smaller feature, missing right, smaller bin.
 */
export function search(histograms: usize, features: u32, bins: u32, counts: usize, lambda: f64, least: f64, best: usize): void {
  let bestScore: f64 = -1
  let bestWord: i64 = 0
  let bestFeature: i32 = -1
  let bestBin: i32 = 0
  let bestMissing: i32 = 0
  // The node's whole is the same in every feature: the first one's sum.
  let whole: i64 = 0
  for (let b: u32 = 0; b < bins; b++) whole += load<i64>(histograms + (<usize>b << 3))
  const all = i64x2.splat(whole)
  const allG = gradientsOf(all)
  const allH = weightsOf(all)
  const lambdas = f64x2.splat(lambda)
  const leasts = f64x2.splat(least)
  for (let f: u32 = 0; f < features; f++) {
    const edges = load<u32>(counts + (<usize>f << 2))
    if (edges == 0) continue
    const base = histograms + ((<usize>f * bins) << 3)
    const missing = load<i64>(base + (<usize>(bins - 1) << 3))
    const ways: i32 = missing == 0 ? 1 : 2
    for (let way: i32 = 0; way < ways; way++) {
      let carry = i64x2.splat(way == 0 ? 0 : missing)
      let scores = f64x2.splat(-1)
      let places = i64x2.splat(0)
      let place = i64x2(0, 1)
      for (let b: u32 = 0; b < edges; b += 2) {
        const pair = v128.load(base + (<usize>b << 3))
        // (a, b) → (carry + a, carry + a + b)
        const shifted = v128.shuffle<i64>(i64x2.splat(0), pair, 0, 2)
        const prefix = i64x2.add(carry, i64x2.add(pair, shifted))
        carry = v128.shuffle<i64>(prefix, prefix, 1, 1)
        const leftG = gradientsOf(prefix)
        const leftH = weightsOf(prefix)
        const rightG = f64x2.sub(allG, leftG)
        const rightH = f64x2.sub(allH, leftH)
        const leftD = f64x2.add(leftH, lambdas)
        const rightD = f64x2.add(rightH, lambdas)
        const top = f64x2.add(
          f64x2.mul(f64x2.mul(leftG, leftG), rightD),
          f64x2.mul(f64x2.mul(rightG, rightG), leftD),
        )
        const score = f64x2.div(top, f64x2.mul(leftD, rightD))
        const better = v128.and(
          f64x2.gt(score, scores),
          v128.and(f64x2.ge(leftH, leasts), f64x2.ge(rightH, leasts)),
        )
        scores = v128.bitselect(score, scores, better)
        places = v128.bitselect(place, places, better)
        place = i64x2.add(place, i64x2.splat(2))
      }
      const s0 = f64x2.extract_lane(scores, 0)
      const s1 = f64x2.extract_lane(scores, 1)
      const p0 = i64x2.extract_lane(places, 0)
      const p1 = i64x2.extract_lane(places, 1)
      const second = s1 > s0 || (s1 == s0 && p1 < p0)
      const score = second ? s1 : s0
      if (score > bestScore) {
        bestScore = score
        bestFeature = f
        bestBin = <i32>(second ? p1 : p0)
        bestMissing = way
      }
    }
  }
  if (bestFeature >= 0) {
    const base = histograms + ((<usize>(<u32>bestFeature) * bins) << 3)
    if (bestMissing == 1) bestWord = load<i64>(base + (<usize>(bins - 1) << 3))
    for (let b: i32 = 0; b <= bestBin; b++) bestWord += load<i64>(base + (<usize>b << 3))
  }
  store<f64>(best, bestScore)
  store<i64>(best + 8, bestWord)
  store<i32>(best + 16, bestFeature)
  store<i32>(best + 20, bestBin)
  store<i32>(best + 24, bestMissing)
}
