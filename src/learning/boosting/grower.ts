/**
 * Grows a tree from summed histograms: the coordinator's part, the same for one site and for many.
 *
 * Law: `grow` is a function of the state and the sums: it keeps nothing between calls but scratch memory. The children of
 * a node: the lighter one's histogram is asked for, the other's is the parent's less that one's.
 * Source: gain and leaf value as in Chen and Guestrin 2016, equations 5–7.
 */
import { ABOVE_ALL, type CutSets, setOf } from './cuts.ts'
import type { GrowthStep, Leaf, Split } from './growth.ts'
import { gradientOf, weightOf } from './histogram-words.ts'
import { Kernel } from './kernel.ts'
import { refused } from './refusal.ts'
import { type BoostingSettings, STEPS_PER_UNIT } from './settings.ts'
import type { Tree } from './tree.ts'

/** A node while the tree grows. */
interface Node {
  readonly word: bigint
  readonly split?: Split
}

/** Two children of a parent whose histogram is known, one of which the sites build. */
interface Family {
  readonly built: number
  readonly other: number
  readonly histogram: BigUint64Array
}

/** Between two steps of one tree. */
export interface TreeState {
  readonly tree: number
  readonly level: number
  readonly nodes: readonly Node[]
  /** None at the root. */
  readonly families: readonly Family[]
}

export interface Grown {
  readonly state: TreeState
  readonly step: GrowthStep
  /** There once the step is the tree's last. */
  readonly finished?: Tree
}

/** Least gain of a split, in squared steps relative to nothing: below it is rounding. */
const LEAST_GAIN = 1e-9

export class Grower {
  private readonly kernel = new Kernel()
  private readonly cuts: CutSets
  private readonly settings: BoostingSettings
  private readonly columns: number
  private readonly counts: number
  private readonly best: number
  private readonly small: number
  private readonly parent: number
  private readonly large: number
  private readonly perNode: number

  constructor(cuts: CutSets, settings: BoostingSettings) {
    const { kernel } = this
    this.cuts = cuts
    this.settings = settings
    this.columns = setOf(cuts, 0).edges.length
    this.perNode = this.columns * settings.bins
    this.counts = kernel.reserve(this.columns * 4)
    this.best = kernel.reserve(32)
    this.small = kernel.reserve(this.perNode * 8)
    this.parent = kernel.reserve(this.perNode * 8)
    this.large = kernel.reserve(this.perNode * 8)
  }

  /** The first step of a tree. */
  plant(tree: number): Grown {
    return {
      state: { tree, level: 0, nodes: [{ word: 0n }], families: [] },
      step: { tree, level: 0, splits: [], build: [0], leaves: [] },
    }
  }

  /** The next step, from the sum of all sites' answers to the last one. Throws `BAD_HISTOGRAMS`. */
  grow(state: TreeState, sums: BigUint64Array): Grown {
    const { kernel, perNode } = this
    const expected = Math.max(1, state.families.length) * perNode
    if (sums.length !== expected)
      throw refused(
        'BAD_HISTOGRAMS',
        'the sums have another shape than the step asked for',
        { expected, found: sums.length },
        'sum the answers to this step again',
      )
    const { edges } = setOf(this.cuts, state.tree)
    kernel.integers(this.counts, this.columns).set(edges.map(({ length }) => length))
    const nodes = [...state.nodes]
    const families: Family[] = []
    const splits: Split[] = []
    const last = state.level + 1 === this.settings.depth
    const visit = (node: number, histogram: number): void => {
      const word = nodes[node]?.word ?? 0n
      const found = this.bestSplit(node, word, histogram, nodes.length)
      if (found === undefined) return
      const { split, leftWord } = found
      const rightWord = BigInt.asUintN(64, word - leftWord)
      nodes[node] = { word, split }
      nodes.push({ word: leftWord }, { word: rightWord })
      splits.push(split)
      if (last) return
      const leftBuilt = weightOf(leftWord) <= weightOf(rightWord)
      families.push({
        built: leftBuilt ? split.left : split.right,
        other: leftBuilt ? split.right : split.left,
        histogram: kernel.words(histogram, perNode).slice(),
      })
    }
    if (state.families.length === 0) {
      kernel.words(this.small, perNode).set(sums)
      nodes[0] = { word: this.wholeOf(sums) }
      visit(0, this.small)
    }
    state.families.forEach(({ built, other, histogram }, k) => {
      kernel.words(this.small, perNode).set(sums.subarray(k * perNode, (k + 1) * perNode))
      kernel.words(this.parent, perNode).set(histogram)
      kernel.run.subtract(this.parent, this.small, this.large, perNode)
      visit(built, this.small)
      visit(other, this.large)
    })
    return this.next(state, nodes, families, splits)
  }

