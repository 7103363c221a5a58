/**
 * The hasher in pure JavaScript, for browsers and for any place without node:crypto; many rows at once go through a
 * WebAssembly kernel where there is one.
 * Source: FIPS 180-4, RFC 2104, by way of @noble/hashes.
 */
import { hmac } from '@noble/hashes/hmac.js'
import { sha256 } from '@noble/hashes/sha2.js'
import { simdRows } from './simd-rows.ts'
import type { Hasher } from './suite.ts'

export const nobleHasher: Hasher = {
  sha256: (message) => new Uint8Array(sha256(message)),
  hmacSha256: (key, message) => new Uint8Array(hmac(sha256, key, message)),
  get rows() {
    return simdRows()
  },
}
