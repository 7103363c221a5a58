/**
 * A file of records, each hashed with the one before it: the frame of the journal and of the outbox. Pure.
 *
 *   record  = "ISLR" ‖ length (4) ‖ check (8) ‖ hash (32) ‖ payload
 *   hash    = SHA-256(hash of the record before ‖ payload), 32 zero bytes before the first
 *   check   = first 8 bytes of SHA-256("ISLR" ‖ length ‖ hash): tells a header apart without knowing what precedes it
 *
 * Law: an append cut short by a crash is the end of the file and may be cut off; a broken record that is followed by
 * another is damage, and nothing is dropped silently: `RECORDS_CORRUPT` names the offset.
 */
import { sha256 } from '@noble/hashes/sha2.js'
import { type Bytes, concat, equalBytes, IsletError, uint32, utf8 } from '../vocabulary/index.ts'

const MAGIC = utf8('ISLR')
export const RECORD_HEADER_BYTES = 48
/** Longest payload, 64 MiB: a length beyond it is damage. */
const RECORD_PAYLOAD_LIMIT = 1 << 26
/** What the first record is hashed with. */
export const RECORDS_START: Bytes = new Uint8Array(32)

export interface StoredRecord {
  readonly offset: number
  readonly payload: Bytes
  /** Hash of this record; names the whole file up to here. */
  readonly hash: Bytes
}

/** The end of the good part: where the next record goes and what it is hashed with. */
export interface RecordsEnd {
  readonly bytes: number
  readonly hash: Bytes
  /** Bytes of an append cut short; 0 when the file ends with a whole record. */
  readonly torn: number
}

export type Sha256 = (message: Uint8Array) => Uint8Array

/** One record as bytes, and its hash. */
export function encodeRecord(
  previous: Uint8Array,
  payload: Uint8Array,
  digest: Sha256 = sha256,
): { readonly bytes: Bytes; readonly hash: Bytes } {
  if (payload.length > RECORD_PAYLOAD_LIMIT) {
    throw new IsletError('RECORD_TOO_LONG', 'a record is longer than 64 MiB', { bytes: payload.length })
  }
  const hash = Uint8Array.from(digest(concat(previous, payload)))
  const length = uint32(payload.length)
  const check = digest(concat(MAGIC, length, hash)).subarray(0, 8)
  return { bytes: concat(MAGIC, length, check, hash, payload), hash }
}

/**
 * Walks the records of a file in order and returns where the good part ends.
 * Throws `RECORDS_CORRUPT` (facts.offset) when a broken record is followed by another one.
 */
export function* readRecords(
  file: Uint8Array,
  digest: Sha256 = sha256,
): Generator<StoredRecord, RecordsEnd, undefined> {
  let offset = 0
  let previous = RECORDS_START
  while (offset < file.length) {
    const length = headerAt(file, offset, digest)
    const start = offset + RECORD_HEADER_BYTES
    const whole = length !== undefined && start + length <= file.length
    const payload = whole ? Uint8Array.from(file.subarray(start, start + length)) : undefined
    const hash = file.subarray(offset + 16, start)
    if (payload === undefined || !equalBytes(hash, digest(concat(previous, payload)))) {
      refuseDamage(file, offset, length, digest)
      return { bytes: offset, hash: previous, torn: file.length - offset }
    }
    previous = Uint8Array.from(hash)
    yield { offset, payload, hash: previous }
    offset = start + payload.length
  }
  return { bytes: offset, hash: previous, torn: 0 }
}

/** Payload length of the header at an offset, or undefined where no sound header stands. */
function headerAt(file: Uint8Array, offset: number, digest: Sha256): number | undefined {
  if (offset + RECORD_HEADER_BYTES > file.length) return undefined
  for (let i = 0; i < 4; i++) if (file[offset + i] !== MAGIC[i]) return undefined
  const head = file.subarray(offset, offset + 8)
  const hash = file.subarray(offset + 16, offset + RECORD_HEADER_BYTES)
  const check = digest(concat(head, hash)).subarray(0, 8)
  if (!equalBytes(check, file.subarray(offset + 8, offset + 16))) return undefined
  const length = new DataView(file.buffer, file.byteOffset + offset + 4, 4).getUint32(0)
  return length <= RECORD_PAYLOAD_LIMIT ? length : undefined
}

/**
 * A torn append can only be the last thing in a file. A sound header says where its record ends, so bytes behind that
 * end mean damage; without a sound header, another one further on does. (The search never enters the payload of a
 * sound header, where a sender could have planted the likeness of one.)
 */
function refuseDamage(file: Uint8Array, offset: number, length: number | undefined, digest: Sha256): void {
  let damaged = length !== undefined && offset + RECORD_HEADER_BYTES + length < file.length
  if (length === undefined) {
    for (let at = offset + 1; !damaged && at + RECORD_HEADER_BYTES <= file.length; at++) {
      damaged = file[at] === MAGIC[0] && headerAt(file, at, digest) !== undefined
    }
  }
  if (damaged) {
    throw new IsletError(
      'RECORDS_CORRUPT',
      `the record at byte ${offset} is damaged and others follow it`,
      { offset },
      { remedy: 'Restore the file from a backup; nothing was changed.' },
    )
  }
}
