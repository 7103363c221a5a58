/**
 * One site's part in boosting: its rows stay here, and sums per bin go out.
 *
 * Law: an answer is a function of rows as a set: their order does not show. A site without rows answers with zeros.
 * The histograms of a step hold columns × bins words for each node of `build`, in that order.
 */
import { type CutSets, type Cuts, setOf } from './cuts.ts'
import type { GrowthStep, Split } from './growth.ts'
import { MOST_GRADIENT, MOST_WEIGHT, wordOf } from './histogram-words.ts'
import { Kernel } from './kernel.ts'
import { refused } from './refusal.ts'
import { type BoostingSettings, STEPS_PER_UNIT } from './settings.ts'
import { checkTable, type Table } from './table.ts'

/** Columns whose codes lie side by side: eight, or four in the last group. */
interface Group {
  readonly first: number
  readonly width: 4 | 8
  readonly codes: number
}

const EDGES_PADDED = 256

export class Site {
  private readonly kernel: Kernel
  private readonly table: Table
  private readonly settings: BoostingSettings
  private readonly parties: number
  /** One for each set of cuts that the trees take. */
  private readonly sets: readonly (readonly Group[])[]
  private groups: readonly Group[] = []
  private readonly predicted: number
  private readonly target: number
  private readonly weights: number
  private readonly rows: readonly [number, number]
  private readonly words: readonly [number, number]
  private histograms = 0
  private histogramsHeld = 0
  private nodes = new Map<number, readonly [number, number]>()

  /** Throws `BAD_TABLE`, `BOOSTING_OVERFLOW`. `parties`: how many sites are summed. */
  constructor(table: Table, cuts: CutSets, settings: BoostingSettings, parties = 1, kernel = new Kernel()) {
    checkTable(table, true)
    this.kernel = kernel
    this.table = table
    this.settings = settings
    this.parties = parties
    const n = table.rows
    this.sets = cuts.slice(0, settings.trees).map((set) => encoded(kernel, table, set, settings.bins))
    this.predicted = kernel.reserve(n * 8)
    this.target = kernel.reserve(n * 8)
    this.weights = table.weights === undefined ? 0 : kernel.reserve(n)
    this.rows = [kernel.reserve(n * 4 + 16), kernel.reserve(n * 4 + 16)]
    this.words = [kernel.reserve(n * 8 + 16), kernel.reserve(n * 8 + 16)]
    const targets = kernel.doubles(this.target, n)
    for (let i = 0; i < n; i++) targets[i] = (table.target[i] ?? 0) / settings.unit
    if (table.weights !== undefined) kernel.bytes(this.weights, n).set(table.weights)
  }

  /** The word of Σ target and weight, from which all sites take the same first prediction. Throws `BOOSTING_OVERFLOW`. */
  opening(): bigint {
    const { rows: n, weights } = this.table
    const targets = this.kernel.doubles(this.target, n)
    let sum = 0
    let size = 0
    let weight = 0
    for (let i = 0; i < n; i++) {
      const w = weights?.[i] ?? 1
      const steps = Math.round((targets[i] ?? 0) * STEPS_PER_UNIT) * w
      sum += steps
      size += Math.abs(steps)
      weight += w
    }
    this.checkSize(size, weight)
    return wordOf(sum, weight)
  }

  /** Sets every prediction to the first one, in units. */
  begin(first: number): void {
    this.kernel.doubles(this.predicted, this.table.rows).fill(first)
  }

  /** Takes a step; the histograms it asks for, a view that lasts until the next step. Throws `BOOSTING_OVERFLOW`. */
  answer(step: GrowthStep): BigUint64Array {
    this.groups = setOf(this.sets, step.tree)
    if (step.level === 0) this.beginTree()
    for (const split of step.splits) this.divide(split)
    for (const { node, value } of step.leaves) {
      const [from, to] = this.range(node)
      this.kernel.run.addLeaf(this.predicted, this.rows[0], from, to, value)
    }
    return this.histogramsOf(step.build)
  }

