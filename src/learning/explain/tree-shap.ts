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

/** The Shapley values of one row of values, in the model's columns. */
export function treeShap(model: BoostingModel, row: Float32Array): Contributions {
  const deepest = Math.max(0, ...model.trees.map((tree) => depthBelow(tree, 0)))
  const walk = new Walk(row, new Float64Array(model.columns.length), deepest)
  const base = model.trees.reduce((sum, tree) => sum + walk.add(tree), model.base)
  return { base, values: walk.values }
}

function depthBelow(tree: Tree, node: number): number {
  if ((tree.feature[node] ?? -1) < 0) return 0
  return 1 + Math.max(depthBelow(tree, tree.left[node] ?? 0), depthBelow(tree, tree.right[node] ?? 0))
}

/** A node that is come to: by how many steps, with which last step, and the share of training rows that come by. */
interface Visit {
  readonly node: number
  readonly depth: number
  /** Steps of the parent's path; a column asked for twice has made it shorter than the depth. */
  readonly length: number
  readonly zero: number
  readonly one: number
  readonly column: number
  readonly reach: number
}

/** Where the path of a depth lies: it has depth + 1 steps at most. */
const placeOf = (depth: number): number => (depth * (depth + 1)) / 2

/**
 * Walks down trees with the path so far: for each step a column, the share of paths that flow through it without and with
 * the column known, and a weight. Each depth has a place of its own in flat arrays, so that no step makes an object.
 */
class Walk {
  readonly values: Float64Array
  private readonly row: Float32Array
  private readonly column: Int32Array
  private readonly zero: Float64Array
  private readonly one: Float64Array
  private readonly weight: Float64Array

  constructor(row: Float32Array, values: Float64Array, deepest: number) {
    const places = placeOf(deepest + 1)
    this.row = row
    this.values = values
    this.column = new Int32Array(places)
    this.zero = new Float64Array(places)
    this.one = new Float64Array(places)
    this.weight = new Float64Array(places)
  }

  /** Adds a tree's contributions; answers its mean over the training rows. */
  add(tree: Tree): number {
    return this.descend(tree, { node: 0, depth: 0, length: 0, zero: 1, one: 1, column: -1, reach: 1 })
  }

  private descend(tree: Tree, visit: Visit): number {
    const { node, depth, reach } = visit
    const at = placeOf(depth)
    this.extend(visit)
    const column = tree.feature[node] ?? -1
    if (column < 0) {
      const value = tree.value[node] ?? 0
      this.credit(at, visit.length, value)
      return reach * value
    }
    const left = tree.left[node] ?? 0
    const right = tree.right[node] ?? 0
    const hot = goesLeft(tree, node, this.row[column] ?? Number.NaN) ? left : right
    const cold = hot === left ? right : left
    // A column asked for twice counts once: its earlier step is taken back and its shares go on.
    let length = visit.length + 1
    let [zero, one] = [1, 1]
    let before = length - 1
    while (before > 0 && this.column[at + before] !== column) before--
    if (before > 0) {
      zero = this.zero[at + before] ?? 1
      one = this.one[at + before] ?? 1
      this.takeBack(at, --length, before)
    }
    const share = (child: number): number => (tree.cover[child] ?? 0) / (tree.cover[node] ?? 1)
    const step = (child: number, known: number): number =>
      this.descend(tree, {
        node: child,
        depth: depth + 1,
        length,
        zero: zero * share(child),
        one: known,
        column,
        reach: reach * share(child),
      })
    return step(hot, one) + step(cold, 0)
  }

  /** EXTEND: the parent's path with one more step, and the weights of all sizes of subsets with it. */
  private extend({ depth, length, zero, one, column }: Visit): void {
    const at = placeOf(depth)
    const parent = placeOf(depth - 1)
    for (let i = 0; i < length; i++) this.move(parent + i, at + i)
    this.column[at + length] = column
    this.zero[at + length] = zero
    this.one[at + length] = one
    const { weight } = this
    weight[at + length] = length === 0 ? 1 : 0
    for (let i = length - 1; i >= 0; i--) {
      const own = weight[at + i] ?? 0
      weight[at + i + 1] = (weight[at + i + 1] ?? 0) + (one * own * (i + 1)) / (length + 1)
      weight[at + i] = (zero * own * (length - i)) / (length + 1)
    }
  }

  /** UNWIND: the path and its weights as they were without one step; `last` is the place of the last one. */
  private takeBack(at: number, last: number, place: number): void {
    const { weight } = this
    const one = this.one[at + place] ?? 1
    const zero = this.zero[at + place] ?? 1
    let next = weight[at + last] ?? 0
    for (let i = last - 1; i >= 0; i--) {
      const own = weight[at + i] ?? 0
      if (one !== 0) {
        weight[at + i] = (next * (last + 1)) / (i + 1)
        next = own - ((weight[at + i] ?? 0) * zero * (last - i)) / (last + 1)
      } else weight[at + i] = (own * (last + 1)) / (zero * (last - i))
    }
    // The weights stay where they are: they belong to sizes of subsets, not to steps.
    for (let i = at + place; i < at + last; i++) {
      const weight = this.weight[i] ?? 0
      this.move(i + 1, i)
      this.weight[i] = weight
    }
  }

  private move(from: number, to: number): void {
    this.column[to] = this.column[from] ?? 0
    this.zero[to] = this.zero[from] ?? 0
    this.one[to] = this.one[from] ?? 0
    this.weight[to] = this.weight[from] ?? 0
  }

  /** At a leaf: what each column of the path adds to the prediction. */
  private credit(at: number, last: number, value: number): void {
    // Without a step that the row does not take, the weights sum to this over its share: the share cancels.
    let cold = 0
    for (let i = 0; i < last; i++) cold += (this.weight[at + i] ?? 0) / (last - i)
    cold *= last + 1
    for (let place = at + 1; place <= at + last; place++) {
      const zero = this.zero[place] ?? 1
      const moved = this.one[place] === 0 ? -cold : this.weightWithout(at, last, zero) * (1 - zero)
      const column = this.column[place] ?? 0
      this.values[column] = (this.values[column] ?? 0) + moved * value
    }
  }

  /** Sum of the weights as they would be without a step that the row takes. */
  private weightWithout(at: number, last: number, zero: number): number {
    let next = this.weight[at + last] ?? 0
    let sum = 0
    for (let i = last - 1; i >= 0; i--) {
      const taken = (next * (last + 1)) / (i + 1)
      next = (this.weight[at + i] ?? 0) - (taken * zero * (last - i)) / (last + 1)
      sum += taken
    }
    return sum
  }
}
