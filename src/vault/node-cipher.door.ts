/**
 * The two ports over node:crypto: the fast pair of the server. Synchronous inside; the cipher's promises resolve
 * at once, one per batch.
 *
 * Law: the same bytes as `web-cipher.door.ts` and `noble-hasher.ts` on the same vectors (PROTOCOL 15).
 */
import { createCipheriv, createDecipheriv, hash, randomBytes } from 'node:crypto'
import type { Bytes } from '../vocabulary/index.ts'
import { simdRows } from './simd-rows.ts'
import {
  type Cipher,
  type Crypto,
  type DecryptJob,
  type EncryptJob,
  HASH_BYTES,
  type Hasher,
  TAG_BYTES,
} from './suite.ts'

const BLOCK = 64
/** HMAC's two inputs; nothing waits between filling and hashing them, so one pair serves all. */
let inner = new Uint8Array(BLOCK + 256)
const outer = new Uint8Array(BLOCK + HASH_BYTES)

/**
 * Digests are taken as one-byte text: a digest as Buffer owns memory outside the heap, and collecting a million of
 * those costs more than computing them (measured: three times the hashing).
 */
export const nodeHasher: Hasher = {
  sha256: (message) => {
    const digest = new Uint8Array(HASH_BYTES)
    digestInto(digest, 0, message)
    return digest
  },
  hmacSha256: (key, message) => {
    const short = key.length > BLOCK ? nodeHasher.sha256(key) : key
    const length = BLOCK + message.length
    if (inner.length < length) inner = new Uint8Array(length)
    inner.fill(0x36, 0, BLOCK)
    outer.fill(0x5c, 0, BLOCK)
    // Reading beyond the end of a short key, `undefined` each time, would take the loop off its fast path.
    for (let i = 0; i < short.length; i++) {
      const byte = short[i] ?? 0
      inner[i] = byte ^ 0x36
      outer[i] = byte ^ 0x5c
    }
    inner.set(message, BLOCK)
    digestInto(outer, BLOCK, inner.subarray(0, length))
    const code = new Uint8Array(HASH_BYTES)
    digestInto(code, 0, outer)
    return code
  },
  get rows() {
    return simdRows()
  },
}

function digestInto(target: Uint8Array, at: number, message: Uint8Array): void {
  const text = hash('sha256', message, 'binary')
  for (let i = 0; i < HASH_BYTES; i++) target[at + i] = text.charCodeAt(i)
}

export const nodeCipher: Cipher = {
  encrypt: async (jobs) => jobs.map(encryptOne),
  decrypt: async (jobs) => jobs.map(decryptOne),
  random: (length) => owned(randomBytes(length)),
}

/** Both ports of the server. */
export const nodeCrypto: Crypto = { hasher: nodeHasher, cipher: nodeCipher }

function encryptOne(job: EncryptJob): Bytes {
  const cipher = createCipheriv('aes-256-gcm', job.key, job.nonce)
  cipher.setAAD(job.associated)
  const sealed = new Uint8Array(job.plaintext.length + TAG_BYTES)
  sealed.set(cipher.update(job.plaintext), 0)
  cipher.final()
  sealed.set(cipher.getAuthTag(), job.plaintext.length)
  return sealed
}

function decryptOne(job: DecryptJob): Bytes | undefined {
  const length = job.sealed.length - TAG_BYTES
  if (length < 0) return undefined
  const decipher = createDecipheriv('aes-256-gcm', job.key, job.nonce, { authTagLength: TAG_BYTES })
  decipher.setAAD(job.associated)
  decipher.setAuthTag(job.sealed.subarray(length))
  const plaintext = decipher.update(job.sealed.subarray(0, length))
  try {
    decipher.final()
  } catch {
    return undefined
  }
  return owned(plaintext)
}

/** node:crypto hands out Buffers over memory of their own; the house speaks Uint8Array. */
function owned(buffer: Buffer): Bytes {
  return buffer.buffer instanceof ArrayBuffer
    ? new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.length)
    : new Uint8Array(buffer)
}
