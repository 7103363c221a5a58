/**
 * Files of a person's export from the disk into records: one document each, with the hash of its bytes.
 */
import { createHash } from 'node:crypto'
import { basename } from 'node:path'
import { exportBytes, placed } from '../../forecast/index.ts'
import {
  FORMATS,
  type Format,
  type IntakeDocument,
  type ReadOptions,
  readDocument,
} from '../../intake/index.ts'
import { quantity, type UnixSeconds } from '../../vocabulary/index.ts'
import { usage } from './outcome.ts'

export interface FileRead {
  readonly path: string
  readonly sha256: string
  readonly document: IntakeDocument
}

/** The intake options that verbs share: `--format`, `--tz`, `--date-order`, `--unit`. */
export function intakeOptions(options: Readonly<Record<string, unknown>>): ReadOptions {
  const { format, tz, dateOrder, unit } = options
  if (format !== undefined && !isFormat(format)) {
    throw usage(`there is no format '${String(format)}'`, `one of: ${FORMATS.join(', ')}`)
  }
  return {
    ...(format === undefined ? {} : { format }),
    ...(typeof tz === 'string' ? { zone: tz } : {}),
    ...(dateOrder === 'dmy' || dateOrder === 'mdy' ? { dateOrder } : {}),
    ...(unit === 'mg/dL' || unit === 'mmol/L' ? { unit } : {}),
  }
}

function isFormat(value: unknown): value is Format {
  return FORMATS.some((format) => format === value)
}

/** Reads one file whole. Throws the codes of intake, with the path as place. */
export async function readFile(
  path: string,
  options: ReadOptions,
  now: () => number = Date.now,
): Promise<FileRead> {
  const bytes = await exportBytes(path)
  const sha256 = createHash('sha256').update(bytes).digest('hex')
  const document = placed(path, () =>
    readDocument(bytes, { ...options, name: basename(path), now: quantity<UnixSeconds>(now() / 1000) }),
  )
  return { path, sha256, document }
}