  private next(
    state: TreeState,
    nodes: readonly Node[],
    families: readonly Family[],
    splits: readonly Split[],
  ): Grown {
    const { tree } = state
    const level = state.level + 1
    const after: TreeState = { tree, level, nodes, families }
    const step: GrowthStep = { tree, level, splits, build: families.map(({ built }) => built), leaves: [] }
    if (families.length > 0) return { state: after, step }
    const leaves = nodes.flatMap(({ split, word }, node): readonly Leaf[] =>
      split === undefined ? [{ node, value: this.leafValue(word) }] : [],
    )
    return { state: after, step: { ...step, leaves }, finished: this.treeOf(tree, nodes) }
  }

  private bestSplit(
    node: number,
    word: bigint,
    histogram: number,
    next: number,
  ): { readonly split: Split; readonly leftWord: bigint } | undefined {
    const { kernel, settings } = this
    const { lambda, minChildWeight } = settings
    if (weightOf(word) < 2 * minChildWeight) return undefined
    kernel.run.search(histogram, this.columns, settings.bins, this.counts, lambda, minChildWeight, this.best)
    const [feature = -1, bin = 0, way = 0] = kernel.integers(this.best + 16, 3)
    if (feature < 0) return undefined
    const [score = 0] = kernel.doubles(this.best, 1)
    const gradient = gradientOf(word)
    const gain = (score - (gradient * gradient) / (weightOf(word) + lambda)) / STEPS_PER_UNIT ** 2
    const unit = settings.unit ** 2
    if (!(gain > LEAST_GAIN && gain * unit > settings.gamma)) return undefined
    const [leftWord = 0n] = kernel.words(this.best + 8, 1)
    // Where no row missed the value, later ones that do go with the heavier side.
    const seen = kernel.words(histogram, this.perNode)[(feature + 1) * settings.bins - 1] !== 0n
    const heavierLeft = 2 * weightOf(leftWord) >= weightOf(word)
    const missingLeft = seen ? way === 1 : heavierLeft
    return { split: { node, feature, bin, missingLeft, left: next, right: next + 1 }, leftWord }
  }

  private wholeOf(histogram: BigUint64Array): bigint {
    let whole = 0n
    for (const word of histogram.subarray(0, this.settings.bins)) whole += word
    return BigInt.asUintN(64, whole)
  }

  /** −η · G / (H + λ), in units of the target. */
  private leafValue(word: bigint): number {
    const weight = weightOf(word) + this.settings.lambda
    if (weight === 0) return 0
    return (-this.settings.learningRate * gradientOf(word)) / STEPS_PER_UNIT / weight
  }

  private treeOf(tree: number, nodes: readonly Node[]): Tree {
    const { edges } = setOf(this.cuts, tree)
    const { unit } = this.settings
    return {
      feature: Int32Array.from(nodes, ({ split }) => split?.feature ?? -1),
      threshold: Float32Array.from(nodes, ({ split }) =>
        split === undefined ? 0 : (edges[split.feature]?.[split.bin] ?? ABOVE_ALL),
      ),
      missingLeft: Uint8Array.from(nodes, ({ split }) => (split?.missingLeft ? 1 : 0)),
      left: Int32Array.from(nodes, ({ split }) => split?.left ?? -1),
      right: Int32Array.from(nodes, ({ split }) => split?.right ?? -1),
      value: Float64Array.from(nodes, ({ split, word }) =>
        split === undefined ? this.leafValue(word) * unit : 0,
      ),
      cover: Float64Array.from(nodes, ({ word }) => weightOf(word)),
    }
  }
}
