/** Rows of text as a table: first column to the left, the others to the right. */

export const figure = (value: number | null, digits: number): string =>
  value === null ? '–' : value.toFixed(digits)

export interface TextColumn<Row> {
  readonly head: string
  readonly cell: (row: Row) => string
}

/** Title, heads, rows. */
export function tableText<Row>(
  title: string,
  name: (row: Row) => string,
  columns: readonly TextColumn<Row>[],
  rows: readonly Row[],
): readonly string[] {
  const first = Math.max(...rows.map((row) => name(row).length))
  const cells = rows.map((row) => columns.map(({ cell }) => cell(row)))
  const widths = columns.map(({ head }, i) =>
    Math.max(head.length, ...cells.map((own) => own[i]?.length ?? 0)),
  )
  const line = (label: string, own: readonly string[]): string =>
    [label.padEnd(first), ...own.map((cell, i) => cell.padStart(widths[i] ?? 0))].join('  ').trimEnd()
  return [
    title,
    line(
      '',
      columns.map(({ head }) => head),
    ),
    ...rows.map((row, i) => line(name(row), cells[i] ?? [])),
  ]
}
