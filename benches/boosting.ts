/**
 * Boosting beside XGBoost's hist on one thread: processor time of binning and training, and the error on rows not seen of
 * several tables, because on one table the error hangs on where a cut happens to fall.
 *
 * Law: both learn from the same table with the same trees, depth, bins, rate and penalty, in turns in one run; XGBoost comes
 * from Debian's python3-xgboost, and where it is absent the rows say so.
 */
import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { BenchDocument } from '../src/api/documents.door.ts'
import {
  cellCounts,
  cutsFromCounts,
  predictBoosting,
  sumOfWords,
  type Table,
  trainBoosting,
  trainBoostingOverSites,
  treeShap,
} from '../src/learning/index.ts'
import { DOSE_COLUMNS, doseTable } from './support/dose-table.ts'
import { jumpTable } from './support/jump-table.ts'

type Row = BenchDocument['rows'][number]

const TRAIN = 80_000
const TEST = 20_000
const TREES = 100
const DEPTH = 6
const BINS = 256
const SITES = 10
const JUMP_ROWS = 40_000
/** Of every fourth jump table a fifth of the values is missing. */
const JUMP_TABLES = [1, 2, 3, 4, 5, 6, 7, 8] as const
const FURTHER_DOSES = [3, 5] as const

/** Rows of `islet.bench/1`. */
export async function bench({ quick }: { readonly quick: boolean }): Promise<readonly Row[]> {
  const runs = quick ? 1 : 5
  const train = doseTable(1, TRAIN)
  const test = doseTable(2, TEST)
  const folder = mkdtempSync(join(tmpdir(), 'islet-boosting-'))
  try {
    writeTables(folder, train, test)
    const own: Measured[] = []
    const peer: Measured[] = []
    trainBoosting(train, { trees: 2 })
    for (let run = 0; run < runs; run++) {
      own.push(measured(train, test))
      const answer = xgboost(folder, train, test)
      if (answer !== undefined) peer.push(answer)
    }
    const further = FURTHER_DOSES.map(
      (seed) => () => [doseTable(seed, TRAIN), doseTable(seed + 1, TEST)] as const,
    )
    const jumps = JUMP_TABLES.map((table) => () => {
      const missing = table % 4 === 0 ? 0.2 : 0
      return [jumpTable(table, 1, JUMP_ROWS, missing), jumpTable(table, 2, TEST, missing)] as const
    })
    return [
      ...besidePeer(own, peer),
      ...overTables('dose-like', folder, quick ? [] : further, ratiosOf(own, peer)),
      ...overTables('with jumps', folder, quick ? jumps.slice(0, 1) : jumps),
      ...(await federated(train)),
      shapRow(train),
    ]
  } finally {
    rmSync(folder, { recursive: true })
  }
}

interface Measured {
  readonly cpu: number
  readonly rmse: number
}

function besidePeer(own: readonly Measured[], peer: readonly Measured[]): readonly Row[] {
  const runs = own.length
  const cpu = median(own.map((one) => one.cpu))
  const rmse = own[0]?.rmse ?? Number.NaN
  const absent = peer.length === 0
  const against = absent
    ? 'XGBoost is absent: apt-get install python3-xgboost'
    : 'XGBoost hist, one thread, in turns'
  const peerCpu = absent ? null : median(peer.map((one) => one.cpu))
  const peerRmse = peer[0]?.rmse ?? null
  const shape = `${TRAIN} × ${DOSE_COLUMNS.length}, ${TREES} trees, depth ${DEPTH}, ${BINS} bins`
  return [
    {
      name: `bins and trees of ${shape}, processor time`,
      value: cpu,
      unit: 's',
      against,
      ratio: peerCpu === null ? null : cpu / peerCpu,
      runs,
    },
    {
      name: `error on ${TEST} rows not seen (RMSE)`,
      value: rmse,
      unit: 'U',
      against,
      ratio: peerRmse === null ? null : rmse / peerRmse,
      runs: 1,
    },
  ]
}

type Pair = readonly [Table, Table]

/** The error over XGBoost's on several tables of a kind: geometric mean and worst. */
function overTables(
  kind: string,
  folder: string,
  tables: readonly (() => Pair)[],
  known: readonly number[] = [],
): readonly Row[] {
  const ratios = [...known]
  for (const table of tables) {
    const [train, test] = table()
    writeTables(folder, train, test)
    const answer = xgboost(folder, train, test)
    if (answer !== undefined) ratios.push(measured(train, test).rmse / answer.rmse)
  }
  if (ratios.length === 0) return []
  const mean = Math.exp(ratios.reduce((sum, ratio) => sum + Math.log(ratio), 0) / ratios.length)
  return ([['geometric mean', mean] as const, ['worst', Math.max(...ratios)] as const] as const).map(
    ([which, ratio]) => ({
      name: `error on rows not seen (RMSE), tables ${kind}, ${which}`,
      value: ratio,
      unit: 'of XGBoost’s',
      against: 'XGBoost hist, one thread',
      ratio,
      runs: ratios.length,
    }),
  )
}

