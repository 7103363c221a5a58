/**
 * Windows as a table: level, changes over several times back, spread, time of day, and what is on board where recorded.
 *
 * Law: nothing from after the anchor; ranges are public constants, so that sites can agree on cuts.
 */
import { CARBS, CHANGE_SCALE, COS, INSULIN, LEVEL, SIN } from '../data/features.ts'
import type { Windows } from '../data/windows.ts'
import type { Range } from './agreed-cuts.ts'
import type { Table } from './table.ts'

/** Cells back that a change is taken over; 1 cell = 5 minutes. */
const BACK = [1, 2, 3, 4, 5, 6, 8, 10, 12, 15, 18, 21] as const
const RECENT = 6

interface Column {
  readonly name: string
  readonly range: Range
  /** `level(k)`: glucose k cells before the anchor in LEVEL's scale; `at(k, input)`: an input k cells before. */
  readonly of: (at: (back: number, input: number) => number, steps: number) => number
}

const LEVELS: Range = { low: -2.2, high: 6 }
const CHANGES: Range = { low: -4, high: 4 }

function columnsOf(windows: Windows): readonly Column[] {
  const { steps, features } = windows
  const columns: Column[] = [{ name: 'level', range: LEVELS, of: (at) => at(0, LEVEL) }]
  for (const back of BACK) {
    if (back >= steps) continue
    columns.push({
      name: `change over ${back * 5} min`,
      range: { low: Math.max(CHANGES.low, -back * 0.6), high: Math.min(CHANGES.high, back * 0.6) },
      of: (at) => at(0, LEVEL) - at(back, LEVEL),
    })
  }
  columns.push(
    { name: 'bend', range: { low: -1, high: 1 }, of: (at) => at(0, LEVEL) - 2 * at(1, LEVEL) + at(2, LEVEL) },
    { name: 'mean before', range: CHANGES, of: (at, n) => at(0, LEVEL) - mean(at, n) },
    { name: 'highest before', range: CHANGES, of: (at, n) => most(at, n, 1) - at(0, LEVEL) },
    { name: 'lowest before', range: CHANGES, of: (at, n) => at(0, LEVEL) + most(at, n, -1) },
    { name: 'spread of 30 min', range: { low: 0, high: 2 }, of: (at) => spread(at) },
    { name: 'sin of day', range: { low: -1, high: 1.001 }, of: (at) => at(0, SIN) },
    { name: 'cos of day', range: { low: -1, high: 1.001 }, of: (at) => at(0, COS) },
  )
  if (features <= CARBS) return columns
  return [
    ...columns,
    { name: 'insulin on board', range: { low: 0, high: 4 }, of: (at) => at(0, INSULIN) },
    { name: 'carbs on board', range: { low: 0, high: 4 }, of: (at) => at(0, CARBS) },
    {
      name: 'insulin since 30 min',
      range: { low: -4, high: 4 },
      of: (at) => at(0, INSULIN) - at(6, INSULIN),
    },
    { name: 'carbs since 30 min', range: { low: -4, high: 4 }, of: (at) => at(0, CARBS) - at(6, CARBS) },
  ]
}

/** Forecasts of another model joined to the table: count × horizon, mg/dL. */
export interface WindowTable {
  readonly table: Table
  readonly ranges: readonly Range[]
}

/**
 * The table of the windows; with `forecast` (the hybrid) its path joins the columns. The target, for `cell` of the path, is
 * the change from the last value, or from the forecast, in units of 30 mg/dL.
 */
export function windowTable(windows: Windows, cell: number, forecast?: Float32Array): WindowTable {
  const { count, steps, features, horizon, inputs, last, targets } = windows
  const own = columnsOf(windows)
  const joined = forecast === undefined ? [] : Array.from({ length: horizon }, (_, h) => h)
  const values = new Float32Array((own.length + joined.length) * count)
  const target = new Float64Array(count)
  for (let w = 0; w < count; w++) {
    const end = (w * steps + steps - 1) * features
    const at = (back: number, input: number): number => inputs[end - back * features + input] ?? 0
    own.forEach(({ of }, c) => {
      values[c * count + w] = of(at, steps)
    })
    for (const h of joined)
      values[(own.length + h) * count + w] =
        ((forecast?.[w * horizon + h] ?? 0) - (last[w] ?? 0)) / CHANGE_SCALE
    const from = forecast?.[w * horizon + cell] ?? last[w] ?? 0
    target[w] = ((targets[w * horizon + cell] ?? 0) - from) / CHANGE_SCALE
  }
  return {
    table: {
      rows: count,
      columns: [...own.map(({ name }) => name), ...joined.map((h) => `forecast at ${5 * (h + 1)} min`)],
      values,
      target,
    },
    ranges: [...own.map(({ range }) => range), ...joined.map(() => ({ low: -8, high: 8 }))],
  }
}

type At = (back: number, input: number) => number

function mean(at: At, steps: number): number {
  let sum = 0
  for (let back = 0; back < steps; back++) sum += at(back, LEVEL)
  return sum / steps
}

/** The largest level times `sign`. */
function most(at: At, steps: number, sign: 1 | -1): number {
  let best = Number.NEGATIVE_INFINITY
  for (let back = 0; back < steps; back++) best = Math.max(best, sign * at(back, LEVEL))
  return best
}

/** Standard deviation of the last half hour's changes, in LEVEL's scale. */
function spread(at: At): number {
  let sum = 0
  let squares = 0
  for (let back = 0; back < RECENT; back++) {
    const change = at(back, LEVEL) - at(back + 1, LEVEL)
    sum += change
    squares += change * change
  }
  return Math.sqrt(Math.max(0, squares / RECENT - (sum / RECENT) ** 2))
}
