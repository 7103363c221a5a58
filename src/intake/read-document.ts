/**
 * Reads any supported export: bytes in, people with records and a report that adds up out.
 *
 * Law: all or nothing. It returns a whole document or throws an `IsletError`; it holds no state and touches nothing.
 */
import { IsletError, type Place } from '../vocabulary/index.ts'
import { assemble } from './assemble.ts'
import { decodeText } from './decode-text.ts'
import { readRows } from './delimited.ts'
import { type Detected, detect, formatUnknown } from './detect-format.ts'
import type { Context, Sheet } from './draft.ts'
import { readCarelink } from './formats/carelink.ts'
import { readClarity } from './formats/clarity.ts'
import { readCsv } from './formats/csv.ts'
import { readFhir } from './formats/fhir.ts'
import { readLibreView } from './formats/libreview.ts'
import { readNightscout } from './formats/nightscout.ts'
import { readTidepool } from './formats/tidepool.ts'
import { isOwnHeader, readOwnCsv } from './own-csv.ts'
import { DEFAULT_LIMITS, type Format, type IntakeDocument, type Limits, type ReadOptions } from './report.ts'

/**
 * Reads a document of any supported format, detected by content unless `options.format` names it.
 * Throws `FILE_TOO_LARGE`, `FILE_EMPTY`, `FILE_COMPRESSED`, `FILE_BINARY`, `LINE_TOO_LONG`, `TOO_MANY_ROWS`,
 * `JSON_BROKEN`, `JSON_TOO_DEEP`, `FORMAT_UNKNOWN`, `FORMAT_MISMATCH`, `HEADER_MISSING`, `DATE_ORDER_AMBIGUOUS`,
 * `DATE_ORDER_CONTRADICTED`, `UNIT_AMBIGUOUS`, `ZONE_UNKNOWN`.
 */
export function readDocument(bytes: Uint8Array, options: ReadOptions = {}): IntakeDocument {
  const context = contextOf(options)
  const text = textOf(bytes, context)
  const found = detect(text, context)
  const format = options.format ?? found.format
  if (format === undefined) throw formatUnknown(context.place)
  return assemble(readSheet(format, text, found, context), context)
}

/** The format of a document by its content. Throws as `readDocument` for what is no text, and `FORMAT_UNKNOWN`. */
export function detectFormat(bytes: Uint8Array, options: Pick<ReadOptions, 'name' | 'limits'> = {}): Format {
  const context = contextOf(options)
  const { format } = detect(textOf(bytes, context), context)
  if (format === undefined) throw formatUnknown(context.place)
  return format
}

function contextOf(options: ReadOptions): Context {
  const limits: Limits = { ...DEFAULT_LIMITS, ...options.limits }
  const place: Place = options.name === undefined ? {} : { file: options.name }
  return { options, limits, place }
}

function textOf(bytes: Uint8Array, { limits, place }: Context): string {
  if (bytes.length > limits.bytes) {
    throw new IsletError(
      'FILE_TOO_LARGE',
      `the file is larger than ${limits.bytes} bytes`,
      { bytes: bytes.length, limit: limits.bytes },
      { at: place, remedy: 'split the export into shorter periods' },
    )
  }
  return decodeText(bytes, place)
}

function readSheet(format: Format, text: string, found: Detected, context: Context): Sheet {
  if (format === 'tidepool' || format === 'nightscout' || format === 'fhir') {
    if (found.kind !== 'json') throw mismatch(format, 'JSON', context)
    switch (format) {
      case 'tidepool':
        return readTidepool(found.entries, context)
      case 'nightscout':
        return readNightscout(found.entries, context)
      case 'fhir':
        return readFhir(found.entries, context)
      default:
        return format satisfies never
    }
  }
  if (found.kind !== 'delimited') throw mismatch(format, 'CSV', context)
  const { delimiter } = found
  switch (format) {
    case 'dexcom-clarity':
      return readClarity(text, delimiter, context)
    case 'libreview':
      return readLibreView(text, delimiter, context)
    case 'carelink':
      return readCarelink(text, delimiter, context)
    case 'csv': {
      const rows = readRows(text, delimiter, context.limits, context.place)
      return isOwnHeader(rows[0]?.cells ?? []) ? readOwnCsv(rows.slice(1)) : readCsv(text, delimiter, context)
    }
    default:
      return format satisfies never
  }
}

function mismatch(format: Format, expected: string, context: Context): IsletError {
  return new IsletError(
    'FORMAT_MISMATCH',
    `a ${format} export is ${expected}, and this file is not`,
    { format },
    { at: context.place, remedy: 'leave --format out to have it detected' },
  )
}