  /** What the trees so far predict for the site's own rows, in the target's unit. */
  predictions(): Float64Array {
    return this.kernel.doubles(this.predicted, this.table.rows).map((value) => value * this.settings.unit)
  }

  private beginTree(): void {
    const { loss } = this.settings
    const n = this.table.rows
    const size = this.kernel.run.gradients(
      this.predicted,
      this.target,
      this.weights,
      n,
      STEPS_PER_UNIT,
      loss === 'squared' ? -1 : loss.quantile,
      this.rows[0],
      this.words[0],
    )
    this.checkSize(size, 0)
    this.nodes = new Map([[0, [0, n]]])
  }

  private divide({ node, feature, bin, missingLeft, left, right }: Split): void {
    const [from, to] = this.range(node)
    const group = this.groups.find(({ first, width }) => feature >= first && feature < first + width)
    if (group === undefined) throw strangeStep('feature', feature)
    const middle = this.kernel.run.partition(
      this.rows[0],
      this.words[0],
      this.rows[1],
      this.words[1],
      from,
      to,
      group.codes + feature - group.first,
      group.width,
      bin,
      missingLeft ? 1 : 0,
      this.settings.bins - 1,
    )
    this.nodes.delete(node)
    this.nodes.set(left, [from, middle])
    this.nodes.set(right, [middle, to])
  }

  private histogramsOf(build: readonly number[]): BigUint64Array {
    const { kernel, groups } = this
    const perColumn = this.settings.bins * 8
    const columns = this.table.columns.length
    const perNode = columns * perColumn
    // The last group may be wider than its columns: what spills over is overwritten by the next node or lies in the tail.
    const held = build.length * perNode + 8 * perColumn
    if (held > this.histogramsHeld) {
      this.histograms = kernel.reserve(held)
      this.histogramsHeld = held
    }
    build.forEach((node, k) => {
      const [from, to] = this.range(node)
      const out = this.histograms + k * perNode
      kernel.bytes(out, perNode + 8 * perColumn).fill(0)
      for (const { first, width, codes } of groups) {
        const add = width === 8 ? kernel.run.histogram8 : kernel.run.histogram4
        add(codes, this.rows[0], this.words[0], from, to, out + first * perColumn, perColumn)
      }
    })
    return kernel.words(this.histograms, (build.length * perNode) / 8)
  }

  private range(node: number): readonly [number, number] {
    const range = this.nodes.get(node)
    if (range === undefined) throw strangeStep('node', node)
    return range
  }

  private checkSize(gradients: number, weight: number): void {
    if (gradients < MOST_GRADIENT / this.parties && weight <= MOST_WEIGHT / this.parties) return
    throw refused(
      'BOOSTING_OVERFLOW',
      'the sums of this site could overflow a 64-bit word',
      { rows: this.table.rows, parties: this.parties },
      'choose a larger unit for the target, or fewer rows',
    )
  }
}

function strangeStep(field: string, value: number): Error {
  return refused(
    'BAD_HISTOGRAMS',
    'a step names what this tree does not have',
    { field, value },
    'begin the tree again',
  )
}

/** Codes of all columns in groups side by side. */
function encoded(kernel: Kernel, table: Table, cuts: Cuts, bins: number): readonly Group[] {
  const { rows, columns, values } = table
  const groups: Group[] = []
  for (let first = 0; first < columns.length; ) {
    const width = columns.length - first > 4 ? 8 : 4
    groups.push({ first, width, codes: kernel.reserve(rows * width) })
    first += width
  }
  const column = kernel.reserve(rows * 4)
  const edges = kernel.reserve(EDGES_PADDED * 4)
  for (const { first, width, codes } of groups) {
    for (let c = first; c < Math.min(columns.length, first + width); c++) {
      kernel.floats(column, rows).set(values.subarray(c * rows, (c + 1) * rows))
      const padded = kernel.floats(edges, EDGES_PADDED)
      padded.fill(Number.POSITIVE_INFINITY)
      padded.set(cuts.edges[c] ?? [])
      kernel.run.encode(column, rows, edges, bins - 1, codes + c - first, width)
    }
  }
  kernel.release(column)
  return groups
}
