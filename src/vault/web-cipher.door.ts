/**
 * The cipher over WebCrypto: browsers, and Node where the same code is to be tried.
 *
 * Law: the same bytes as `node-cipher.door.ts` on the same vectors (PROTOCOL 15).
 */
import type { Bytes } from '../vocabulary/index.ts'
import { nobleHasher } from './noble-hasher.ts'
import { type Cipher, type Crypto, NONCE_BYTES, TAG_BYTES } from './suite.ts'

const TAG_BITS = TAG_BYTES * 8
/** The largest draw that WebCrypto gives at once (W3C Web Cryptography §10.1.1). */
const RANDOM_LIMIT = 65_536

/** The cipher over a WebCrypto implementation, by default the platform's own. */
export function webCipher(web: globalThis.Crypto = globalThis.crypto): Cipher {
  const importKey = (key: Uint8Array, use: 'encrypt' | 'decrypt'): Promise<CryptoKey> =>
    web.subtle.importKey('raw', plain(key), 'AES-GCM', false, [use])
  return {
    encrypt: (jobs) =>
      Promise.all(
        jobs.map(async (job) => {
          const key = await importKey(job.key, 'encrypt')
          const parameters = gcm(job.nonce, job.associated)
          return new Uint8Array(await web.subtle.encrypt(parameters, key, plain(job.plaintext)))
        }),
      ),
    decrypt: (jobs) =>
      Promise.all(
        jobs.map(async (job) => {
          if (job.sealed.length < TAG_BYTES || job.nonce.length !== NONCE_BYTES) return undefined
          const key = await importKey(job.key, 'decrypt')
          try {
            const parameters = gcm(job.nonce, job.associated)
            return new Uint8Array(await web.subtle.decrypt(parameters, key, plain(job.sealed)))
          } catch (error) {
            if (error instanceof DOMException && error.name === 'OperationError') return undefined
            throw error
          }
        }),
      ),
    random: (length) => {
      const bytes = new Uint8Array(length)
      for (let at = 0; at < length; at += RANDOM_LIMIT) {
        web.getRandomValues(bytes.subarray(at, at + RANDOM_LIMIT))
      }
      return bytes
    },
  }
}

/** Both ports of a browser. */
export const webCrypto: Crypto = { hasher: nobleHasher, cipher: webCipher() }

function gcm(nonce: Uint8Array, associated: Uint8Array): AesGcmParams {
  return { name: 'AES-GCM', iv: plain(nonce), additionalData: plain(associated), tagLength: TAG_BITS }
}

/** WebCrypto takes views over plain ArrayBuffers only. */
function plain(bytes: Uint8Array): Bytes {
  return bytes.buffer instanceof ArrayBuffer
    ? new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length)
    : new Uint8Array(bytes)
}
