/**
 * HKDF-SHA256: one secret into many that say nothing of each other.
 * Source: RFC 5869 (extract §2.2, expand §2.3; §3.3 allows expand alone on a key that is already uniform).
 */
import { type Bytes, IsletError } from '../vocabulary/index.ts'
import { HASH_BYTES, type Hasher } from './suite.ts'

export function hkdfExtract(hasher: Hasher, salt: Uint8Array, secret: Uint8Array): Bytes {
  return hasher.hmacSha256(salt.length === 0 ? new Uint8Array(HASH_BYTES) : salt, secret)
}

/** Expands a uniform key to `length` bytes, 1–8,160. Throws `HKDF_LENGTH`. */
export function hkdfExpand(hasher: Hasher, key: Uint8Array, info: Uint8Array, length: number): Bytes {
  const blocks = Math.ceil(length / HASH_BYTES)
  if (!(length >= 1 && blocks <= 255)) {
    throw new IsletError('HKDF_LENGTH', 'HKDF-SHA256 gives 1 to 8,160 bytes', { length })
  }
  const output = new Uint8Array(blocks * HASH_BYTES)
  // block i is HMAC(block i−1 ‖ info ‖ i), the first without a block before it
  const input = new Uint8Array(HASH_BYTES + info.length + 1)
  input.set(info, HASH_BYTES)
  for (let i = 1; i <= blocks; i++) {
    input[input.length - 1] = i
    const block = hasher.hmacSha256(key, i === 1 ? input.subarray(HASH_BYTES) : input)
    output.set(block, (i - 1) * HASH_BYTES)
    input.set(block)
  }
  return length === output.length ? output : output.slice(0, length)
}

/** Extract, then expand. Throws `HKDF_LENGTH`. */
export function hkdf(
  hasher: Hasher,
  secret: Uint8Array,
  options: { readonly salt?: Uint8Array; readonly info: Uint8Array; readonly length: number },
): Bytes {
  const key = hkdfExtract(hasher, options.salt ?? new Uint8Array(0), secret)
  return hkdfExpand(hasher, key, options.info, options.length)
}
