/** The name of a model: SHA-256 of its little-endian float32 bytes, hex. */
import { sha256 } from '@noble/hashes/sha2.js'
import { fromBase64Url, toHex } from '../../vocabulary/index.ts'

export function modelDigest(text: string): string {
  return toHex(sha256(fromBase64Url(text)))
}
