/**
 * A table: what boosting learns from. Columns of numbers, a target, and NaN where a value is missing.
 *
 * Law: a target is finite; a value is finite or missing; weights are whole numbers from 1 to 255, because sums must be exact.
 */
import { refused } from './refusal.ts'

export interface Table {
  readonly rows: number
  /** Names of the columns, in order. */
  readonly columns: readonly string[]
  /** columns × rows, one column after the other; NaN is a missing value. */
  readonly values: Float32Array
  /** rows; empty where the table is only predicted from. */
  readonly target: Float64Array
  /** rows, whole numbers 1–255; left out: every row weighs 1. */
  readonly weights?: Uint8Array
}

/** A table from rows of numbers. Throws `BAD_TABLE`. */
export function tableOf(
  columns: readonly string[],
  rows: readonly (readonly number[])[],
  target: readonly number[] = [],
): Table {
  const values = new Float32Array(columns.length * rows.length)
  rows.forEach((row, r) => {
    if (row.length !== columns.length) throw wrongLength('a row', columns.length, row.length)
    row.forEach((value, c) => {
      values[c * rows.length + r] = value
    })
  })
  const table = { rows: rows.length, columns, values, target: Float64Array.from(target) }
  checkTable(table, target.length > 0)
  return table
}

/** Throws `BAD_TABLE` where shapes disagree, a target is not finite, a value is infinite or a weight is 0. */
export function checkTable(table: Table, withTarget: boolean): void {
  const { rows, columns, values, target, weights } = table
  if (values.length !== rows * columns.length)
    throw wrongLength('values', rows * columns.length, values.length)
  for (let i = 0; i < values.length; i++) {
    const value = values[i] ?? 0
    if (value === Number.POSITIVE_INFINITY || value === Number.NEGATIVE_INFINITY)
      throw refused(
        'BAD_TABLE',
        'a value is infinite',
        { column: columns[Math.floor(i / rows)] ?? '', row: i % rows },
        'leave it out as missing (NaN)',
      )
  }
  if (!withTarget) return
  if (target.length !== rows) throw wrongLength('target', rows, target.length)
  const bad = target.findIndex((value) => !Number.isFinite(value))
  if (bad >= 0) throw refused('BAD_TABLE', 'a target is not a finite number', { row: bad }, 'drop the row')
  if (weights === undefined) return
  if (weights.length !== rows) throw wrongLength('weights', rows, weights.length)
  const light = weights.indexOf(0)
  if (light >= 0) throw refused('BAD_TABLE', 'a weight is 0', { row: light }, 'drop the row')
}

function wrongLength(what: string, expected: number, found: number): Error {
  return refused(
    'BAD_TABLE',
    `${what} has the wrong length`,
    { what, expected, found },
    'give one value per row and column',
  )
}

/** The rows of a table at these places, in this order. */
export function rowsOf(table: Table, places: readonly number[]): Table {
  const { rows, columns, values, target, weights } = table
  const chosen = new Float32Array(columns.length * places.length)
  for (let c = 0; c < columns.length; c++) {
    for (let i = 0; i < places.length; i++) {
      chosen[c * places.length + i] = values[c * rows + (places[i] ?? 0)] ?? Number.NaN
    }
  }
  const base = {
    rows: places.length,
    columns,
    values: chosen,
    target: Float64Array.from(places, (place) => target[place] ?? 0),
  }
  return weights === undefined
    ? base
    : { ...base, weights: Uint8Array.from(places, (place) => weights[place] ?? 1) }
}
