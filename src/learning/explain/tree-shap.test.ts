/** Shapley values of trees: sums, the definition by brute force, and XGBoost's own on a model it trained. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import vectors from '../../../test-vectors/xgboost-shap.json' with { type: 'json' }
import { type BoostingModel, predictRow } from '../boosting/model.ts'
import { trainBoosting } from '../boosting/train.ts'
import { goesLeft, type Tree } from '../boosting/tree.ts'
import { importXgboost } from '../boosting/xgboost-import.ts'
import { bentTable } from '../testing/bent-table.ts'
import { treeShap } from './tree-shap.ts'

const rowOf = (table: ReturnType<typeof bentTable>, r: number): Float32Array =>
  Float32Array.from(table.columns, (_, c) => table.values[c * table.rows + r]!)

/** What a tree says when only the columns of `known` are known: the rest averaged by cover. */
function expected(tree: Tree, row: Float32Array, known: number, node = 0): number {
  const column = tree.feature[node]!
  if (column < 0) return tree.value[node]!
  const left = tree.left[node]!
  const right = tree.right[node]!
  if ((known >> column) & 1)
    return expected(tree, row, known, goesLeft(tree, node, row[column]!) ? left : right)
  const sum =
    tree.cover[left]! * expected(tree, row, known, left) +
    tree.cover[right]! * expected(tree, row, known, right)
  return sum / tree.cover[node]!
}

/** Shapley 1953, over all subsets. */
function byDefinition(model: BoostingModel, row: Float32Array): number[] {
  const n = model.columns.length
  const value = (known: number): number =>
    model.trees.reduce((sum, tree) => sum + expected(tree, row, known), model.base)
  const factorial = (k: number): number => (k <= 1 ? 1 : k * factorial(k - 1))
  return model.columns.map((_, column) => {
    let sum = 0
    for (let known = 0; known < 1 << n; known++) {
      if ((known >> column) & 1) continue
      const size = [...known.toString(2)].filter((bit) => bit === '1').length
      const weight = (factorial(size) * factorial(n - size - 1)) / factorial(n)
      sum += weight * (value(known | (1 << column)) - value(known))
    }
    return sum
  })
}

describe('contributions', () => {
  test('sum to the prediction less the base, to 1e-9', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1e6 }), fc.integer({ min: 1, max: 6 }), (seed, depth) => {
        const table = bentTable(seed, 150, 6, 0.1)
        const model = trainBoosting(table, { trees: 6, depth, bins: 32 })
        const row = rowOf(table, seed % 150)
        const { base, values } = treeShap(model, row)
        const sum = values.reduce((total, value) => total + value, base)
        expect(Math.abs(sum - predictRow(model, row))).toBeLessThan(1e-9)
      }),
      { numRuns: 30 },
    )
  })

  test('are the Shapley values of the definition, columns asked for twice on a path included', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1e6 }), fc.constantFrom(0, 0.2), (seed, missing) => {
        const table = bentTable(seed, 80, 3, missing)
        const model = trainBoosting(table, { trees: 3, depth: 5, bins: 16 })
        const row = rowOf(table, seed % 80)
        byDefinition(model, row).forEach((value, column) => {
          expect(treeShap(model, row).values[column]).toBeCloseTo(value, 9)
        })
      }),
      { numRuns: 25 },
    )
  })

  test('are those of XGBoost on a model that XGBoost trained, to 1e-4', () => {
    const model = importXgboost(JSON.stringify(vectors.model))
    expect(vectors.rows.length).toBe(24)
    vectors.rows.forEach((values, r) => {
      const row = Float32Array.from(values, (value) => value ?? Number.NaN)
      expect(Math.abs(predictRow(model, row) - vectors.predictions[r]!)).toBeLessThan(1e-4)
      const { base, values: own } = treeShap(model, row)
      ;[...own, base].forEach((value, c) => {
        expect(Math.abs(value - vectors.contributions[r]![c]!)).toBeLessThan(1e-4)
      })
    })
  })
})

describe('an imported model', () => {
  const text = JSON.stringify(vectors.model)
  test.each([
    ['no JSON', '{'],
    ['nothing', '{}'],
    ['another objective', text.replace('reg:squarederror', 'binary:logistic')],
    ['children that point back', text.replaceAll(/"left_children": ?\[1/g, '"left_children":[0')],
    ['a column beyond the table', text.replace(/"split_indices": ?\[\d/, '"split_indices":[77')],
  ])('with %s is refused', (_, bad) => {
    expect(() => importXgboost(bad)).toThrow(expect.objectContaining({ code: 'UNREADABLE_MODEL' }))
  })
})
