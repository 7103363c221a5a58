/**
 * The suite: which algorithms a sealed object uses, the labels that keep their uses apart, and the two ports
 * through which every hash and cipher is called.
 *
 * Laws: every object names its suite; every derivation carries a label `islet/v1/…` that no other one uses;
 * the hasher is synchronous and pure, the cipher asynchronous (WebCrypto in browsers, node:crypto in Node) and
 * called in batches, so that a year of chunks costs one promise (PROTOCOL 15).
 */
import { type Bytes, utf8 } from '../vocabulary/index.ts'
import type { RowHasher } from './hash-rows.ts'

/**
 * Suite 1: AES-256-GCM (96-bit random nonce, 128-bit tag), SHA-256, HMAC-SHA256, HKDF-SHA256, and for envelopes HPKE base mode with X-Wing (KEM 0x647a), HKDF-SHA256, AES-256-GCM.
 */
export const SUITE = 1
/** Bytes in which an object names its suite, big-endian. */
export const SUITE_BYTES = 2
export const KEY_BYTES = 32
export const HASH_BYTES = 32
export const NONCE_BYTES = 12
export const TAG_BYTES = 16

/** Every label of this room; two uses never share one. */
export const LABELS = {
  stream: utf8('islet/v1/stream'),
  tree: utf8('islet/v1/tree'),
  hourKey: utf8('islet/v1/hour-key'),
  chunk: utf8('islet/v1/chunk'),
  readings: utf8('islet/v1/readings'),
  salts: utf8('islet/v1/salts'),
  leaf: utf8('islet/v1/chunk-leaf'),
  envelope: utf8('islet/v1/envelope'),
  outer: utf8('islet/v1/outer'),
  outerKey: utf8('islet/v1/outer-key'),
} as const

/** SHA-256 and HMAC-SHA256, synchronous. */
export interface Hasher {
  sha256(message: Uint8Array): Bytes
  hmacSha256(key: Uint8Array, message: Uint8Array): Bytes
  /** The same for many messages of one length at once, where the platform can (`hash-rows.ts`). */
  readonly rows?: RowHasher | undefined
}

/** One AES-256-GCM encryption; the nonce must never repeat under the key. */
export interface EncryptJob {
  readonly key: Uint8Array
  readonly nonce: Uint8Array
  readonly associated: Uint8Array
  readonly plaintext: Uint8Array
}

/** One AES-256-GCM decryption; `sealed` = ciphertext ‖ 16-byte tag. */
export interface DecryptJob {
  readonly key: Uint8Array
  readonly nonce: Uint8Array
  readonly associated: Uint8Array
  readonly sealed: Uint8Array
}

/** Ciphers and randomness; batches keep their order. */
export interface Cipher {
  /** AES-256-GCM: ciphertext ‖ tag per job. */
  encrypt(jobs: readonly EncryptJob[]): Promise<readonly Bytes[]>
  /** AES-256-GCM: plaintext per job, or undefined where the tag does not hold. */
  decrypt(jobs: readonly DecryptJob[]): Promise<readonly (Bytes | undefined)[]>
  /** Cryptographically secure random bytes. */
  random(length: number): Bytes
}

/** The two ports together, as most functions of this room need them. */
export interface Crypto {
  readonly hasher: Hasher
  readonly cipher: Cipher
}
