/**
 * Ed25519 signatures behind a small port: the same keys and signatures in browsers and on servers.
 *
 * Law: every implementation makes the same 64 bytes (signatures are deterministic) and accepts the same ones, also
 * those made with malice: keys and nonce points outside the prime-order group are refused, so that the two readings
 * of RFC 8032 (with and without the cofactor) cannot part. What is malformed is false, never an exception.
 * Source: RFC 8032 section 5.1; Chalkias, Garillot, Nikolaenko, "Taming the many EdDSAs" (2020) for the two readings.
 */
import { ed25519 } from '@noble/curves/ed25519.js'
import type { Bytes } from '../vocabulary/index.ts'

/** Makes and checks Ed25519 signatures; synchronous. Seeds and public keys have 32 bytes, signatures 64. */
export interface Ed25519 {
  publicKey(seed: Uint8Array): Bytes
  sign(seed: Uint8Array, message: Uint8Array): Bytes
  verify(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean
}

/** Pure implementation, for browsers; `nodeEd25519` of `node-signer.door.ts` is some 15 times faster. */
export const nobleEd25519: Ed25519 = {
  publicKey: (seed) => new Uint8Array(ed25519.getPublicKey(seed)),
  sign: (seed, message) => new Uint8Array(ed25519.sign(message, seed)),
  verify: (publicKey, message, signature) => {
    if (publicKey.length !== 32 || signature.length !== 64) return false
    if (!isSoundKey(publicKey) || !isInPrimeGroup(signature.subarray(0, 32))) return false
    return ed25519.verify(signature, message, publicKey, { zip215: false })
  },
}

/** Whether 32 bytes are a canonical point of the prime-order group other than its neutral element. */
export function isSoundKey(publicKey: Uint8Array): boolean {
  return isInPrimeGroup(publicKey) && !ed25519.Point.fromBytes(publicKey).is0()
}

function isInPrimeGroup(encoded: Uint8Array): boolean {
  try {
    return ed25519.Point.fromBytes(encoded, false).isTorsionFree()
  } catch {
    return false
  }
}

/** A key that signs without showing its secret; what rooms below and beside call a signer. */
export interface Signer {
  readonly publicKey: Bytes
  sign(message: Uint8Array): Bytes
}

/** Binds a seed to an implementation. */
export function signer(seed: Uint8Array, ed: Ed25519): Signer {
  const kept = seed.slice()
  return { publicKey: ed.publicKey(kept), sign: (message) => ed.sign(kept, message) }
}
