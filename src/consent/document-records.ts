/**
 * Documents that were put at once as one entry of a file: a table of them, then their bytes, in the frame of a record.
 *
 *   entry = record(record(table) ‖ documents, in the order of the table)
 *   table = canonical JSON of [[name, length, SHA-256 as hex], …]; a name alone is a document that was deleted
 *
 * Laws: an entry stands alone and says how long it is, so that a file of them is gone through without reading documents;
 * a document comes out with the bytes that went in, or is refused. Frame: records.ts of the journal room. Pure.
 */
import {
  encodeRecord,
  payloadLengthAt,
  RECORD_HEADER_BYTES,
  RECORDS_START,
  readRecords,
} from '../journal/index.ts'
import type { Hasher } from '../vault/index.ts'
import { canonicalJson, concat, fromUtf8, IsletError, toHex, utf8 } from '../vocabulary/index.ts'

/** A document to keep under a name, or a name to forget. */
export interface NamedDocument {
  readonly name: string
  readonly bytes: Uint8Array | undefined
}

/** Where a document lies, from the entry's beginning. */
export interface DocumentPlace {
  readonly name: string
  /** Undefined where the name was deleted. */
  readonly at: { readonly offset: number; readonly length: number; readonly hash: string } | undefined
}

/** What an entry holds, and how many bytes long it is. */
export interface DocumentTable {
  readonly places: readonly DocumentPlace[]
  readonly length: number
}

/** One entry as bytes, with its table. */
export function encodeDocuments(
  documents: readonly NamedDocument[],
  { sha256 }: Pick<Hasher, 'sha256'>,
): DocumentTable & { readonly bytes: Uint8Array<ArrayBuffer> } {
  const rows = documents.map(
    ({ name, bytes }): Row => (bytes === undefined ? [name] : [name, bytes.length, toHex(sha256(bytes))]),
  )
  const table = encodeRecord(RECORDS_START, utf8(canonicalJson(rows)), sha256).bytes
  const payload = concat(table, ...documents.map((document) => document.bytes ?? new Uint8Array()))
  const { bytes } = encodeRecord(RECORDS_START, payload, sha256)
  return { bytes, ...placed(rows, RECORD_HEADER_BYTES + table.length) }
}

/** How long the entry is that begins a part of a file; undefined where none begins there. */
export function entryLength(part: Uint8Array, { sha256 }: Pick<Hasher, 'sha256'>): number | undefined {
  const length = payloadLengthAt(part, 0, sha256)
  return length === undefined ? undefined : RECORD_HEADER_BYTES + length
}

/** Whether the rest of a file, which begins an entry, has it whole. Throws `RECORDS_CORRUPT` where it is no append cut short. */
export function isWholeEntry(rest: Uint8Array, { sha256 }: Pick<Hasher, 'sha256'>): boolean {
  return readRecords(rest, sha256).next().done !== true
}

/** The table of a whole entry; undefined where the part ends before the table does. Throws `RECORDS_CORRUPT`. */
export function readDocumentTable(
  part: Uint8Array,
  { sha256 }: Pick<Hasher, 'sha256'>,
): DocumentTable | undefined {
  const inside = part.subarray(RECORD_HEADER_BYTES)
  const length = payloadLengthAt(inside, 0, sha256)
  if (length === undefined) throw damagedDocument()
  const frame = RECORD_HEADER_BYTES + length
  if (inside.length < frame) return undefined
  const read = readRecords(inside.subarray(0, frame), sha256).next()
  if (read.done) throw damagedDocument()
  const rows: unknown = JSON.parse(fromUtf8(read.value.payload))
  if (!Array.isArray(rows) || !rows.every(isRow)) throw damagedDocument()
  return placed(rows, RECORD_HEADER_BYTES + frame)
}

export function damagedDocument(): IsletError {
  return new IsletError(
    'RECORDS_CORRUPT',
    'a document of this party is not what was written',
    {},
    { remedy: 'Restore the file from a backup; nothing was changed.' },
  )
}

type Row = readonly [name: string] | readonly [name: string, length: number, hash: string]

function placed(rows: readonly Row[], from: number): DocumentTable {
  let offset = from
  const places = rows.map(([name, length, hash]): DocumentPlace => {
    if (length === undefined || hash === undefined) return { name, at: undefined }
    const at = { offset, length, hash }
    offset += length
    return { name, at }
  })
  return { places, length: offset }
}

function isRow(row: unknown): row is Row {
  if (!Array.isArray(row)) return false
  const [name, length, hash]: readonly unknown[] = row
  const isDeleted = row.length === 1
  const isPlaced = Number.isSafeInteger(length) && Number(length) >= 0 && typeof hash === 'string'
  return typeof name === 'string' && (isDeleted || isPlaced)
}
