/**
 * The document of a boosted model, read back.
 *
 * Law: what was read is the model that was written, to the last bit, or it is nothing: a tree that could lead a row round
 * in circles, ask for a column that is not there or add what is no number is no tree.
 */
import type { BoostingModel } from './model.ts'
import type { Tree } from './tree.ts'

type Fields = Readonly<Record<string, unknown>>

/** The model of plain data, or undefined where it is none. */
export function readBoosting(value: unknown): BoostingModel | undefined {
  if (!isFields(value) || value['schema'] !== 'islet.boosting/1') return undefined
  const { columns, base, trees } = value
  if (!Array.isArray(columns) || !columns.every((name) => typeof name === 'string')) return undefined
  if (typeof base !== 'number' || !Number.isFinite(base) || !Array.isArray(trees)) return undefined
  const read: Tree[] = []
  for (const each of trees) {
    const tree = isFields(each) ? treeFrom(each) : undefined
    if (tree === undefined || !isSound(tree, columns.length)) return undefined
    read.push(tree)
  }
  return { columns, base, trees: read }
}

function treeFrom(fields: Fields): Tree | undefined {
  const { feature, threshold, missing_left: missingLeft, left, right, value, cover } = fields
  if (!isNumbers(feature) || !isNumbers(threshold) || !isNumbers(missingLeft)) return undefined
  if (!isNumbers(left) || !isNumbers(right) || !isNumbers(value) || !isNumbers(cover)) return undefined
  const lists = [threshold, missingLeft, left, right, value, cover]
  if (feature.length === 0 || lists.some(({ length }) => length !== feature.length)) return undefined
  return {
    feature: Int32Array.from(feature),
    threshold: Float32Array.from(threshold),
    missingLeft: Uint8Array.from(missingLeft),
    left: Int32Array.from(left),
    right: Int32Array.from(right),
    value: Float64Array.from(value),
    cover: Float64Array.from(cover),
  }
}

/** Children lie behind their parent, so that every walk ends. */
function isSound({ feature, left, right }: Tree, columns: number): boolean {
  return feature.every((column, node) => {
    if (column === -1) return true
    const inside = (child: number): boolean => child > node && child < feature.length
    return column >= 0 && column < columns && inside(left[node] ?? 0) && inside(right[node] ?? 0)
  })
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isNumbers(value: unknown): value is readonly number[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'number' && Number.isFinite(item))
}
