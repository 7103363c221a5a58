/**
 * The primitives under masked sums: X25519, SHAKE128 as keystream, HKDF-SHA-256; and SHA-256 for the names of models. Two suites give the same bytes: this one
 * in pure code for every platform, and the platform's own in the worker door.
 * Sources: RFC 7748, FIPS 202, RFC 5869.
 */
import { x25519 } from '@noble/curves/ed25519.js'
import { expand, extract } from '@noble/hashes/hkdf.js'
import { hmac } from '@noble/hashes/hmac.js'
import { sha256 } from '@noble/hashes/sha2.js'
import { shake128 } from '@noble/hashes/sha3.js'
import { IsletError, utf8 } from '../../vocabulary/index.ts'

export interface MaskSuite {
  /** Public key of a 32-byte secret. */
  publicKey(secret: Uint8Array): Uint8Array
  /** What both sides of a pair know, 32 bytes. Throws `BAD_KEY` on a key without contribution. */
  agree(secret: Uint8Array, peer: Uint8Array): Uint8Array
  /** `length` bytes that follow from a 32-byte key. */
  stream(key: Uint8Array, length: number): Uint8Array
  /** 32 bytes that follow from a secret and what they are for: HKDF-SHA-256 without salt. */
  expand(secret: Uint8Array, info: Uint8Array): Uint8Array
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
  expand: (secret, info) => expand(sha256, extract(sha256, secret), info, 32),
  digest: (bytes) => sha256(bytes),
}

export function badKey(cause: unknown): IsletError {
  return new IsletError('BAD_KEY', 'a peer’s key is no X25519 key of use', {}, { cause })
}

/** 32 bytes for one purpose from a secret and what they are bound to. */
export function derive(
  suite: MaskSuite,
  secret: Uint8Array,
  purpose: string,
  ...bound: readonly Uint8Array[]
): Uint8Array {
  const info = sha256.create()
  info.update(utf8(`islet masks v1 ${purpose}`))
  for (const part of bound) info.update(sha256(part))
  return suite.expand(secret, info.digest())
}

/** First 16 bytes of HMAC-SHA-256. */
export function tag(key: Uint8Array, ...parts: readonly Uint8Array[]): Uint8Array {
  const mac = hmac.create(sha256, key)
  for (const part of parts) mac.update(sha256(part))
  return mac.digest().subarray(0, 16)
}
