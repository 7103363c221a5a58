/**
 * The primitives under masked sums: X25519, SHAKE128 as keystream, SHA-256 and HMAC-SHA-256, and what is derived by them.
 * Suites give the same bytes: this one in pure code for every platform, the platform's own in the worker door.
 * Sources: RFC 7748, FIPS 202, RFC 2104, RFC 5869.
 */
import { x25519 } from '@noble/curves/ed25519.js'
import { hmac } from '@noble/hashes/hmac.js'
import { sha256 } from '@noble/hashes/sha2.js'
import { shake128 } from '@noble/hashes/sha3.js'
import { concat, IsletError, utf8 } from '../../vocabulary/index.ts'

export interface MaskSuite {
  /** Public key of a 32-byte secret. */
  publicKey(secret: Uint8Array): Uint8Array
  /** What both sides of a pair know, 32 bytes. Throws `BAD_KEY` on a key without contribution. */
  agree(secret: Uint8Array, peer: Uint8Array): Uint8Array
  /** `length` bytes that follow from a 32-byte key. */
  stream(key: Uint8Array, length: number): Uint8Array
  /** HMAC-SHA-256, 32 bytes. */
  hmac(key: Uint8Array, message: Uint8Array): Uint8Array
  /** SHA-256, 32 bytes. */
  digest(bytes: Uint8Array): Uint8Array
}

export const nobleMaskSuite: MaskSuite = {
  publicKey: (secret) => x25519.getPublicKey(secret),
  agree: (secret, peer) => {
    try {
      return x25519.getSharedSecret(secret, peer)
    } catch (cause) {
      throw badKey(cause)
    }
  },
  stream: (key, length) => shake128(key, { dkLen: length }),
  hmac: (key, message) => hmac(sha256, key, message),
  digest: (bytes) => sha256(bytes),
}

export function badKey(cause: unknown): IsletError {
  return new IsletError('BAD_KEY', 'a peer’s key is no X25519 key of use', {}, { cause })
}

/** RFC 5869: no salt is as many zeros as the hash has bytes; one block of it is all that is taken. */
const NO_SALT = new Uint8Array(32)
const FIRST_BLOCK = Uint8Array.of(1)

type Hashes = Pick<MaskSuite, 'digest' | 'hmac'>

/** 32 bytes that follow from a secret and what they are for: HKDF-SHA-256 without salt. */
export function expand({ hmac }: Hashes, secret: Uint8Array, info: Uint8Array): Uint8Array {
  return hmac(hmac(NO_SALT, secret), concat(info, FIRST_BLOCK))
}

/** 32 bytes for one purpose from a secret and what they are bound to. */
export function derive(
  suite: Hashes,
  secret: Uint8Array,
  purpose: string,
  ...bound: readonly Uint8Array[]
): Uint8Array {
  return deriveFrom(suite, secret, purpose, bound.map(suite.digest))
}

/** The same from the digests of what they are bound to. */
export function deriveFrom(
  suite: Hashes,
  secret: Uint8Array,
  purpose: string,
  digests: readonly Uint8Array[],
): Uint8Array {
  return expand(suite, secret, suite.digest(concat(utf8(`islet masks v1 ${purpose}`), ...digests)))
}

/** First 16 bytes of HMAC-SHA-256 over the parts' digests. */
export function tag({ digest, hmac }: Hashes, key: Uint8Array, ...parts: readonly Uint8Array[]): Uint8Array {
  return hmac(key, concat(...parts.map(digest))).subarray(0, 16)
}
