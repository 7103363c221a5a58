import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { JUMP_RULE, RANGE_RULE, withoutOutlierReadings } from './outlier-readings.ts'
import { fitMinMax, fitOneHot, type PlainTable, prepare, recipeHash } from './preparation.ts'

const table: PlainTable = {
  rows: 4,
  numbers: { dose: Float64Array.of(2, 4, 6, 900), age: Float64Array.of(30, Number.NaN, 50, 60) },
  categories: { therapy: ['pump', 'pens', 'pump', 'none'] },
}

describe('preparation', () => {
  it('does what its steps say, in order, and counts what each changed', () => {
    const { table: prepared, record } = prepare(table, [
      { step: 'outlier', column: 'dose', low: 0, high: 100, rule: 'drop-row' },
      { step: 'min-max', column: 'dose', min: 2, max: 6 },
      { step: 'one-hot', column: 'therapy', categories: ['pens', 'pump'] },
    ])
    expect(prepared.rows).toBe(3)
    expect([...prepared.numbers['dose']!]).toEqual([0, 0.5, 1])
    expect([...prepared.numbers['therapy=pump']!]).toEqual([1, 0, 1])
    expect([...prepared.numbers['therapy=pens']!]).toEqual([0, 1, 0])
    expect([...prepared.numbers['age']!]).toEqual([30, Number.NaN, 50])
    expect(record.map(({ changed }) => changed)).toEqual([1, 3, 3])
  })

  it('clips, or leaves unknown, where it is told so; a category not listed is unknown', () => {
    const { table: prepared } = prepare(table, [
      { step: 'outlier', column: 'dose', low: 3, high: 100, rule: 'clip' },
      { step: 'outlier', column: 'age', low: 40, high: 90, rule: 'unknown' },
      { step: 'ordinal', column: 'therapy', categories: ['none', 'pens'] },
    ])
    expect([...prepared.numbers['dose']!]).toEqual([3, 4, 6, 100])
    expect([...prepared.numbers['age']!]).toEqual([Number.NaN, Number.NaN, 50, 60])
    expect([...prepared.numbers['therapy']!]).toEqual([Number.NaN, 1, Number.NaN, 0])
  })

  it('prepares test rows with what was fitted on training rows', () => {
    const steps = [fitMinMax(table, 'age'), fitOneHot(table, 'therapy')]
    const other: PlainTable = {
      rows: 2,
      numbers: { age: Float64Array.of(45, 90) },
      categories: { therapy: ['new', 'pump'] },
    }
    const { table: prepared } = prepare(other, steps)
    expect([...prepared.numbers['age']!]).toEqual([0.5, 1])
    expect(Object.keys(prepared.numbers)).toEqual(['age', 'therapy=none', 'therapy=pens', 'therapy=pump'])
    expect([...prepared.numbers['therapy=pump']!]).toEqual([0, 1])
  })

  it('names a recipe by its steps and their order', () => {
    const [a, b] = [fitMinMax(table, 'dose'), fitOneHot(table, 'therapy')]
    expect(recipeHash([a, b])).toBe(prepare(table, [a, b]).sha256)
    expect(new Set([recipeHash([a, b]), recipeHash([b, a]), recipeHash([a])]).size).toBe(3)
  })

  it('refuses a column that is not there or has no scale', () => {
    expect(() => prepare(table, [{ step: 'min-max', column: 'no', min: 0, max: 1 }])).toThrow(
      expect.objectContaining({ code: 'COLUMN_UNKNOWN' }),
    )
    const flat = { rows: 2, numbers: { x: Float64Array.of(1, 1) }, categories: {} }
    expect(() => fitMinMax(flat, 'x')).toThrow(expect.objectContaining({ code: 'COLUMN_CONSTANT' }))
  })
})

describe('outlier readings', () => {
  const trace = (values: readonly number[]) => ({
    id: 'p',
    glucose: {
      at: Float64Array.from(values, (_, i) => 300 * i),
      local: Float64Array.from(values, (_, i) => 300 * i),
      value: Float64Array.from(values),
    },
  })

  it('drops what no meter shows and what no body does, and counts both', () => {
    const { traces, dropped } = withoutOutlierReadings(
      [trace([100, 5, 110, 200, 120])],
      [RANGE_RULE, JUMP_RULE],
    )
    expect([...traces[0]!.glucose.value]).toEqual([100, 110, 120])
    expect(dropped).toEqual([1, 1])
  })

  it('judges no reading by a later one', () => {
    const readings = fc.array(fc.integer({ min: 10, max: 700 }), { minLength: 2, maxLength: 30 })
    fc.assert(
      fc.property(readings, fc.nat(30), (values, cut) => {
        const whole = withoutOutlierReadings([trace(values)], [RANGE_RULE, JUMP_RULE]).traces[0]!
        const early = withoutOutlierReadings([trace(values.slice(0, cut))], [RANGE_RULE, JUMP_RULE])
          .traces[0]!
        const until = [...whole.glucose.at].filter((at) => at < cut * 300).length
        expect([...whole.glucose.value].slice(0, until)).toEqual([...early.glucose.value])
      }),
    )
  })
})
