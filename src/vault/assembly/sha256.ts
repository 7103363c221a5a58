/**
 * SHA-256 of four messages at a time: lane i of every vector belongs to message i, so one instruction serves four.
 *
 * Law: the digests are those of FIPS 180-4, HMAC those of RFC 2104, expansions those of RFC 5869 §2.3; all rows of a call
 * have one length, so that lanes never part ways; nothing here branches on the content of a row.
 * Rows lie one behind the other; what stands in memory after a call is for the caller to wipe, `base` to its end.
 * Source: FIPS 180-4 §5.3.3, §6.2.2; the layout in lanes as in Gueron and Krasnov, "Simultaneous hashing of multiple
 * messages", 2012.
 */

// prettier-ignore
const K: usize = memory.data<u32>([
  0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
  0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
  0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
  0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
  0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
  0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
  0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
  0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
])
const H: usize = memory.data<u32>([
  0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19,
])

/** Sixteen words of the schedule and eight of the state, four lanes each. */
const W: usize = memory.data(256, 16)
const STATE: usize = memory.data(128, 16)
/** States after the inner and the outer pad of four keys. */
const INNER: usize = memory.data(128, 16)
const OUTER: usize = memory.data(128, 16)
/** Four blocks and a half of lane scratch: the last one or two blocks of each message. */
const TAIL: usize = memory.data(4 * 128, 16)
/** Four digests, as rows. */
const DIGESTS: usize = memory.data(4 * 32, 16)
/** Four messages of an expansion: a digest, the info, a counter. */
const LONGEST_INFO: u32 = 223
const EXPANDING: u32 = 256
const MESSAGES: usize = memory.data(4 * 256, 16)

/** Four messages put together of two parts. */
const LONGEST_PAIR: u32 = 1024
const PAIRS: usize = memory.data(4 * 1024, 16)

/** Where rows may begin; one byte before it may be read. */
export function base(): usize {
  return (__heap_base + 64) & ~15
}

/** The longest info, in bytes, that `hkdf` takes. */
export function longestInfo(): u32 {
  return LONGEST_INFO
}

/** The longest prefix, left and right row together, in bytes, that `pairs` takes. */
export function longestPair(): u32 {
  return LONGEST_PAIR
}

/** Forgets keys, states and messages. */
export function wipe(end: usize): void {
  memory.fill(W, 0, end - W)
}

// @ts-expect-error a decorator of AssemblyScript
@inline
function turn(x: v128, by: i32): v128 {
  return v128.or(i32x4.shr_u(x, by), i32x4.shl(x, 32 - by))
}

// @ts-expect-error a decorator of AssemblyScript
@inline
function sigma0(a: v128): v128 {
  return v128.xor(v128.xor(turn(a, 2), turn(a, 13)), turn(a, 22))
}

// @ts-expect-error a decorator of AssemblyScript
@inline
function sigma1(e: v128): v128 {
  return v128.xor(v128.xor(turn(e, 6), turn(e, 11)), turn(e, 25))
}

// @ts-expect-error a decorator of AssemblyScript
@inline
function choice(e: v128, f: v128, g: v128): v128 {
  return v128.xor(g, v128.and(e, v128.xor(f, g)))
}

// @ts-expect-error a decorator of AssemblyScript
@inline
function majority(a: v128, b: v128, c: v128): v128 {
  return v128.xor(v128.and(v128.xor(a, b), v128.xor(b, c)), b)
}

/** What a round adds before it looks at a, b and c. */
// @ts-expect-error a decorator of AssemblyScript
@inline
function mixed(e: v128, f: v128, g: v128, h: v128, t: usize, i: usize): v128 {
  const kw = i32x4.add(v128.load32_splat(K + (t + i) * 4), v128.load(W + i * 16))
  return i32x4.add(i32x4.add(h, kw), i32x4.add(sigma1(e), choice(e, f, g)))
}

// @ts-expect-error a decorator of AssemblyScript
@inline
function word(i: usize): v128 {
  return v128.load(W + (i & 15) * 16)
}

/** The next sixteen words of the schedule, in place of the last sixteen. */
function extend(): void {
  for (let i: usize = 0; i < 16; i++) {
    const early = word(i + 1)
    const late = word(i + 14)
    const s0 = v128.xor(v128.xor(turn(early, 7), turn(early, 18)), i32x4.shr_u(early, 3))
    const s1 = v128.xor(v128.xor(turn(late, 17), turn(late, 19)), i32x4.shr_u(late, 10))
    v128.store(W + i * 16, i32x4.add(i32x4.add(word(i), s0), i32x4.add(word(i + 9), s1)))
  }
}

