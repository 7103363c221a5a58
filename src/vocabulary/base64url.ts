/**
 * base64url without padding: how bytes travel inside JSON.
 *
 * Law: one spelling for every byte string; padding, other alphabets and stray bits at the end are refused.
 * Over byte tables and the platform's text coders, because megabytes of sealed objects pass here.
 * Source: RFC 4648 section 5.
 */
import type { Bytes } from './bytes.ts'
import { IsletError } from './errors.ts'

const encoder = new TextEncoder()
const decoder = new TextDecoder()
const ALPHABET = encoder.encode('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_')
const NONE = 64
/** The six bits of each character, `NONE` for what is no character of the alphabet. */
const BITS = new Uint8Array(256).fill(NONE)
ALPHABET.forEach((character, bits) => {
  BITS[character] = bits
})

export function toBase64Url(bytes: Uint8Array): string {
  const text = new Uint8Array(Math.ceil((bytes.length * 4) / 3))
  let at = 0
  for (let i = 0; i < bytes.length; i += 3) {
    const three = ((bytes[i] ?? 0) << 16) | ((bytes[i + 1] ?? 0) << 8) | (bytes[i + 2] ?? 0)
    // Writes beyond the end of a short last group fall away.
    text[at] = ALPHABET[three >> 18] ?? 0
    text[at + 1] = ALPHABET[(three >> 12) & 63] ?? 0
    text[at + 2] = ALPHABET[(three >> 6) & 63] ?? 0
    text[at + 3] = ALPHABET[three & 63] ?? 0
    at += 4
  }
  return decoder.decode(text)
}

/** Decodes unpadded base64url. Throws `NOT_BASE64URL`, also on non-canonical spellings. */
export function fromBase64Url(text: string): Bytes {
  const characters = encoder.encode(text)
  const { length } = characters
  const bytes = new Uint8Array(Math.floor((length * 3) / 4))
  let wrong = length % 4 === 1 ? NONE : 0
  let at = 0
  let four = 0
  for (let i = 0; i < length; i += 4) {
    four = 0
    for (let j = i; j < i + 4; j++) {
      const bits = j < length ? (BITS[characters[j] ?? 0] ?? NONE) : 0
      wrong |= bits & NONE
      four = (four << 6) | bits
    }
    bytes[at] = four >> 16
    bytes[at + 1] = four >> 8
    bytes[at + 2] = four
    at += 3
  }
  const strayBits = length % 4 === 2 ? four & 0xffff : length % 4 === 3 ? four & 0xff : 0
  if (wrong !== 0 || strayBits !== 0) {
    throw new IsletError('NOT_BASE64URL', 'expected base64url without padding, in its one spelling', {
      length: text.length,
    })
  }
  return bytes
}
