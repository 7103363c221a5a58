/** One tree against plain arithmetic, what training refuses, and that training learns. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { bentTable } from '../testing/bent-table.ts'
import { CUT_PHASES, type Cuts, quantileCuts, setOf } from './cuts.ts'
import { Kernel } from './kernel.ts'
import { boostingHash, predictBoosting } from './model.ts'
import { rowsOf, type Table, tableOf } from './table.ts'
import { trainBoosting, trainBoostingOverSites } from './train.ts'
import { goesLeft } from './tree.ts'

const rmse = (a: Float64Array, b: Float64Array): number =>
  Math.sqrt(a.reduce((sum, value, i) => sum + (value - b[i]!) ** 2, 0) / a.length)

const setsOf = (table: Table, bins: number) => quantileCuts(new Kernel(), table, bins)
/** The cuts of the first tree. */
const cutsOf = (table: Table, bins: number): Cuts => setOf(setsOf(table, bins), 0)

/** The best split of some rows, tried one by one in doubles. */
function plainSplit(table: Table, cuts: Cuts, rows: readonly number[], gradient: readonly number[]) {
  const score = (chosen: readonly number[]): number =>
    chosen.reduce((sum, row) => sum + gradient[row]!, 0) ** 2 / (chosen.length + 1)
  let best = { score: score(rows) + 1e-9, left: [] as number[], right: [] as number[] }
  cuts.edges.forEach((edges, c) => {
    const value = (row: number): number => table.values[c * table.rows + row]!
    const lacks = rows.some((row) => Number.isNaN(value(row)))
    for (const missingLeft of lacks ? [false, true] : [false]) {
      for (const edge of edges) {
        const goes = (row: number): boolean => (Number.isNaN(value(row)) ? missingLeft : value(row) < edge)
        const left = rows.filter(goes)
        const right = rows.filter((row) => !goes(row))
        if (left.length === 0 || right.length === 0) continue
        const found = score(left) + score(right)
        if (found > best.score + 1e-6) best = { score: found, left, right }
      }
    }
  })
  return best
}

describe('a tree', () => {
  test.each([
    [1, 0, 6, 16, 'all values present'],
    [2, 0.2, 5, 32, 'a fifth of the values missing'],
    [3, 0.6, 4, 16, 'most values missing'],
    [4, 0, 3, 256, 'a group of four columns, not full'],
    [5, 0, 9, 8, 'a group of eight and one column more'],
    [6, 0.1, 13, 64, 'two groups of eight'],
  ])(
    'of seed %i is the one that trying every cut finds: missing %f, %i columns, %i bins',
    (seed, missing, columns, bins) => {
      const table = bentTable(seed, 200, columns, missing)
      const model = trainBoosting(table, { trees: 1, depth: 3, bins, learningRate: 1 })
      const cuts = cutsOf(table, bins)
      const tree = model.trees[0]!
      const gradient = Array.from(table.target, (y) => model.base - y)
      let splits = 0
      const check = (node: number, rows: readonly number[], depth: number): void => {
        expect(tree.cover[node]).toBe(rows.length)
        const expected = depth === 3 ? { left: [], right: [] } : plainSplit(table, cuts, rows, gradient)
        if (expected.left.length === 0) {
          const sum = rows.reduce((total, row) => total + gradient[row]!, 0)
          expect(tree.feature[node]).toBe(-1)
          expect(tree.value[node]).toBeCloseTo(-sum / (rows.length + 1), 4)
          return
        }
        splits++
        const column = tree.feature[node]!
        const goes = (row: number): boolean => goesLeft(tree, node, table.values[column * table.rows + row]!)
        expect(rows.filter(goes)).toEqual(expected.left)
        check(tree.left[node]!, expected.left, depth + 1)
        check(tree.right[node]!, expected.right, depth + 1)
      }
      check(
        0,
        Array.from({ length: 200 }, (_, row) => row),
        0,
      )
      expect(splits).toBeGreaterThan(3)
    },
  )
})

describe('a model', () => {
  test('predicts rows it has not seen far better than the mean', () => {
    const model = trainBoosting(bentTable(1, 3000), { trees: 60 })
    const fresh = bentTable(2, 1000)
    const mean = Float64Array.from(fresh.target, () => model.base)
    expect(rmse(predictBoosting(model, fresh), fresh.target)).toBeLessThan(0.15 * rmse(mean, fresh.target))
  })

  test('has the same bytes however the rows are ordered, and on every run', () => {
    const table = bentTable(5, 400, 5, 0.1)
    const backwards = rowsOf(
      table,
      Array.from({ length: 400 }, (_, i) => 399 - i),
    )
    const settings = { trees: 8, bins: 32 }
    const hash = boostingHash(trainBoosting(table, settings))
    expect(boostingHash(trainBoosting(backwards, settings))).toBe(hash)
    // Frozen: a change of a single bit in any tree shows here.
    expect(hash).toMatchInlineSnapshot(`"0f9ad91cc73b01bc7fb08e4f42f63231139b6da0af1fcca587de4137a36c0fa6"`)
  })

  test('of a weighted row is the model of that row written several times', () => {
    const table = bentTable(6, 120)
    const heavy = { ...table, weights: Uint8Array.from({ length: 120 }, (_, i) => (i % 3) + 1) }
    const places = Array.from({ length: 120 }, (_, i) => Array.from({ length: (i % 3) + 1 }, () => i)).flat()
    const cuts = { trees: 5, bins: 256 as const }
    expect(boostingHash(trainBoosting(heavy, cuts))).toBe(
      boostingHash(trainBoosting(rowsOf(table, places), cuts)),
    )
  })

  test('of the pinball loss lies above the stated share of the targets', () => {
    const table = bentTable(9, 2000)
    const model = trainBoosting(table, { trees: 300, depth: 3, loss: { quantile: 0.9 } })
    const predicted = predictBoosting(model, table)
    const below = table.target.filter((y, i) => y <= predicted[i]!).length / 2000
    expect(below).toBeGreaterThan(0.85)
    expect(below).toBeLessThan(0.95)
  })

  test.each([
    ['one row', tableOf(['a'], [[1]], [7]), 7],
    ['a constant column', tableOf(['a'], [[1], [1], [1]], [2, 2, 2]), 2],
    ['only missing values', tableOf(['a'], [[Number.NaN], [Number.NaN]], [1, 3]), 2],
  ])('of %s predicts the mean', (_, table, expected) => {
    expect(predictBoosting(trainBoosting(table, { trees: 3 }), table)[0]).toBeCloseTo(expected, 4)
  })
})

