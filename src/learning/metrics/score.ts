/**
 * Every figure of a row of the table, over scored cells only: where anchor and target have a real reading.
 *
 * Law: a forecast of a cell without a real reading changes no figure.
 */
import { IsletError } from '../../vocabulary/index.ts'
import type { Windows } from '../data/windows.ts'
import { clarkeZone, type Zone } from './clarke.ts'
import { parkesZone } from './parkes.ts'
import { type Pairs, type PointErrors, pointErrors } from './point-errors.ts'

/** Steps of the path that stand for 30 and 60 minutes, counted from 0. */
export const STEP_30 = 5
export const STEP_60 = 11

export type ZoneShares = Readonly<Record<Zone, number>>

export interface Score {
  readonly at30: PointErrors
  readonly at60: PointErrors
  /** Mean squared and mean absolute error over all steps of the path, (mg/dL)² and mg/dL. */
  readonly path: { readonly n: number; readonly mse: number; readonly mae: number }
  /** Percent of pairs at 30 minutes. */
  readonly clarke30: ZoneShares
  readonly parkes30: ZoneShares
}

/** The scored pairs at one step of the path, of the given rows or of all. */
export function pairsAt(windows: Windows, path: Float32Array, step: number, rows?: Int32Array): Pairs {
  const { horizon, scored, targets } = windows
  const count = rows?.length ?? windows.count
  const truth = new Float64Array(count)
  const forecast = new Float64Array(count)
  let n = 0
  for (let i = 0; i < count; i++) {
    const cell = (rows?.[i] ?? i) * horizon + step
    if (scored[cell] !== 1) continue
    truth[n] = targets[cell] ?? 0
    forecast[n++] = path[cell] ?? 0
  }
  return { truth: truth.subarray(0, n), forecast: forecast.subarray(0, n) }
}

/** Refuses windows of which none can be judged 30, or none 60 minutes ahead. Throws `NOTHING_TO_JUDGE`. */
export function requireJudged({ scored, horizon }: Windows): void {
  for (const step of [STEP_30, STEP_60]) {
    let cell = step
    while (cell < scored.length && scored[cell] !== 1) cell += horizon
    if (cell < scored.length) continue
    throw new IsletError(
      'NOTHING_TO_JUDGE',
      `no window to be judged has a real reading both at its end and ${5 * (step + 1)} minutes later`,
      { minutes: 5 * (step + 1) },
      { remedy: 'give readings at least every 15 minutes' },
    )
  }
}

/** Scores forecasts (count × horizon, mg/dL) against the windows' targets. */
export function score(windows: Windows, path: Float32Array): Score {
  const pairs30 = pairsAt(windows, path, STEP_30)
  return {
    at30: pointErrors(pairs30),
    at60: pointErrors(pairsAt(windows, path, STEP_60)),
    path: pathErrors(windows, path),
    clarke30: zoneShares(pairs30, clarkeZone),
    parkes30: zoneShares(pairs30, parkesZone),
  }
}

function pathErrors({ scored, targets }: Windows, path: Float32Array): Score['path'] {
  let n = 0
  let squares = 0
  let absolute = 0
  for (let cell = 0; cell < scored.length; cell++) {
    if (scored[cell] !== 1) continue
    const error = (path[cell] ?? 0) - (targets[cell] ?? 0)
    squares += error * error
    absolute += Math.abs(error)
    n++
  }
  return { n, mse: squares / n, mae: absolute / n }
}

function zoneShares(
  { truth, forecast }: Pairs,
  zoneOf: (reference: number, forecast: number) => Zone,
): ZoneShares {
  const counts: Record<Zone, number> = { A: 0, B: 0, C: 0, D: 0, E: 0 }
  for (let i = 0; i < truth.length; i++) counts[zoneOf(truth[i] ?? 0, forecast[i] ?? 0)]++
  const n = truth.length
  for (const zone of ['A', 'B', 'C', 'D', 'E'] as const) counts[zone] = (100 * counts[zone]) / n
  return counts
}
