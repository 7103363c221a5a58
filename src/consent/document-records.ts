/**
 * Documents that were put at once as one entry of a file: a frame, a table of them, then their bytes.
 *
 *   entry = record(table length (4) ‖ documents' length (8) ‖ SHA-256 of the table) ‖ table ‖ documents, in its order
 *   table = canonical JSON of [[name, length, SHA-256 as hex], …]; a name alone is a document that was deleted
 *
 * Laws: an entry stands alone and says how long it is, so that a file of them is gone through without reading documents;
 * a document comes out with the bytes that went in, or is refused. Frame: records.ts of the journal room. Pure.
 */
import { encodeRecord, RECORD_HEADER_BYTES, RECORDS_START, readRecords } from '../journal/index.ts'
import type { Hasher } from '../vault/index.ts'
import {
  canonicalJson,
  concat,
  equalBytes,
  fromUtf8,
  IsletError,
  toHex,
  uint32,
  uint64,
  utf8,
} from '../vocabulary/index.ts'

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
  const table = utf8(canonicalJson(rows))
  const { places, length } = placed(rows, FRAME_BYTES + table.length)
  const sizes = concat(uint32(table.length), uint64(length - FRAME_BYTES - table.length))
  const frame = encodeRecord(RECORDS_START, concat(sizes, sha256(table)), sha256).bytes
  const bytes = concat(frame, table, ...documents.map((document) => document.bytes ?? new Uint8Array()))
  return { bytes, places, length }
}

/** What the frame of an entry says. */
export interface EntryFrame {
  /** Bytes of frame and table. */
  readonly head: number
  /** Bytes of the entry. */
  readonly length: number
  /** SHA-256 of the table. */
  readonly hash: Uint8Array
}

export const FRAME_BYTES = RECORD_HEADER_BYTES + 44

/** The frame that the rest of a file begins with; undefined where an append was cut short in it. Throws `RECORDS_CORRUPT`. */
export function readEntryFrame(rest: Uint8Array, { sha256 }: Pick<Hasher, 'sha256'>): EntryFrame | undefined {
  const read = readRecords(rest, sha256).next()
  if (read.done) return undefined
  const { payload } = read.value
  if (payload.length !== FRAME_BYTES - RECORD_HEADER_BYTES) throw damagedDocument()
  const view = new DataView(payload.buffer, payload.byteOffset)
  const head = FRAME_BYTES + view.getUint32(0)
  return { head, length: head + Number(view.getBigUint64(4)), hash: payload.subarray(12) }
}

/** The table that follows a frame; undefined where it is not the one that was written. */
export function readDocumentTable(
  { head, length, hash }: EntryFrame,
  table: Uint8Array,
  { sha256 }: Pick<Hasher, 'sha256'>,
): DocumentTable | undefined {
  if (!equalBytes(sha256(table), hash)) return undefined
  const rows: unknown = JSON.parse(fromUtf8(table))
  const isTable = Array.isArray(rows) && rows.every(isRow)
  const read = isTable ? placed(rows, head) : undefined
  return read?.length === length ? read : undefined
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