// @ts-expect-error a decorator of AssemblyScript
@inline
function bigEndian(x: v128): v128 {
  return v128.shuffle<u8>(x, x, 3, 2, 1, 0, 7, 6, 5, 4, 11, 10, 9, 8, 15, 14, 13, 12)
}

/** Four words of four messages, from rows of a lane to lanes of a row. */
// @ts-expect-error a decorator of AssemblyScript
@inline
function gather(p0: usize, p1: usize, p2: usize, p3: usize, first: i32, to: usize): void {
  let a = v128.load(p0)
  let b = v128.load(p1)
  let c = v128.load(p2)
  let d = v128.load(p3)
  if (first >= 0) {
    a = v128.replace_lane<u8>(a, 0, <u8>first)
    b = v128.replace_lane<u8>(b, 0, <u8>first)
    c = v128.replace_lane<u8>(c, 0, <u8>first)
    d = v128.replace_lane<u8>(d, 0, <u8>first)
  }
  a = bigEndian(a)
  b = bigEndian(b)
  c = bigEndian(c)
  d = bigEndian(d)
  const ab = v128.shuffle<u32>(a, b, 0, 4, 1, 5)
  const cd = v128.shuffle<u32>(c, d, 0, 4, 1, 5)
  const eb = v128.shuffle<u32>(a, b, 2, 6, 3, 7)
  const gd = v128.shuffle<u32>(c, d, 2, 6, 3, 7)
  v128.store(to, v128.shuffle<u64>(ab, cd, 0, 2))
  v128.store(to + 16, v128.shuffle<u64>(ab, cd, 1, 3))
  v128.store(to + 32, v128.shuffle<u64>(eb, gd, 0, 2))
  v128.store(to + 48, v128.shuffle<u64>(eb, gd, 1, 3))
}

/** One block of four messages; `first` replaces the first byte of each, unless it is negative. */
function compress(p0: usize, p1: usize, p2: usize, p3: usize, first: i32): void {
  gather(p0, p1, p2, p3, first, W)
  gather(p0 + 16, p1 + 16, p2 + 16, p3 + 16, -1, W + 64)
  gather(p0 + 32, p1 + 32, p2 + 32, p3 + 32, -1, W + 128)
  gather(p0 + 48, p1 + 48, p2 + 48, p3 + 48, -1, W + 192)
  let a = v128.load(STATE)
  let b = v128.load(STATE + 16)
  let c = v128.load(STATE + 32)
  let d = v128.load(STATE + 48)
  let e = v128.load(STATE + 64)
  let f = v128.load(STATE + 80)
  let g = v128.load(STATE + 96)
  let h = v128.load(STATE + 112)
  for (let t: usize = 0; t < 64; t += 8) {
    const i = t & 8
    if (i == 0 && t > 0) extend()
    h = mixed(e, f, g, h, t - i, i)
    d = i32x4.add(d, h)
    h = i32x4.add(h, i32x4.add(sigma0(a), majority(a, b, c)))
    g = mixed(d, e, f, g, t - i, i + 1)
    c = i32x4.add(c, g)
    g = i32x4.add(g, i32x4.add(sigma0(h), majority(h, a, b)))
    f = mixed(c, d, e, f, t - i, i + 2)
    b = i32x4.add(b, f)
    f = i32x4.add(f, i32x4.add(sigma0(g), majority(g, h, a)))
    e = mixed(b, c, d, e, t - i, i + 3)
    a = i32x4.add(a, e)
    e = i32x4.add(e, i32x4.add(sigma0(f), majority(f, g, h)))
    d = mixed(a, b, c, d, t - i, i + 4)
    h = i32x4.add(h, d)
    d = i32x4.add(d, i32x4.add(sigma0(e), majority(e, f, g)))
    c = mixed(h, a, b, c, t - i, i + 5)
    g = i32x4.add(g, c)
    c = i32x4.add(c, i32x4.add(sigma0(d), majority(d, e, f)))
    b = mixed(g, h, a, b, t - i, i + 6)
    f = i32x4.add(f, b)
    b = i32x4.add(b, i32x4.add(sigma0(c), majority(c, d, e)))
    a = mixed(f, g, h, a, t - i, i + 7)
    e = i32x4.add(e, a)
    a = i32x4.add(a, i32x4.add(sigma0(b), majority(b, c, d)))
  }
  v128.store(STATE, i32x4.add(v128.load(STATE), a))
  v128.store(STATE + 16, i32x4.add(v128.load(STATE + 16), b))
  v128.store(STATE + 32, i32x4.add(v128.load(STATE + 32), c))
  v128.store(STATE + 48, i32x4.add(v128.load(STATE + 48), d))
  v128.store(STATE + 64, i32x4.add(v128.load(STATE + 64), e))
  v128.store(STATE + 80, i32x4.add(v128.load(STATE + 80), f))
  v128.store(STATE + 96, i32x4.add(v128.load(STATE + 96), g))
  v128.store(STATE + 112, i32x4.add(v128.load(STATE + 112), h))
}

