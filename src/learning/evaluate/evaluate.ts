/**
 * The evaluation: a cohort divided by a protocol, each model fitted on every fold and judged on the same windows.
 *
 * Law: the same input, options and seed give the same figures; only `cpuSeconds` differs between runs.
 */
import { isIsletError } from '../../vocabulary/index.ts'
import type { Exclusion } from '../data/cohort.ts'
import type { ContextMode } from '../data/cut-windows.ts'
import { dataHash } from '../data/data-hash.ts'
import { joinWindows } from '../data/join-windows.ts'
import type { PersonTrace } from '../data/trace.ts'
import type { Fitted, Forecaster } from './forecasters.ts'
import type { ModelName } from './models.ts'
import { type Division, divide, type ProtocolName, protocolVersion } from './protocols.ts'
import { type EvaluationRow, rowOf } from './row.ts'

export interface EvaluationOptions {
  readonly protocol: ProtocolName
  readonly sites: number
  readonly mode: ContextMode
  readonly withEvents: boolean
  readonly stride?: number
  readonly models: readonly ModelName[]
  /** CPU seconds that the process has used, all threads. */
  readonly cpuSeconds: () => number
  /** Told of a model that these sites cannot carry; without it the refusal is thrown. */
  readonly onUnfit?: (model: ModelName, code: string) => void
  /** Called before each model and fold; may throw to stop. */
  readonly onStep?: (done: number, total: number, model: ModelName) => void
}

export interface EvaluatedData {
  readonly sha256: string
  readonly protocolVersion: string
  readonly people: number
  readonly excluded: Readonly<Record<Exclusion, number>>
  readonly readings: number
  readonly windowsTrain: number
  readonly windowsValidation: number
  readonly windowsTest: number
  readonly stride: number
  readonly folds: number
}

export interface Evaluation {
  readonly data: EvaluatedData
  readonly rows: readonly EvaluationRow[]
}

/** What a model says where the sites are too few for it, or nobody judged has windows of their own. */
const UNFIT = ['TOO_FEW_SITES', 'MODEL_UNFIT'] as const

/** Divides, fits, judges. Throws the codes of `divide`. */
export async function evaluate(
  traces: readonly PersonTrace[],
  forecasters: (model: ModelName) => Forecaster,
  options: EvaluationOptions,
): Promise<Evaluation> {
  const division = divide(traces, options)
  const { folds } = division
  const test = joinWindows(folds.map((fold) => fold.test))
  const validation = joinWindows(folds.flatMap(({ sites }) => sites.map((site) => site.validation)))
  // Where people are held out, each of them stands for a site.
  const site = options.protocol === 'subject' ? test.person : (folds[0]?.testSite ?? new Int32Array(0))
  const rows: EvaluationRow[] = []
  const total = options.models.length * folds.length
  for (const [m, model] of options.models.entries()) {
    const before = options.cpuSeconds()
    const fitted: Fitted[] = []
    const forecaster = forecasters(model)
    try {
      for (const [f, fold] of folds.entries()) {
        options.onStep?.(m * folds.length + f, total, model)
        fitted.push(await forecaster(fold))
      }
    } catch (error) {
      if (options.onUnfit === undefined || !isIsletError(error, ...UNFIT)) throw error
      options.onUnfit(model, error.code)
      continue
    }
    const shared = fitted.reduce((sum, { sharedSeconds }) => sum + (sharedSeconds ?? 0), 0)
    const cpuSeconds = options.cpuSeconds() - before + shared
    rows.push(
      rowOf(model, test, site, validation, {
        paths: fitted.map(({ path }) => path),
        validation: fitted.map((one) => one.validation),
        upBytes: meanOf(fitted.map(({ upBytes }) => upBytes)),
        downBytes: meanOf(fitted.map(({ downBytes }) => downBytes)),
        rounds: fitted[0]?.rounds ?? 0,
        cpuSeconds,
        ...(fitted[0]?.networkShare === undefined
          ? {}
          : { networkShare: fitted.reduce((sum, one) => sum + (one.networkShare ?? 1), 0) / fitted.length }),
        ...(fitted[0]?.note === undefined ? {} : { note: fitted[0].note }),
      }),
    )
  }
  return { data: dataOf(traces, division, options, test.count), rows }
}

function meanOf(values: readonly (number | null)[]): number | null {
  let sum = 0
  for (const value of values) {
    if (value === null) return null
    sum += value
  }
  return Math.round(sum / Math.max(1, values.length))
}

function dataOf(
  traces: readonly PersonTrace[],
  { cohort, folds, stride }: Division,
  { protocol, mode }: EvaluationOptions,
  windowsTest: number,
): EvaluatedData {
  const version = protocolVersion(protocol, mode)
  const sum = (count: (fold: Division['folds'][number]) => number): number =>
    folds.reduce((total, fold) => total + count(fold), 0)
  return {
    sha256: dataHash(traces, version),
    protocolVersion: version,
    people: cohort.members.length,
    excluded: cohort.excluded,
    readings: cohort.members.reduce((total, { trace }) => total + trace.glucose.at.length, 0),
    windowsTrain: sum((fold) => fold.sites.reduce((n, { train }) => n + train.count, 0)),
    windowsValidation: sum((fold) => fold.sites.reduce((n, { validation }) => n + validation.count, 0)),
    windowsTest,
    stride,
    folds: folds.length,
  }
}
