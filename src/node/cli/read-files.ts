/**
 * Files of a person's export from the disk into records: one document each, with the hash of its bytes.
 */
import { createHash } from 'node:crypto'
import { promises as fs } from 'node:fs'
import { basename } from 'node:path'
import {
  DEFAULT_LIMITS,
  FORMATS,
  type Format,
  type IntakeDocument,
  type ReadOptions,
  readDocument,
} from '../../intake/index.ts'
import { IsletError, quantity, type UnixSeconds } from '../../vocabulary/index.ts'
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
  const stat = await fs.stat(path)
  if (stat.isDirectory()) {
    throw new IsletError(
      'NOT_A_FILE',
      'this is a folder, not a file',
      {},
      { at: { file: path }, remedy: 'name a file in it' },
    )
  }
  const { size } = stat
  if (size > DEFAULT_LIMITS.bytes) {
    throw new IsletError(
      'FILE_TOO_LARGE',
      `the file is larger than ${DEFAULT_LIMITS.bytes / 2 ** 20} MiB`,
      { bytes: size },
      { at: { file: path }, remedy: 'split it by year' },
    )
  }
  const bytes = await fs.readFile(path)
  const sha256 = createHash('sha256').update(bytes).digest('hex')
  try {
    const document = readDocument(bytes, {
      ...options,
      name: basename(path),
      now: quantity<UnixSeconds>(now() / 1000),
    })
    return { path, sha256, document }
  } catch (error) {
    if (!(error instanceof IsletError)) throw error
    throw new IsletError(error.code, error.message, error.facts, {
      at: { ...error.at, file: path },
      ...(error.remedy === undefined ? {} : { remedy: error.remedy }),
      cause: error,
    })
  }
}
