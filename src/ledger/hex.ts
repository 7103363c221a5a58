/**
 * Hex for the paths that run once for every transaction: the platform's codec, several times as fast as the portable
 * one of `vocabulary`, with the same refusals.
 */
import { type Bytes, type Hex, IsletError } from '../vocabulary/index.ts'

/** Bytes as 0x and lower-case hex. */
export function encodeHex(bytes: Uint8Array): Hex {
  return `0x${Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('hex')}`
}

/** Bytes of hex with or without 0x. Throws `NOT_HEX`. */
export function decodeHex(text: string): Bytes {
  const digits = text.startsWith('0x') ? text.slice(2) : text
  const bytes = new Uint8Array(digits.length >> 1)
  // The platform stops at the first character that is no digit.
  const written = Buffer.from(bytes.buffer).write(digits, 'hex')
  if (digits.length % 2 !== 0 || written !== bytes.length) {
    throw new IsletError('NOT_HEX', 'expected an even number of hex digits', { length: text.length })
  }
  return bytes
}
