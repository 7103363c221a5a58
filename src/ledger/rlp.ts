/**
 * RLP, the spelling of Ethereum's transactions; written out because it runs for every transaction, held against viem's
 * by a test. Pure. Source: Ethereum yellow paper, appendix B.
 */
import { type Bytes, concat } from '../vocabulary/index.ts'

const NOTHING = new Uint8Array(0)

/** A byte string. */
export function rlpBytes(bytes: Uint8Array): Uint8Array {
  const first = bytes[0] ?? 0
  return bytes.length === 1 && first < 0x80 ? bytes : concat(header(0x80, bytes.length), bytes)
}

/** A whole number ≥ 0: big-endian without leading zeros, nothing for 0. */
export function rlpNumber(value: number): Uint8Array {
  return rlpBytes(bigEndian(value))
}

/** A list of items that are in RLP already. */
export function rlpList(items: readonly Uint8Array[]): Bytes {
  const length = items.reduce((sum, item) => sum + item.length, 0)
  return concat(header(0xc0, length), ...items)
}

/** The same big-endian number in its shortest form. */
export function withoutLeadingZeros(bytes: Uint8Array): Uint8Array {
  const first = bytes.findIndex((byte) => byte !== 0)
  return first < 0 ? NOTHING : bytes.subarray(first)
}

function header(base: number, length: number): Uint8Array {
  if (length < 56) return new Uint8Array([base + length])
  const size = bigEndian(length)
  return concat(new Uint8Array([base + 55 + size.length]), size)
}

function bigEndian(value: number): Uint8Array {
  const bytes: number[] = []
  for (let rest = value; rest > 0; rest = Math.floor(rest / 256)) bytes.unshift(rest % 256)
  return new Uint8Array(bytes)
}
