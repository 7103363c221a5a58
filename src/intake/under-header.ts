/** The table of an app's export: whatever stands above its header is passed over, what stands below is its body. */
import { IsletError } from '../vocabulary/index.ts'
import { type Row, readRows } from './delimited.ts'
import type { Context } from './draft.ts'

export interface UnderHeader<Columns> {
  readonly header: Row
  readonly columns: Columns
  readonly body: readonly Row[]
}

/** Finds the first row in which an app's columns are. Throws `HEADER_MISSING`. */
export function underHeader<Columns>(
  text: string,
  delimiter: string,
  context: Context,
  { app, columnsOf }: { readonly app: string; columnsOf(cells: readonly string[]): Columns | undefined },
): UnderHeader<Columns> {
  const rows = readRows(text, delimiter, context.limits, context.place)
  for (const [at, header] of rows.entries()) {
    const columns = columnsOf(header.cells)
    if (columns !== undefined) return { header, columns, body: rows.slice(at + 1) }
  }
  throw new IsletError(
    'HEADER_MISSING',
    `no header of a ${app} export stands in the file`,
    {},
    { at: { ...context.place, line: 1 }, remedy: `export again from ${app}, or name another --format` },
  )
}
