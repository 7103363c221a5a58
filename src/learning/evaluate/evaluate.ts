/**
 * The evaluation: a cohort divided by a protocol, each model fitted on every fold and judged on the same windows.
 *
 * Laws: the same input, options and seed give the same figures; only `cpuSeconds` differs between runs. A model that
 * refuses is left out with its code and takes no other with it; a forecast that is not a number is never averaged away.
 */
import { IsletError } from '../../vocabulary/index.ts'
import type { Exclusion } from '../data/cohort.ts'
import { dataHash } from '../data/data-hash.ts'
import { joinWindows } from '../data/join-windows.ts'
import type { PersonTrace } from '../data/trace.ts'
import type { TraceStep } from '../data/trace-steps.ts'
import { requireJudged } from '../metrics/score.ts'
import type { Fitted, Forecaster } from './forecasters.ts'
import type { ModelName } from './models.ts'
import { type Division, type DivisionOptions, divide, protocolVersion } from './protocols.ts'
import { type EvaluationRow, rowOf } from './row.ts'

export interface EvaluationOptions extends DivisionOptions {
  readonly models: readonly ModelName[]
  /** CPU seconds that the process has used, all threads. */
  readonly cpuSeconds: () => number
  /** Told at once of a model that is left out; may throw to stop. */
  readonly onLeftOut?: (left: LeftOut) => void
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
  readonly steps: readonly TraceStep[]
}

/** A model without a row: what it said. */
export interface LeftOut {
  readonly model: ModelName
  readonly code: string
  readonly why: string
}

export interface Evaluation {
  readonly data: EvaluatedData
  readonly rows: readonly EvaluationRow[]
  readonly leftOut: readonly LeftOut[]
}

/** Divides, fits, judges. Throws the codes of `divide` and `NOTHING_TO_JUDGE`. */
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
  requireJudged(test)
  const rows: EvaluationRow[] = []
  const leftOut: LeftOut[] = []
  const total = options.models.length * folds.length
  for (const [m, model] of options.models.entries()) {
    const before = options.cpuSeconds()
    const fitted: Fitted[] = []
    const forecaster = forecasters(model)
    try {
      for (const [f, fold] of folds.entries()) {
        options.onStep?.(m * folds.length + f, total, model)
        const own = await forecaster(fold)
        requireFinite(own)
        fitted.push(own)
      }
    } catch (error) {
      if (!(error instanceof IsletError)) throw error
      const left = { model, code: error.code, why: error.message }
      options.onLeftOut?.(left)
      leftOut.push(left)
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
  return { data: dataOf(traces, division, options, test.count), rows, leftOut }
}

function requireFinite({ path, validation }: Fitted): void {
  if (path.every(Number.isFinite) && validation.every(Number.isFinite)) return
  throw new IsletError('FORECAST_NOT_FINITE', 'the model forecast something that is not a number', {})
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
  { cohort, folds, stride, steps }: Division,
  options: EvaluationOptions,
  windowsTest: number,
): EvaluatedData {
  const version = protocolVersion(options)
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
    steps,
  }
}