/** The state before the first block. */
function start(): void {
  for (let i: usize = 0; i < 8; i++) v128.store(STATE + i * 16, v128.load32_splat(H + i * 4))
}

function scatter(from: usize, to: usize): void {
  const a = bigEndian(v128.load(from))
  const b = bigEndian(v128.load(from + 16))
  const c = bigEndian(v128.load(from + 32))
  const d = bigEndian(v128.load(from + 48))
  const ab = v128.shuffle<u32>(a, b, 0, 4, 1, 5)
  const cd = v128.shuffle<u32>(c, d, 0, 4, 1, 5)
  const eb = v128.shuffle<u32>(a, b, 2, 6, 3, 7)
  const gd = v128.shuffle<u32>(c, d, 2, 6, 3, 7)
  v128.store(to, v128.shuffle<u64>(ab, cd, 0, 2))
  v128.store(to + 32, v128.shuffle<u64>(ab, cd, 1, 3))
  v128.store(to + 64, v128.shuffle<u64>(eb, gd, 0, 2))
  v128.store(to + 96, v128.shuffle<u64>(eb, gd, 1, 3))
}

/** The last block or two of one message: its rest, a one bit, zeros, and how many bits were hashed in all. */
function close(lane: usize, from: usize, rest: u32, first: i32, bits: u64): void {
  const at = TAIL + lane * 128
  memory.fill(at, 0, 128)
  memory.copy(at, from, rest)
  if (first >= 0) store<u8>(at, <u8>first)
  store<u8>(at + rest, 0x80)
  store<u64>(at + (rest < 56 ? 56 : 120), bswap<u64>(bits))
}

/**
 * Hashes four messages of `length` bytes on top of the state, into DIGESTS; `before` bytes are in the state already,
 * whole blocks. `first` replaces the first byte of each message, unless it is negative.
 */
function digest(p0: usize, p1: usize, p2: usize, p3: usize, length: u32, before: u32, first: i32): void {
  const whole = length & ~63
  let mark = first
  for (let at: usize = 0; at < <usize>whole; at += 64) {
    compress(p0 + at, p1 + at, p2 + at, p3 + at, mark)
    mark = -1
  }
  const rest = length & 63
  const bits = (<u64>before + <u64>length) << 3
  close(0, p0 + whole, rest, mark, bits)
  close(1, p1 + whole, rest, mark, bits)
  close(2, p2 + whole, rest, mark, bits)
  close(3, p3 + whole, rest, mark, bits)
  compress(TAIL, TAIL + 128, TAIL + 256, TAIL + 384, -1)
  if (rest >= 56) compress(TAIL + 64, TAIL + 192, TAIL + 320, TAIL + 448, -1)
  scatter(STATE, DIGESTS)
  scatter(STATE + 64, DIGESTS + 16)
}

/** Gives the digests of the lanes that stand for a row. */
function give(to: usize, lanes: u32, bytes: u32, stride: u32): void {
  for (let lane: usize = 0; lane < <usize>lanes; lane++) {
    memory.copy(to + lane * stride, DIGESTS + lane * 32, bytes)
  }
}

// @ts-expect-error a decorator of AssemblyScript
@inline
function least(a: u32, b: u32): u32 {
  return a < b ? a : b
}

/**
 * SHA-256 of `count` rows of `length` bytes each, to `out`, 32 bytes each. With `prefix` ≥ 0 each message is that byte
 * and then the row.
 */
export function sha256(rows: usize, length: u32, count: u32, prefix: i32, out: usize): void {
  const ahead: u32 = prefix < 0 ? 0 : 1
  for (let at: u32 = 0; at < count; at += 4) {
    const lanes = least(4, count - at)
    // A lane without a row of its own does the last one again.
    const p0 = rows + at * length - ahead
    const p1 = rows + (at + least(1, lanes - 1)) * length - ahead
    const p2 = rows + (at + least(2, lanes - 1)) * length - ahead
    const p3 = rows + (at + least(3, lanes - 1)) * length - ahead
    start()
    digest(p0, p1, p2, p3, length + ahead, 0, prefix)
    give(out + at * 32, lanes, 32, 32)
  }
}

/**
 * SHA-256 of `count` messages of two parts, to `out`, 32 bytes each: a row of `width` bytes from `left`, then one of `length`
 * bytes from `right`. With `prefix` ≥ 0 that byte stands before both. Together they are at most `longestPair`.
 */
