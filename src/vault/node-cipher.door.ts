/**
 * The two ports over node:crypto: the fast pair of the server. Synchronous inside; the cipher's promises resolve
 * at once, one per batch.
 *
 * Law: the same bytes as `web-cipher.door.ts` and `noble-hasher.ts` on the same vectors (PROTOCOL 15).
 */
import { createCipheriv, createDecipheriv, createHash, createHmac, randomBytes } from 'node:crypto'
import type { Bytes } from '../vocabulary/index.ts'
import {
  type Cipher,
  type Crypto,
  type DecryptJob,
  type EncryptJob,
  type Hasher,
  TAG_BYTES,
} from './suite.ts'

export const nodeHasher: Hasher = {
  sha256: (message) => owned(createHash('sha256').update(message).digest()),
  hmacSha256: (key, message) => owned(createHmac('sha256', key).update(message).digest()),
}

export const nodeCipher: Cipher = {
  encrypt: async (jobs) => jobs.map(encryptOne),
  decrypt: async (jobs) => jobs.map(decryptOne),
  keystream: async (jobs) =>
    jobs.map(({ key, counter, length }) =>
      owned(createCipheriv('aes-256-ctr', key, counter).update(new Uint8Array(length))),
    ),
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
