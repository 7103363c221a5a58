/**
 * The few rules of the Solidity ABI that consents need: static values, one 32-byte word each, and keccak256.
 *
 * Law: consents are hashed and signed without an EVM client (PROTOCOL 31), byte for byte as the contract does.
 * Source: Solidity ABI specification, "Formal Specification of the Encoding" (static types); Keccak-256 (pre-NIST padding).
 */
import { keccak256 } from '../vault/index.ts'
import { type Bytes, fromHex, type Hash32, hash32, IsletError, toHex, utf8 } from '../vocabulary/index.ts'

/** An unsigned integer as one big-endian word. Throws `NOT_A_WORD` outside 0 … 2^bits − 1. */
export function uintWord(value: number | bigint, bits: number): Bytes {
  if (typeof value === 'number' && !Number.isSafeInteger(value)) {
    throw new IsletError('NOT_A_WORD', 'expected a whole number', { bits })
  }
  const whole = BigInt(value)
  if (whole < 0n || whole >= 1n << BigInt(bits)) {
    throw new IsletError('NOT_A_WORD', 'the number does not fit its type', { bits })
  }
  const word = new Uint8Array(32)
  let rest = whole
  for (let i = 31; rest > 0n; i--) {
    word[i] = Number(rest & 0xffn)
    rest >>= 8n
  }
  return word
}

/** bytes32 or an address as one word: an address is padded on the left. */
export function hexWord(hex: string): Bytes {
  const bytes = fromHex(hex)
  if (bytes.length === 32) return bytes
  if (bytes.length !== 20) {
    throw new IsletError('NOT_A_WORD', 'expected 32 bytes or an address', { length: bytes.length })
  }
  const word = new Uint8Array(32)
  word.set(bytes, 12)
  return word
}

export function keccak(...parts: readonly Uint8Array[]): Hash32 {
  return hash32(toHex(keccak256(...parts)))
}

/** keccak256 of a text in UTF-8: type hashes and domain separators. */
export function keccakText(text: string): Hash32 {
  return keccak(utf8(text))
}
