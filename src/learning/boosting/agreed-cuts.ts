/**
 * Cuts that sites agree on without showing rows: each counts its values in 1,024 fixed cells per column, the counts are
 * summed (under masks if wanted), and the cuts are the borders of cells at equal shares of the sum.
 *
 * Law: cuts depend on the summed counts and public ranges alone, so any division of the rows gives the same cuts.
 * Values outside the range count in the outermost cell. Counts of small sites tell about people: send them masked.
 */
import { ABOVE_ALL, CUT_PHASES, type CutSets, shareOf } from './cuts.ts'
import { refused } from './refusal.ts'
import { checkTable, type Table } from './table.ts'

/** The public range of a column, in its own unit. */
export interface Range {
  readonly low: number
  readonly high: number
}

const CELLS = 1024
/** Cells and the count of missing values. */
const PER_COLUMN = CELLS + 1

/** A site's counts: for each column 1,024 cells, then how many values are missing; one word each. Throws `BAD_TABLE`. */
export function cellCounts(table: Table, ranges: readonly Range[]): BigUint64Array {
  checkTable(table, false)
  checkRanges(ranges, table.columns.length)
  const { rows, columns, values } = table
  const counts = new Uint32Array(columns.length * PER_COLUMN)
  for (let c = 0; c < columns.length; c++) {
    const range = ranges[c] ?? { low: 0, high: 1 }
    const borders = bordersOf(range)
    const perUnit = CELLS / (range.high - range.low)
    for (let i = 0; i < rows; i++) {
      const value = values[c * rows + i] ?? Number.NaN
      const cell = Number.isNaN(value) ? CELLS : cellOf(value, borders, (value - range.low) * perUnit)
      counts[c * PER_COLUMN + cell] = (counts[c * PER_COLUMN + cell] ?? 0) + 1
    }
  }
  return BigUint64Array.from(counts, BigInt)
}

/** The cuts of summed counts. Throws `BAD_HISTOGRAMS`. */
export function cutsFromCounts(sums: BigUint64Array, ranges: readonly Range[], bins: number): CutSets {
  if (sums.length !== ranges.length * PER_COLUMN)
    throw refused(
      'BAD_HISTOGRAMS',
      'the counts belong to another number of columns',
      { expected: ranges.length * PER_COLUMN, found: sums.length },
      'sum the counts of the same columns',
    )
  const columns = ranges.map((range, c) => ({
    counts: Array.from(sums.subarray(c * PER_COLUMN, (c + 1) * PER_COLUMN), Number),
    borders: bordersOf(range),
  }))
  return CUT_PHASES.map((phase) => ({
    edges: columns.map(({ counts, borders }) => {
      const missing = (counts[CELLS] ?? 0) > 0 ? [ABOVE_ALL] : []
      return Float32Array.from([...columnCuts(counts, borders, bins - 2 - missing.length, phase), ...missing])
    }),
  }))
}

/** Lower borders of the cells as 32-bit numbers, so that a value is on the same side everywhere. */
function bordersOf({ low, high }: Range): Float32Array {
  return Float32Array.from({ length: CELLS }, (_, cell) => low + ((high - low) * cell) / CELLS)
}

/** The cell whose lower border is the last one not above the value; `guess` is within rounding of it. */
function cellOf(value: number, borders: Float32Array, guess: number): number {
  let cell = Math.max(0, Math.min(CELLS - 1, Math.floor(guess)))
  while (cell > 0 && value < (borders[cell] ?? 0)) cell--
  while (cell < CELLS - 1 && value >= (borders[cell + 1] ?? 0)) cell++
  return cell
}

/** Borders before occupied cells: all of them when they are few, else at equal shares of what is left. */
function columnCuts(counts: readonly number[], borders: Float32Array, most: number, phase: number): number[] {
  const occupied = borders.length - counts.slice(0, CELLS).filter((count) => count === 0).length
  let rest = counts.slice(0, CELLS).reduce((sum, count) => sum + count, 0)
  const cuts: number[] = []
  let held = 0
  for (let cell = 0; cell < CELLS; cell++) {
    const count = counts[cell] ?? 0
    if (count === 0) continue
    const left = most - cuts.length
    const share = occupied <= most + 1 ? 0 : shareOf(rest, left, cuts.length === 0, phase)
    if (held > 0 && cuts.length < most && held + count / 2 >= share) {
      cuts.push(borders[cell] ?? 0)
      rest -= held
      held = 0
    }
    held += count
  }
  return cuts
}

function checkRanges(ranges: readonly Range[], columns: number): void {
  const bad = ranges.findIndex(({ low, high }) => !(high > low))
  if (ranges.length === columns && bad < 0) return
  throw refused(
    'BAD_TABLE',
    'every column needs a public range that is not empty',
    { columns, ranges: ranges.length, column: bad },
    'state low < high for each column',
  )
}
