/**
 * Records of every kind but glucose: canonical JSON in a chunk of one standard size, up to 16 records in it.
 *
 *   chunk: format u8 = 2 ‖ used u8 ‖ chunks u16 ‖ used × (length u32 ‖ canonical JSON) ‖ zeros     (1,024 bytes)
 *
 * A record too long for a standard chunk stands alone in a bucket of 256·2^k bytes: its size class shows, its length
 * does not.
 * Laws: one spelling per content; numbers come back bit for bit but for −0, which JSON writes as 0 (RFC 8785 §3.2.2.3).
 */
import type { HealthRecord } from '../series/index.ts'
import {
  canonicalJson,
  fromUtf8,
  hourOf,
  IsletError,
  isIsletError,
  type Kind,
  type UtcHour,
  utf8,
} from '../vocabulary/index.ts'
import type { PayloadCodec } from './payload.ts'
import { documentOf, isRecordOf, kindOfRecord } from './record-kinds.ts'

const JSON_SLOTS = 16
export const STANDARD_BUCKET = 1024
/** The longest record that is sealed, bytes of JSON. */
const RECORD_LIMIT = 1_048_576
const HEADER = 4
const LENGTH = 4
const FORMAT = 2
const NOTHING = new Uint8Array(0)

const codecs = new Map<Kind, PayloadCodec>()

/** The codec of one kind. */
export function jsonCodec(kind: Kind): PayloadCodec {
  let codec = codecs.get(kind)
  if (codec === undefined) {
    codec = makeCodec(kind)
    codecs.set(kind, codec)
  }
  return codec
}

function makeCodec(kind: Kind): PayloadCodec {
  const decodeSlot = (hour: UtcHour, slot: Uint8Array): HealthRecord | undefined =>
    parseRecord(kind, hour, slot)
  return {
    slots: JSON_SLOTS,
    encode: (hour, records, atLeast) => {
      const groups = fill(records.map((record) => spell(kind, hour, record)))
      while (groups.length < Math.max(1, atLeast)) groups.push([])
      if (groups.length >= 2 ** 16) {
        throw new IsletError('HOUR_TOO_FULL', 'an hour holds at most 65,535 chunks', {
          hour,
          chunks: groups.length,
        })
      }
      return groups.map((group) => layOut(group, groups.length))
    },
    decode: (hour, plaintext) => {
      const slots = slotsOf(plaintext)
      if (slots === undefined) return undefined
      const records: HealthRecord[] = []
      for (const slot of slots) {
        if (slot.length === 0) break
        const record = decodeSlot(hour, slot)
        if (record === undefined) return undefined
        records.push(record)
      }
      return { records, chunks: new DataView(plaintext.buffer, plaintext.byteOffset).getUint16(2) }
    },
    slotsOf,
    decodeSlot,
  }
}

function spell(kind: Kind, hour: UtcHour, record: HealthRecord): Uint8Array {
  if (kindOfRecord(record) !== kind) {
    throw new IsletError('RECORD_NOT_SEALABLE', 'the record is of another kind', { hour, kind })
  }
  if (hourOf(record.at) !== hour) {
    throw new IsletError('RECORD_OUTSIDE_HOUR', 'a record belongs to the hour of its instant', { hour })
  }
  const bytes = utf8(canonicalJson(documentOf(record)))
  if (bytes.length > RECORD_LIMIT) {
    throw new IsletError('RECORD_NOT_SEALABLE', 'the record is longer than 1 MiB', {
      hour,
      bytes: bytes.length,
    })
  }
  return bytes
}

/** Groups records in order into chunks of the standard bucket; a long one stands alone. */
function fill(spelled: readonly Uint8Array[]): Uint8Array[][] {
  const groups: Uint8Array[][] = []
  let size = Number.POSITIVE_INFINITY
  for (const bytes of spelled) {
    const group = groups.at(-1)
    const grown = size + LENGTH + bytes.length
    if (group === undefined || group.length === JSON_SLOTS || grown > STANDARD_BUCKET) {
      groups.push([bytes])
      size = HEADER + LENGTH + bytes.length
    } else {
      group.push(bytes)
      size = grown
    }
  }
  return groups
}

function layOut(group: readonly Uint8Array[], chunks: number): Uint8Array {
  const size = group.reduce((sum, bytes) => sum + LENGTH + bytes.length, HEADER)
  const plaintext = new Uint8Array(bucketFor(size))
  const view = new DataView(plaintext.buffer)
  view.setUint8(0, FORMAT)
  view.setUint8(1, group.length)
  view.setUint16(2, chunks)
  let at = HEADER
  for (const bytes of group) {
    view.setUint32(at, bytes.length)
    plaintext.set(bytes, at + LENGTH)
    at += LENGTH + bytes.length
  }
  return plaintext
}

/** The smallest bucket 256·2^k, and at least the standard one, that holds `size` bytes. */
export function bucketFor(size: number): number {
  let bucket = STANDARD_BUCKET
  while (bucket < size) bucket *= 2
  return bucket
}

function slotsOf(plaintext: Uint8Array): readonly Uint8Array[] | undefined {
  if (plaintext.length < STANDARD_BUCKET || bucketFor(plaintext.length) !== plaintext.length) return undefined
  const view = new DataView(plaintext.buffer, plaintext.byteOffset, plaintext.length)
  const used = view.getUint8(1)
  if (view.getUint8(0) !== FORMAT || used > JSON_SLOTS || view.getUint16(2) === 0) return undefined
  const slots: Uint8Array[] = []
  let at = HEADER
  for (let slot = 0; slot < used; slot++) {
    if (at + LENGTH > plaintext.length) return undefined
    const length = view.getUint32(at)
    at += LENGTH
    if (length === 0 || at + length > plaintext.length) return undefined
    slots.push(plaintext.subarray(at, at + length))
    at += length
  }
  if (bucketFor(at) !== plaintext.length) return undefined
  for (; at < plaintext.length; at++) if (plaintext[at] !== 0) return undefined
  while (slots.length < JSON_SLOTS) slots.push(NOTHING)
  return slots
}

function parseRecord(kind: Kind, hour: UtcHour, slot: Uint8Array): HealthRecord | undefined {
  try {
    const text = fromUtf8(slot)
    const value: unknown = JSON.parse(text)
    if (!isRecordOf(kind, value) || canonicalJson(documentOf(value)) !== text) return undefined
    return hourOf(value.at) === hour ? value : undefined
  } catch (error) {
    if (error instanceof SyntaxError || isIsletError(error)) return undefined
    throw error
  }
}
