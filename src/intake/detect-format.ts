/**
 * What a document is, told by its content alone.
 *
 * Law: the first signature that only one format has decides; a text with none is refused, never tried at random.
 */
import { IsletError, type Place } from '../vocabulary/index.ts'
import { DELIMITERS, detectDelimiter, type Row, readRows } from './delimited.ts'
import type { Context } from './draft.ts'
import { isCarelinkHeader, isSectionLine } from './formats/carelink.ts'
import { clarityColumns } from './formats/clarity.ts'
import { csvColumns } from './formats/csv.ts'
import { libreColumns } from './formats/libreview.ts'
import { documentEntries, entriesFormat, type JsonFormat } from './json-entries.ts'
import { type Entry, readJson } from './json-text.ts'
import { isOwnHeader } from './own-csv.ts'
import type { Format } from './report.ts'

export type Detected =
  | { readonly kind: 'json'; readonly format: JsonFormat | undefined; readonly entries: readonly Entry[] }
  | { readonly kind: 'delimited'; readonly format: DelimitedFormat | undefined; readonly delimiter: string }

export type DelimitedFormat = Exclude<Format, JsonFormat>

/** Rows of the head in which a header is looked for. */
const HEAD_CHARACTERS = 200_000
const HEAD_ROWS = 200

/** Detects the kind of a decoded text and, for JSON, parses it on the way. */
export function detect(text: string, context: Context): Detected {
  const start = text.trimStart().charAt(0)
  if (start === '{' || start === '[') {
    const json = readJson(text, context.limits, context.place)
    const entries = 'lines' in json ? json.lines : documentEntries(json.document).entries
    return { kind: 'json', format: entriesFormat(entries), entries }
  }
  const likely = detectDelimiter(text)
  const head = text.slice(0, HEAD_CHARACTERS)
  // Rows of garbage can outvote the true delimiter; a header's signature cannot be outvoted.
  for (const delimiter of [likely, ...DELIMITERS.filter((other) => other !== likely)]) {
    const format = signature(readRows(head, delimiter, context.limits, context.place).slice(0, HEAD_ROWS))
    if (format !== undefined) return { kind: 'delimited', format, delimiter }
  }
  return { kind: 'delimited', format: undefined, delimiter: likely }
}

function signature(rows: readonly Row[]): DelimitedFormat | undefined {
  for (const { cells } of rows) {
    if (clarityColumns(cells) !== undefined) return 'dexcom-clarity'
    if (isSectionLine(cells) || isCarelinkHeader(cells)) return 'carelink'
    if (libreColumns(cells) !== undefined) return 'libreview'
  }
  const plain = rows.slice(0, 50).some(({ cells }) => isOwnHeader(cells) || csvColumns(cells) !== undefined)
  return plain ? 'csv' : undefined
}

export function formatUnknown(place: Place): IsletError {
  return new IsletError(
    'FORMAT_UNKNOWN',
    'the content matches no known export: Dexcom Clarity, LibreView, CareLink, Tidepool, Nightscout, FHIR or id,time,gl',
    {},
    { at: { ...place, line: 1 }, remedy: 'export the raw data again, or name the --format' },
  )
}
