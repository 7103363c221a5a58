/**
 * Hashing many messages of one length together: rows that lie one behind the other in one buffer.
 *
 * Laws: row by row the bytes are those of the hasher's own `sha256` and `hmacSha256`; a hasher that does rows at once
 * only does them faster; where it does not, they are hashed one after the other.
 */
import { type Bytes, concat, IsletError } from '../vocabulary/index.ts'

/** Bytes of a digest and of a key of these calls. */
const WIDTH = 32
/** Longer rows gain nothing from company, and would only swell the memory that they share. */
const LONGEST_ROW = 16_384

/** Does rows at once. What is asked has been checked: lengths fit, keys have 32 bytes. */
export interface RowHasher {
  /** SHA-256 of `count` rows of `length` bytes; with a prefix, of that byte and then the row. */
  sha256(rows: Uint8Array, length: number, count: number, prefix: number | undefined): Bytes
  /** SHA-256 of `count` messages of a left row of `width` bytes and a right one; undefined where they are too long for it. */
  pairs(
    left: Uint8Array,
    width: number,
    right: Uint8Array,
    length: number,
    count: number,
    prefix: number | undefined,
  ): Bytes | undefined
  /** HMAC-SHA256 of `count` rows; as many keys, or one. */
  hmac(keys: Uint8Array, rows: Uint8Array, length: number, count: number): Bytes
  /** HKDF-Expand of `count` keys to `bytes` each; as many infos, or one. Undefined where an info is too long for it. */
  hkdf(keys: Uint8Array, infos: Uint8Array, length: number, bytes: number, count: number): Bytes | undefined
}

/** A hasher that may do rows at once. */
interface Sha256Port {
  sha256(message: Uint8Array): Bytes
  readonly rows?: RowHasher | undefined
}
interface HmacPort {
  hmacSha256(key: Uint8Array, message: Uint8Array): Bytes
  readonly rows?: RowHasher | undefined
}

/** SHA-256 of every row of `length` bytes, 32 bytes each, joined; `prefix` is a byte set before each row. Throws `ROWS_RAGGED`. */
export function sha256Rows(hasher: Sha256Port, rows: Uint8Array, length: number, prefix?: number): Bytes {
  const count = countOf(rows, length)
  if (hasher.rows !== undefined && length <= LONGEST_ROW)
    return hasher.rows.sha256(rows, length, count, prefix)
  const before = prefix === undefined ? 0 : 1
  const message = new Uint8Array(before + length)
  if (prefix !== undefined) message[0] = prefix
  return joined(count, WIDTH, (i) => {
    message.set(rows.subarray(i * length, (i + 1) * length), before)
    return hasher.sha256(message)
  })
}

/** SHA-256 of every message, 32 bytes each, joined; at once where all have one length. */
export function sha256Each(hasher: Sha256Port, messages: readonly Uint8Array[]): Bytes {
  const length = messages[0]?.length ?? 0
  const alike = length > 0 && messages.every((message) => message.length === length)
  if (!alike || hasher.rows === undefined) {
    return joined(messages.length, WIDTH, (i) => hasher.sha256(messages[i] ?? new Uint8Array(0)))
  }
  const rows = new Uint8Array(messages.length * length)
  messages.forEach((message, i) => {
    rows.set(message, i * length)
  })
  return sha256Rows(hasher, rows, length)
}

/**
 * SHA-256 of every left row of `width` bytes followed by the right row beside it, which has `length`; 32 bytes each, joined;
 * `prefix` is a byte set before each. Throws `ROWS_RAGGED`.
 */
export function sha256Pairs(
  hasher: Sha256Port,
  left: Uint8Array,
  width: number,
  right: Uint8Array,
  length: number,
  prefix?: number,
): Bytes {
  const count = countOf(left, width)
  if (countOf(right, length) !== count) throw ragged(right, length)
  const atOnce = hasher.rows?.pairs(left, width, right, length, count, prefix)
  if (atOnce !== undefined) return atOnce
  const before = prefix === undefined ? 0 : 1
  const message = new Uint8Array(before + width + length)
  if (prefix !== undefined) message[0] = prefix
  return joined(count, WIDTH, (i) => {
    message.set(left.subarray(i * width, (i + 1) * width), before)
    message.set(right.subarray(i * length, (i + 1) * length), before + width)
    return hasher.sha256(message)
  })
}

/** HMAC-SHA256 of every row of `length` bytes under its key of 32 bytes, or under one key for all. Throws `ROWS_RAGGED`. */
export function hmacRows(hasher: HmacPort, keys: Uint8Array, rows: Uint8Array, length: number): Bytes {
  const count = countOf(rows, length)
  const stride = strideOf(keys, WIDTH, count)
  if (hasher.rows !== undefined && length <= LONGEST_ROW) return hasher.rows.hmac(keys, rows, length, count)
  return joined(count, WIDTH, (i) =>
    hasher.hmacSha256(
      keys.subarray(i * stride, i * stride + WIDTH),
      rows.subarray(i * length, (i + 1) * length),
    ),
  )
}

/**
 * HKDF-Expand (RFC 5869 §2.3) of every key of 32 bytes to `bytes`, 1–8,160, joined; infos of `length` bytes, one for each
 * key or one for all. Throws `ROWS_RAGGED`, `HKDF_LENGTH`.
 */
export function hkdfRows(
  hasher: HmacPort,
  keys: Uint8Array,
  infos: Uint8Array,
  length: number,
  bytes: number,
): Bytes {
  const count = countOf(keys, WIDTH)
  const stride = strideOf(infos, length, count)
  if (!(Number.isInteger(bytes) && bytes >= 1 && bytes <= 255 * WIDTH)) {
    throw new IsletError('HKDF_LENGTH', 'HKDF-SHA256 gives 1 to 8,160 bytes', { length: bytes })
  }
  const atOnce = hasher.rows?.hkdf(keys, infos, length, bytes, count)
  if (atOnce !== undefined) return atOnce
  return joined(count, bytes, (i) => {
    const key = keys.subarray(i * WIDTH, (i + 1) * WIDTH)
    const info = infos.subarray(i * stride, i * stride + length)
    const output = new Uint8Array(Math.ceil(bytes / WIDTH) * WIDTH)
    let block: Uint8Array = new Uint8Array(0)
    for (let at = 0; at < bytes; at += WIDTH) {
      block = hasher.hmacSha256(key, concat(block, info, Uint8Array.of(at / WIDTH + 1)))
      output.set(block, at)
    }
    return output.subarray(0, bytes)
  })
}

function joined(count: number, width: number, part: (i: number) => Uint8Array): Bytes {
  const all = new Uint8Array(count * width)
  for (let i = 0; i < count; i++) all.set(part(i), i * width)
  return all
}

function countOf(rows: Uint8Array, length: number): number {
  const count = rows.length / length
  if (!(Number.isInteger(length) && length >= 1 && Number.isInteger(count))) throw ragged(rows, length)
  return count
}

function strideOf(parts: Uint8Array, width: number, count: number): number {
  if (parts.length === width) return 0
  if (parts.length !== width * count) throw ragged(parts, width)
  return width
}

function ragged(rows: Uint8Array, length: number): IsletError {
  return new IsletError('ROWS_RAGGED', 'rows to hash together have one length', {
    bytes: rows.length,
    length,
  })
}