export function pairs(
  left: usize,
  width: u32,
  right: usize,
  length: u32,
  count: u32,
  prefix: i32,
  out: usize,
): void {
  const ahead: u32 = prefix < 0 ? 0 : 1
  for (let at: u32 = 0; at < count; at += 4) {
    const lanes = least(4, count - at)
    for (let lane: u32 = 0; lane < 4; lane++) {
      const message = PAIRS + lane * LONGEST_PAIR
      const row = at + least(lane, lanes - 1)
      if (ahead > 0) store<u8>(message, <u8>prefix)
      memory.copy(message + ahead, left + row * width, width)
      memory.copy(message + ahead + width, right + row * length, length)
    }
    start()
    digest(
      PAIRS,
      PAIRS + LONGEST_PAIR,
      PAIRS + 2 * LONGEST_PAIR,
      PAIRS + 3 * LONGEST_PAIR,
      ahead + width + length,
      0,
      -1,
    )
    give(out + at * 32, lanes, 32, 32)
  }
}

/** The state after one block of keys, 32 bytes each, xored with a pad. */
function pad(keys: usize, stride: u32, lanes: u32, by: u8, to: usize): void {
  const mask = i8x16.splat(by)
  for (let lane: u32 = 0; lane < 4; lane++) {
    const key = keys + least(lane, lanes - 1) * stride
    const at = TAIL + lane * 128
    v128.store(at, v128.xor(v128.load(key), mask))
    v128.store(at + 16, v128.xor(v128.load(key + 16), mask))
    v128.store(at + 32, mask)
    v128.store(at + 48, mask)
  }
  start()
  compress(TAIL, TAIL + 128, TAIL + 256, TAIL + 384, -1)
  memory.copy(to, STATE, 128)
}

function keyed(keys: usize, stride: u32, lanes: u32): void {
  pad(keys, stride, lanes, 0x36, INNER)
  pad(keys, stride, lanes, 0x5c, OUTER)
}

/** HMAC of four messages under the keys of `keyed`, into DIGESTS. */
function mac(p0: usize, p1: usize, p2: usize, p3: usize, length: u32): void {
  memory.copy(STATE, INNER, 128)
  digest(p0, p1, p2, p3, length, 64, -1)
  memory.copy(STATE, OUTER, 128)
  digest(DIGESTS, DIGESTS + 32, DIGESTS + 64, DIGESTS + 96, 32, 64, -1)
}

/**
 * HMAC-SHA256 of `count` rows of `length` bytes each, to `out`; keys of 32 bytes stand `stride` apart: 32, or 0 for one
 * key over all rows.
 */
export function hmac(keys: usize, stride: u32, rows: usize, length: u32, count: u32, out: usize): void {
  for (let at: u32 = 0; at < count; at += 4) {
    const lanes = least(4, count - at)
    if (stride > 0 || at == 0) keyed(keys + at * stride, stride, stride > 0 ? lanes : 4)
    const p1 = rows + (at + least(1, lanes - 1)) * length
    const p2 = rows + (at + least(2, lanes - 1)) * length
    const p3 = rows + (at + least(3, lanes - 1)) * length
    mac(rows + at * length, p1, p2, p3, length)
    give(out + at * 32, lanes, 32, 32)
  }
}

/**
 * HKDF-Expand of `count` keys of 32 bytes, to `out`, `bytes` each; infos of `length` bytes stand `stride` apart, 0 for one
 * info under all keys. `length` is at most `longestInfo`, `bytes` at most 8,160.
 */
export function hkdf(
  keys: usize,
  infos: usize,
  length: u32,
  stride: u32,
  bytes: u32,
  count: u32,
  out: usize,
): void {
  for (let at: u32 = 0; at < count; at += 4) {
    const lanes = least(4, count - at)
    keyed(keys + at * 32, 32, lanes)
    for (let lane: u32 = 0; lane < 4; lane++) {
      memory.copy(MESSAGES + lane * EXPANDING + 32, infos + (at + least(lane, lanes - 1)) * stride, length)
    }
    let number: u32 = 1
    for (let done: u32 = 0; done < bytes; done += 32) {
      const ahead: u32 = number == 1 ? 32 : 0
      for (let lane: usize = 0; lane < 4; lane++) {
        const message = MESSAGES + lane * EXPANDING
        if (number > 1) memory.copy(message, DIGESTS + lane * 32, 32)
        store<u8>(message + 32 + length, <u8>number)
      }
      const from = MESSAGES + ahead
      mac(from, from + EXPANDING, from + 2 * EXPANDING, from + 3 * EXPANDING, 33 + length - ahead)
      give(out + at * bytes + done, lanes, least(32, bytes - done), bytes)
      number++
    }
  }
}
