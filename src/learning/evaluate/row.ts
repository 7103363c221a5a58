/**
 * One row of the table: a model judged on every test window of a division.
 *
 * Law: every row of a table is judged on the same cells; what is unknown is null, never 0.
 */
import type { Windows } from '../data/windows.ts'
import { gini, jain } from '../fairness/equality.ts'
import { tunedThreshold, type Warning, warning } from '../metrics/hypo.ts'
import { pointErrors } from '../metrics/point-errors.ts'
import { pairsAt, type Score, STEP_30, score } from '../metrics/score.ts'

/** What a model did besides forecasting. */
export interface Effort {
  /** Bytes a site sent and received per round, on average; null where nothing is sent in rounds. */
  readonly upBytes: number | null
  readonly downBytes: number | null
  readonly rounds: number
  /** CPU of all threads, seconds, shared work included. */
  readonly cpuSeconds: number
  /** Share of the network in a mean with the ridge, mean of the folds; absent where the row is no such mean. */
  readonly networkShare?: number
  /** What a reader of the row must know beside it. */
  readonly note?: string
}

/** A model's forecasts: of the judged windows, and of validation windows where an alarm threshold is tuned. */
export interface Forecasted extends Effort {
  /** count × horizon of each fold's test windows, mg/dL. */
  readonly paths: readonly Float32Array[]
  /** count × horizon of each fold's validation windows, site after site; absent: the alarm stays at 70. */
  readonly validation?: readonly Float32Array[]
}

export interface SiteSpread {
  /** RMSE at 30 minutes per site, mg/dL. */
  readonly min: number
  readonly median: number
  readonly max: number
  readonly gini: number
  readonly jain: number
}

export interface EvaluationRow extends Effort {
  readonly model: string
  readonly score: Score
  readonly hypo: Warning
  /** Alarms at the threshold chosen on validation windows, mg/dL; null where none was tuned. */
  readonly tuned: { readonly threshold: number; readonly warning: Warning } | null
  readonly spread: SiteSpread
}

/** Judges forecasts of the joined test windows. `site` names the site, or the person, of each window. */
export function rowOf(
  model: string,
  test: Windows,
  site: Int32Array,
  validation: Windows,
  forecasted: Forecasted,
): EvaluationRow {
  const path = joined(forecasted.paths)
  const pairs = pairsAt(test, path, STEP_30)
  const threshold =
    forecasted.validation === undefined
      ? null
      : tunedThreshold(pairsAt(validation, joined(forecasted.validation), STEP_30))
  const { upBytes, downBytes, rounds, cpuSeconds, note, networkShare } = forecasted
  return {
    model,
    score: score(test, path),
    hypo: warning(pairs),
    tuned: threshold === null ? null : { threshold, warning: warning(pairs, threshold) },
    spread: spreadOf(test, path, site),
    upBytes,
    downBytes,
    rounds,
    cpuSeconds,
    ...(networkShare === undefined ? {} : { networkShare }),
    ...(note === undefined ? {} : { note }),
  }
}

function joined(parts: readonly Float32Array[]): Float32Array {
  const [only, ...more] = parts
  if (only !== undefined && more.length === 0) return only
  const out = new Float32Array(parts.reduce((sum, part) => sum + part.length, 0))
  let offset = 0
  for (const part of parts) {
    out.set(part, offset)
    offset += part.length
  }
  return out
}

function spreadOf(test: Windows, path: Float32Array, site: Int32Array): SiteSpread {
  const rows = new Map<number, number[]>()
  site.forEach((own, w) => {
    const list = rows.get(own)
    if (list === undefined) rows.set(own, [w])
    else list.push(w)
  })
  const errors = [...rows.values()]
    .map((own) => pointErrors(pairsAt(test, path, STEP_30, Int32Array.from(own))))
    .filter(({ n }) => n > 0)
    .map(({ rmse }) => rmse)
    .sort((a, b) => a - b)
  const middle = errors.length >> 1
  const upper = errors[middle] ?? Number.NaN
  return {
    min: errors[0] ?? Number.NaN,
    median: errors.length % 2 === 1 ? upper : ((errors[middle - 1] ?? Number.NaN) + upper) / 2,
    max: errors.at(-1) ?? Number.NaN,
    gini: gini(errors),
    jain: jain(errors),
  }
}
