/**
 * Preparation as explicit steps: min-max scaling, rules for outliers, encodings of categories. What was done to a table
 * is a list that can be read, hashed and done again.
 *
 * Law: applying the recorded steps to the same table gives the same table; a step that fits something from the data (a
 * minimum, a list of categories) is recorded with what it fitted, so that test rows are prepared with training's values
 * and never with their own. Fitted values tell about the people they were fitted on: across sites use public constants.
 */
import { sha256 } from '@noble/hashes/sha2.js'
import { canonicalJson, IsletError, type Json, toHex, utf8 } from '../../vocabulary/index.ts'

/** Columns of one length: numbers (NaN: unknown) or categories. */
export interface PlainTable {
  readonly rows: number
  readonly numbers: Readonly<Record<string, Float64Array>>
  readonly categories: Readonly<Record<string, readonly string[]>>
}

export type PreparationStep =
  /** (x − min) / (max − min), cut at 0 and 1. */
  | { readonly step: 'min-max'; readonly column: string; readonly min: number; readonly max: number }
  /** Outside of low–high: the row goes, the value is cut to the border, or it becomes unknown. */
  | {
      readonly step: 'outlier'
      readonly column: string
      readonly low: number
      readonly high: number
      readonly rule: 'drop-row' | 'clip' | 'unknown'
    }
  /** One column of 0 and 1 per category, named `column=category`; a category not listed is 0 everywhere. */
  | { readonly step: 'one-hot'; readonly column: string; readonly categories: readonly string[] }
  /** The place in the list, 0, 1, …; a category not listed is unknown. */
  | { readonly step: 'ordinal'; readonly column: string; readonly categories: readonly string[] }

export interface PreparedStep {
  readonly step: PreparationStep
  /** Values or rows that the step changed. */
  readonly changed: number
}

export interface Prepared {
  readonly table: PlainTable
  readonly record: readonly PreparedStep[]
  /** SHA-256 of the steps' canonical JSON, hex: the counts of `changed` are left out, so that it names the recipe. */
  readonly sha256: string
}

/** Min-max with the smallest and largest known value of a column. Throws `COLUMN_UNKNOWN`, `COLUMN_CONSTANT`. */
export function fitMinMax(table: PlainTable, column: string): PreparationStep {
  const known = numbersOf(table, column).filter((value) => !Number.isNaN(value))
  const min = known.reduce((least, value) => Math.min(least, value), Number.POSITIVE_INFINITY)
  const max = known.reduce((most, value) => Math.max(most, value), Number.NEGATIVE_INFINITY)
  if (!(max > min)) {
    throw new IsletError(
      'COLUMN_CONSTANT',
      'a column without two different values has no scale',
      {},
      { at: { field: column }, remedy: 'leave the column out' },
    )
  }
  return { step: 'min-max', column, min, max }
}

/** One-hot over the categories a column holds, sorted. Throws `COLUMN_UNKNOWN`. */
export function fitOneHot(table: PlainTable, column: string): PreparationStep {
  return { step: 'one-hot', column, categories: [...new Set(categoriesOf(table, column))].sort() }
}

/** Applies the steps in order. Throws `COLUMN_UNKNOWN`. */
export function prepare(table: PlainTable, steps: readonly PreparationStep[]): Prepared {
  let current = table
  const record = steps.map((step) => {
    const done = apply(current, step)
    current = done.table
    return { step, changed: done.changed }
  })
  return { table: current, record, sha256: recipeHash(steps) }
}

/** SHA-256 of the steps' canonical JSON, hex. */
export function recipeHash(steps: readonly PreparationStep[]): string {
  const plain: Json = steps.map((step) => ({ ...step }))
  return toHex(sha256(utf8(canonicalJson(plain)))).slice(2)
}

function apply(table: PlainTable, step: PreparationStep): { table: PlainTable; changed: number } {
  switch (step.step) {
    case 'min-max': {
      const scaled = numbersOf(table, step.column).map((value) =>
        Number.isNaN(value) ? value : Math.min(1, Math.max(0, (value - step.min) / (step.max - step.min))),
      )
      return { table: withNumbers(table, step.column, scaled), changed: table.rows }
    }
    case 'outlier':
      return withoutOutliers(table, step)
    case 'one-hot': {
      const own = categoriesOf(table, step.column)
      let next = withoutCategory(table, step.column)
      for (const category of step.categories) {
        const column = Float64Array.from(own, (value) => (value === category ? 1 : 0))
        next = withNumbers(next, `${step.column}=${category}`, column)
      }
      return { table: next, changed: table.rows }
    }
    case 'ordinal': {
      const places = new Map(step.categories.map((category, place) => [category, place]))
      const column = Float64Array.from(
        categoriesOf(table, step.column),
        (value) => places.get(value) ?? Number.NaN,
      )
      return {
        table: withNumbers(withoutCategory(table, step.column), step.column, column),
        changed: table.rows,
      }
    }
    default:
      return step satisfies never
  }
}

function withoutOutliers(
  table: PlainTable,
  { column, low, high, rule }: Extract<PreparationStep, { step: 'outlier' }>,
): { table: PlainTable; changed: number } {
  const values = numbersOf(table, column)
  const outside = (value: number | undefined): boolean => value !== undefined && (value < low || value > high)
  const changed = values.filter(outside).length
  if (rule === 'drop-row') {
    const kept = [...values.keys()].filter((row) => !outside(values[row]))
    const numbers = mapRecord(table.numbers, (own) =>
      Float64Array.from(kept, (row) => own[row] ?? Number.NaN),
    )
    const categories = mapRecord(table.categories, (own) => kept.map((row) => own[row] ?? ''))
    return { table: { rows: kept.length, numbers, categories }, changed }
  }
  const mended = values.map((value) => {
    if (!outside(value)) return value
    return rule === 'clip' ? Math.min(high, Math.max(low, value)) : Number.NaN
  })
  return { table: withNumbers(table, column, mended), changed }
}

function mapRecord<A, B>(record: Readonly<Record<string, A>>, map: (value: A) => B): Record<string, B> {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, map(value)]))
}

function withNumbers(table: PlainTable, column: string, values: Float64Array): PlainTable {
  return { ...table, numbers: { ...table.numbers, [column]: values } }
}

function withoutCategory(table: PlainTable, column: string): PlainTable {
  const { [column]: _, ...categories } = table.categories
  return { ...table, categories }
}

function numbersOf(table: PlainTable, column: string): Float64Array {
  return table.numbers[column] ?? unknown(column)
}

function categoriesOf(table: PlainTable, column: string): readonly string[] {
  return table.categories[column] ?? unknown(column)
}

function unknown(column: string): never {
  throw new IsletError(
    'COLUMN_UNKNOWN',
    'the table has no such column of that kind',
    {},
    { at: { field: column }, remedy: 'name a column of the table' },
  )
}
