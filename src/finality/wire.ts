/**
 * Protocol Buffers' wire format, as much as blocks, votes and proofs use: varints, 64-bit words, byte strings.
 *
 * Law: what is written is the one encoding that gogoproto writes (fields in order, zero values left out, messages that
 * are no pointers always there), because hashes and signatures are made over it; what is read has known fields only.
 * Source: the encoding guide of Protocol Buffers, version 3.
 */
import { type Bytes, concat } from '../vocabulary/index.ts'
import { malformed } from './refusal.ts'

const VARINT = 0
const WORD = 1
const TEXT = 2
const NONE: Bytes = new Uint8Array(0)

/** A whole number of 0 to 2^53 - 1 as a varint. */
export function varint(value: number): Bytes {
  const digits: number[] = []
  let rest = value
  while (rest >= 0x80) {
    digits.push((rest % 0x80) + 0x80)
    rest = Math.floor(rest / 0x80)
  }
  digits.push(rest)
  return Uint8Array.from(digits)
}

/** A field that holds a number; nothing for 0. */
export function numberField(field: number, value: number): Bytes {
  return value === 0 ? NONE : concat(varint(field * 8 + VARINT), varint(value))
}

/** A field of type sfixed64; nothing for 0. */
export function wordField(field: number, value: number): Bytes {
  if (value === 0) return NONE
  const word = new Uint8Array(8)
  new DataView(word.buffer).setBigInt64(0, BigInt(value), true)
  return concat(varint(field * 8 + WORD), word)
}

/** A field of bytes or text; nothing for none. */
export function bytesField(field: number, value: Uint8Array): Bytes {
  return value.length === 0 ? NONE : messageField(field, value)
}

/** A field that holds a message, written also when the message is empty. */
export function messageField(field: number, value: Uint8Array): Bytes {
  return concat(varint(field * 8 + TEXT), varint(value.length), value)
}

/** A varint at a place, and where the next byte is. Throws `PROOF_MALFORMED` above 2^53 - 1 or past the end. */
export function readVarint(bytes: Uint8Array, at: number): { readonly value: number; readonly next: number } {
  let value = 0
  let scale = 1
  for (let next = at; next < bytes.length && next < at + 8; ) {
    const byte = bytes[next++] ?? 0
    value += (byte & 0x7f) * scale
    if (value > Number.MAX_SAFE_INTEGER) break
    if (byte < 0x80) return { value, next }
    scale *= 0x80
  }
  throw malformed('a number is cut off or too large')
}

/** A message taken apart. */
export interface Message {
  /** A number; 0 where it is left out. */
  number(field: number): number
  /** Bytes; none where they are left out. */
  bytes(field: number): Bytes
  /** Every value of a repeated field of bytes, in order. */
  all(field: number): readonly Bytes[]
}

/** Takes a message apart. Throws `PROOF_MALFORMED` for fields other than those named, and for a second value of one. */
export function readMessage(
  bytes: Uint8Array,
  fields: readonly number[],
  repeated: readonly number[] = [],
): Message {
  const numbers = new Map<number, number>()
  const texts = new Map<number, Bytes[]>()
  for (let at = 0; at < bytes.length; ) {
    const tag = readVarint(bytes, at)
    const field = Math.floor(tag.value / 8)
    const read = readVarint(bytes, tag.next)
    at = read.next
    const seen = numbers.has(field) || texts.has(field)
    if (!repeated.includes(field) && (!fields.includes(field) || seen)) {
      throw malformed('a message has a field that it does not have by its form', { field })
    }
    const kind = tag.value % 8
    if (kind === VARINT) numbers.set(field, read.value)
    else if (kind === TEXT && at + read.value <= bytes.length) {
      texts.set(field, [...(texts.get(field) ?? []), bytes.slice(at, at + read.value)])
      at += read.value
    } else throw malformed('a field is cut off or of an unknown kind', { field })
  }
  return {
    number: (field) => numbers.get(field) ?? 0,
    bytes: (field) => texts.get(field)?.[0] ?? NONE,
    all: (field) => texts.get(field) ?? [],
  }
}