function ratiosOf(own: readonly Measured[], peer: readonly Measured[]): readonly number[] {
  const [one, other] = [own[0], peer[0]]
  return one === undefined || other === undefined ? [] : [one.rmse / other.rmse]
}

/** The same rows dealt to ten sites with agreed cuts: time beside one site, bytes that each site sends. */
async function federated(train: Table): Promise<readonly Row[]> {
  const trees = 10
  const columns = train.columns.length
  const ranges = train.columns.map((_, c) =>
    rangeOf(train.values.subarray(c * train.rows, (c + 1) * train.rows)),
  )
  const sites = Array.from({ length: SITES }, (_, site) => part(train, site))
  const settings = { trees, depth: DEPTH, bins: 64 }
  const cuts = cutsFromCounts(sumOfWords(sites.map((site) => cellCounts(site, ranges))), ranges, 64)
  let bytes = 0
  const pooled = cpuOf(() => trainBoostingOverSites([train], cuts, settings))
  const parted = cpuOf(() =>
    trainBoostingOverSites(sites, cuts, settings, (parts) => {
      bytes += (parts[0]?.length ?? 0) * 8
      return sumOfWords(parts)
    }),
  )
  return [
    {
      name: `${SITES} sites, ${trees} trees, 64 bins, all in one process, processor time`,
      value: parted,
      unit: 's',
      against: 'the same rows at one site',
      ratio: parted / pooled,
      runs: 1,
    },
    {
      name: `sent by each site for a tree of depth ${DEPTH}, ${columns} columns, 64 bins`,
      value: bytes / trees / 1000,
      unit: 'kB',
      against: '32 histograms of 8 bytes a bin',
      ratio: bytes / trees / (32 * columns * 64 * 8),
      runs: 1,
    },
  ]
}

function shapRow(train: Table): Row {
  const model = trainBoosting(part(train, 0), { trees: TREES, depth: DEPTH })
  const rows = 50
  const table = part(train, 1)
  const row = new Float32Array(table.columns.length)
  const seconds = cpuOf(() => {
    for (let r = 0; r < rows; r++) {
      for (let c = 0; c < row.length; c++) row[c] = table.values[c * table.rows + r] ?? Number.NaN
      treeShap(model, row)
    }
  })
  return {
    name: `Shapley values of one row, ${TREES} trees of depth ${DEPTH}, processor time`,
    value: (seconds / rows) * 1000,
    unit: 'ms',
    against: null,
    ratio: null,
    runs: rows,
  }
}

function measured(train: Table, test: Table): Measured {
  let model: ReturnType<typeof trainBoosting> | undefined
  const cpu = cpuOf(() => {
    model = trainBoosting(train, { trees: TREES, depth: DEPTH, bins: BINS, learningRate: 0.1, lambda: 1 })
  })
  if (model === undefined) throw new Error('no model')
  const predicted = predictBoosting(model, test)
  const squares = predicted.reduce((sum, value, i) => sum + (value - (test.target[i] ?? 0)) ** 2, 0)
  return { cpu, rmse: Math.sqrt(squares / test.rows) }
}

function xgboost(folder: string, train: Table, test: Table): Measured | undefined {
  const near = ['./peers/boosting.py', '../../benches/peers/boosting.py']
  const script = near.map((path) => fileURLToPath(new URL(path, import.meta.url))).find(existsSync)
  if (script === undefined) return undefined
  const numbers = [train.rows, test.rows, train.columns.length, TREES, DEPTH, BINS].map(String)
  try {
    const text = execFileSync('/usr/bin/python3', [script, folder, ...numbers], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
      env: { ...process.env, OMP_NUM_THREADS: '1', OPENBLAS_NUM_THREADS: '1' },
    })
    const answer: unknown = JSON.parse(text)
    if (typeof answer !== 'object' || answer === null || !('cpu' in answer) || !('rmse' in answer))
      return undefined
    return { cpu: Number(answer.cpu), rmse: Number(answer.rmse) }
  } catch {
    return undefined
  }
}

function writeTables(folder: string, train: Table, test: Table): void {
  for (const [name, table] of [
    ['train', train],
    ['test', test],
  ] as const) {
    writeFileSync(join(folder, `${name}.f32`), table.values)
    writeFileSync(join(folder, `${name}.f64`), table.target)
  }
}

function part(table: Table, site: number): Table {
  const rows = table.rows / SITES
  const values = new Float32Array(rows * table.columns.length)
  for (let c = 0; c < table.columns.length; c++)
    values.set(
      table.values.subarray(c * table.rows + site * rows, c * table.rows + (site + 1) * rows),
      c * rows,
    )
  return { rows, columns: table.columns, values, target: table.target.slice(site * rows, (site + 1) * rows) }
}

function rangeOf(values: Float32Array): { readonly low: number; readonly high: number } {
  let low = Number.POSITIVE_INFINITY
  let high = Number.NEGATIVE_INFINITY
  for (const value of values) {
    low = Math.min(low, value)
    high = Math.max(high, value)
  }
  return { low, high: high + 1e-3 }
}

function cpuOf(work: () => unknown): number {
  const before = process.cpuUsage()
  work()
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 1e6
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1] ?? Number.NaN
}