test.each([16, 32, 64, 128, 256])('a column that is even about 0 is cut at 0, with %i bins', (bins) => {
  const values = Array.from({ length: 2000 }, (_, i) => [(i - 999.5) / 100])
  const [edges] = cutsOf(tableOf(['change'], values), bins).edges
  expect(edges!.some((edge) => Math.abs(edge) <= 0.005)).toBe(true)
  expect(edges!.length).toBeLessThanOrEqual(bins - 2)
})

describe('the eight sets of cuts', () => {
  const many = tableOf(
    ['a'],
    Array.from({ length: 4000 }, (_, i) => [Math.sqrt(i)]),
  )

  test('lie at even parts of a bin, so that together they part rows eight times as finely', () => {
    const places = setsOf(many, 32)
      .flatMap(({ edges }) => Array.from(edges[0]!, (edge) => edge ** 2))
      .toSorted((a, b) => a - b)
    const [set] = cutsOf(many, 32).edges
    expect(places.length).toBe(CUT_PHASES.length * set!.length)
    // 29 cuts a set: 30 shares of 133.3 rows, and an eighth of that between neighbours, to the row.
    for (let i = 1; i < places.length; i++)
      expect(Math.abs(places[i]! - places[i - 1]! - 4000 / 30 / 8)).toBeLessThan(2)
  })

  test('ascend strictly and keep within the bins, whatever the values', () => {
    fc.assert(
      fc.property(
        fc.array(fc.oneof(fc.integer({ min: -40, max: 40 }), fc.constant(0), fc.constant(Number.NaN)), {
          minLength: 1,
          maxLength: 300,
        }),
        (values) => {
          const sets = setsOf(
            tableOf(
              ['a'],
              values.map((value) => [value]),
            ),
            32,
          )
          for (const { edges } of sets) {
            expect(edges[0]!.length).toBeLessThanOrEqual(31)
            edges[0]!.forEach((edge, i) => {
              if (i > 0) expect(edge).toBeGreaterThan(edges[0]![i - 1]!)
            })
          }
        },
      ),
    )
  })

  test('are one and the same where every value has a bin of its own', () => {
    const few = tableOf(
      ['a'],
      Array.from({ length: 300 }, (_, i) => [i % 7]),
    )
    const [first, ...others] = setsOf(few, 32)
    for (const set of others) expect(set).toEqual(first)
  })

  test('find a jump that lies between two cuts of the first', () => {
    const jump = Array.from({ length: 4000 }, (_, i) => (i < 1333 + 60 ? 0 : 10))
    const table = { ...many, target: Float64Array.from(jump) }
    const settings = { trees: 60, bins: 32, learningRate: 0.3 } as const
    const sets = setsOf(many, 32)
    const error = (model: ReturnType<typeof trainBoosting>) =>
      rmse(predictBoosting(model, table), table.target)
    const one = error(trainBoostingOverSites([table], sets.slice(0, 1), settings))
    expect(error(trainBoosting(table, settings))).toBeLessThan(0.5 * one)
  })
})

describe('training refuses', () => {
  const good = bentTable(1, 20)
  test.each([
    ['BAD_BOOSTING_SETTINGS', 'bins that are no power of two', good, { bins: 100 }],
    ['BAD_BOOSTING_SETTINGS', 'no depth', good, { depth: 0 }],
    ['BAD_BOOSTING_SETTINGS', 'a rate that is no number', good, { learningRate: Number.NaN }],
    ['BAD_TABLE', 'a target that is no number', { ...good, target: good.target.map(() => Number.NaN) }, {}],
    ['BAD_TABLE', 'an infinite value', { ...good, values: good.values.map(() => Infinity) }, {}],
    ['BAD_TABLE', 'another length', { ...good, rows: 19 }, {}],
    ['BAD_TABLE', 'a weight of 0', { ...good, weights: new Uint8Array(20) }, {}],
    ['NO_ROWS', 'an empty table', tableOf(['a'], []), {}],
    ['BOOSTING_OVERFLOW', 'sums beyond a word', good, { unit: 1e-7 }],
  ])('%s: %s', (code, _, table, settings) => {
    expect(() => trainBoosting(table, settings)).toThrow(expect.objectContaining({ code }))
  })

  test('BAD_TABLE: rows of other columns than the model’s', () => {
    const model = trainBoosting(good, { trees: 1 })
    expect(() => predictBoosting(model, bentTable(1, 5, 4))).toThrow(
      expect.objectContaining({ code: 'BAD_TABLE' }),
    )
  })
})
