/**
 * How much each column moves one prediction away from the mean: Shapley values of a boosted model, path-dependent.
 *
 * Law: base + Σ contributions = prediction (to 1e-9 of rounding). What is unknown of a row is averaged with the cover of
 * the training rows, so no background data is needed.
 * Source: Lundberg, Erion, Lee 2018, arXiv:1802.03888, Algorithm 2, written anew from the paper.
 */
import type { BoostingModel } from '../boosting/model.ts'
import { goesLeft, type Tree } from '../boosting/tree.ts'

export interface Contributions {
  /** Mean prediction over the training rows, in the target's unit. */
  readonly base: number
  /** One for each column, in the target's unit. */
  readonly values: Float64Array
}

/** One step of a path: a column, the share of paths that flow through it without and with the column known, a weight. */
interface Step {
  readonly column: number
  readonly zero: number
  readonly one: number
  readonly weight: number
}

/** The Shapley values of one row of values, in the model's columns. */
export function treeShap(model: BoostingModel, row: Float32Array): Contributions {
  const values = new Float64Array(model.columns.length)
  let base = model.base
  for (const tree of model.trees) {
    base += meanOf(tree, 0)
    descend(tree, row, values, { node: 0, path: [], zero: 1, one: 1, column: -1 })
  }
  return { base, values }
}

/** Mean of a tree's leaves below a node, weighted by cover. */
function meanOf(tree: Tree, node: number): number {
  if ((tree.feature[node] ?? -1) < 0) return tree.value[node] ?? 0
  const left = tree.left[node] ?? 0
  const right = tree.right[node] ?? 0
  return shareOf(tree, node, left) * meanOf(tree, left) + shareOf(tree, node, right) * meanOf(tree, right)
}

function shareOf(tree: Tree, node: number, child: number): number {
  return (tree.cover[child] ?? 0) / (tree.cover[node] ?? 1)
}

interface Visit {
  readonly node: number
  readonly path: readonly Step[]
  readonly zero: number
  readonly one: number
  readonly column: number
}

function descend(tree: Tree, row: Float32Array, out: Float64Array, visit: Visit): void {
  const { node } = visit
  const path = extended(visit.path, visit)
  const column = tree.feature[node] ?? -1
  if (column < 0) {
    const value = tree.value[node] ?? 0
    for (let i = 1; i < path.length; i++) {
      const step = path[i]
      if (step === undefined) continue
      out[step.column] = (out[step.column] ?? 0) + weightWithout(path, i) * (step.one - step.zero) * value
    }
    return
  }
  const left = tree.left[node] ?? 0
  const right = tree.right[node] ?? 0
  const hot = goesLeft(tree, node, row[column] ?? Number.NaN) ? left : right
  const cold = hot === left ? right : left
  // A column asked for twice counts once: its earlier step is taken back and its shares go on.
  const before = path.findIndex((step, i) => i > 0 && step.column === column)
  const earlier = path[before]
  const rest = before < 0 ? path : without(path, before)
  const zero = before < 0 ? 1 : (earlier?.zero ?? 1)
  const one = before < 0 ? 1 : (earlier?.one ?? 1)
  descend(tree, row, out, { node: hot, path: rest, zero: zero * shareOf(tree, node, hot), one, column })
  descend(tree, row, out, { node: cold, path: rest, zero: zero * shareOf(tree, node, cold), one: 0, column })
}

/** EXTEND: the weights of all sizes of subsets with one more step. */
function extended(path: readonly Step[], { zero, one, column }: Visit): readonly Step[] {
  const length = path.length
  const weights = [...path.map(({ weight }) => weight), length === 0 ? 1 : 0]
  for (let i = length - 1; i >= 0; i--) {
    const weight = weights[i] ?? 0
    weights[i + 1] = (weights[i + 1] ?? 0) + (one * weight * (i + 1)) / (length + 1)
    weights[i] = (zero * weight * (length - i)) / (length + 1)
  }
  return [...path, { column, zero, one, weight: 0 }].map((step, i) => ({ ...step, weight: weights[i] ?? 0 }))
}

/** UNWIND: the weights as they were without one step. */
function unwound(path: readonly Step[], place: number): number[] {
  const last = path.length - 1
  const { one, zero } = path[place] ?? { one: 1, zero: 1 }
  const weights = path.map(({ weight }) => weight)
  let next = weights[last] ?? 0
  for (let i = last - 1; i >= 0; i--) {
    if (one !== 0) {
      const weight = weights[i] ?? 0
      weights[i] = (next * (last + 1)) / ((i + 1) * one)
      next = weight - ((weights[i] ?? 0) * zero * (last - i)) / (last + 1)
    } else {
      weights[i] = ((weights[i] ?? 0) * (last + 1)) / (zero * (last - i))
    }
  }
  return weights.slice(0, last)
}

function without(path: readonly Step[], place: number): readonly Step[] {
  const weights = unwound(path, place)
  return path.filter((_, i) => i !== place).map((step, i) => ({ ...step, weight: weights[i] ?? 0 }))
}

function weightWithout(path: readonly Step[], place: number): number {
  return unwound(path, place).reduce((sum, weight) => sum + weight, 0)
}
