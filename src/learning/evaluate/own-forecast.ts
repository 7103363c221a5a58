/**
 * The next hour of one person by a model that others made, with a band from how far it missed on their own days.
 *
 * Laws: a model that forecasts their days no better than "it stays as it is" forecasts nothing; the band is of their own
 * past and of nobody else's, and holds as far as the next hour is like those.
 * Limits, stated: it knows of no meal, dose or exercise to come; days of one person overlap and change, so that nine of
 * ten is what was counted and no promise.
 * Source of the band: split conformal prediction, as `calibrate` says.
 */
import { isIsletError } from '../../vocabulary/index.ts'
import { cutWindows } from '../data/cut-windows.ts'
import { latestWindow } from '../data/latest-window.ts'
import { wholeOf } from '../data/parts.ts'
import { runsOf, STEP_SECONDS } from '../data/runs.ts'
import type { PersonTrace } from '../data/trace.ts'
import type { Windows } from '../data/windows.ts'
import { pointErrors } from '../metrics/point-errors.ts'
import { pairsAt, STEP_30 } from '../metrics/score.ts'
import { calibrate, calibrated } from '../nets/calibrate.ts'
import { QUANTILE_CELLS } from '../nets/layout.ts'
import { persistenceForecast } from '../ridge/baselines.ts'

/** Forecasts of windows of glucose alone: count × 12, mg/dL. */
export type PathOf = (windows: Windows) => Float32Array

export interface OwnForecast {
  /** Twelve values, five minutes apart, mg/dL; the first five minutes after the latest reading. */
  readonly path: readonly { readonly minutes: number; readonly mgdl: number }[]
  /** At 30 and 60 minutes: nine of ten came to lie inside, mg/dL. */
  readonly band: readonly { readonly minutes: number; readonly low: number; readonly high: number }[]
  /** Root mean squared error at 30 minutes on their own days, mg/dL, and what "it stays" would have missed by. */
  readonly rmse30: number
  readonly stays30: number
  /** Moments of their own past that this was counted on. */
  readonly moments: number
}

/**
 * Why nothing is said: the last two hours have a gap; too few days to count errors on; the model does not fit them.
 */
export type NoForecast = 'CONTEXT_TOO_SHORT' | 'PAST_TOO_SHORT' | 'MODEL_FITS_BADLY'

/** Ends of the band: nine of ten. */
const LEVELS = [0.05, 0.95] as const
/** Moments of the past are taken half an hour apart. */
const STRIDE = 6
/** Below this many moments the ends of a band of nine in ten rest on too few. */
const FEWEST_MOMENTS = 100

/** The forecast from a person's latest reading. `trace`: glucose in mg/dL; some two weeks of it are plenty. */
export function ownForecast(pathOf: PathOf, trace: PersonTrace): OwnForecast | { readonly none: NoForecast } {
  const now = windowNow(trace)
  if (now === undefined) return { none: 'CONTEXT_TOO_SHORT' }
  const past = cutWindows([{ trace, stretches: wholeOf(runsOf(trace.glucose)) }], {
    stride: STRIDE,
    mode: 'online',
    withEvents: false,
  })
  const came = pathOf(past)
  const errors = pointErrors(pairsAt(past, came, STEP_30))
  const stays = pointErrors(pairsAt(past, persistenceForecast(past), STEP_30))
  if (errors.n < FEWEST_MOMENTS) return { none: 'PAST_TOO_SHORT' }
  if (errors.rmse >= stays.rmse) return { none: 'MODEL_FITS_BADLY' }
  const shape = {
    cell: 'gru',
    features: past.features,
    hidden: 4,
    horizon: past.horizon,
    quantiles: LEVELS,
  } as const
  const shifts = calibrate(shape, withoutBand(came, past), past)
  const { path, quantiles } = calibrated(withoutBand(pathOf(now), now), shifts)
  const minutesOf = (step: number): number => ((step + 1) * STEP_SECONDS) / 60
  return {
    path: [...path].map((mgdl, step) => ({ minutes: minutesOf(step), mgdl })),
    band: QUANTILE_CELLS.map((step, i) => ({
      minutes: minutesOf(step),
      low: quantiles[2 * i] ?? 0,
      high: quantiles[2 * i + 1] ?? 0,
    })),
    rmse30: errors.rmse,
    stays30: stays.rmse,
    moments: errors.n,
  }
}

function windowNow(trace: PersonTrace): Windows | undefined {
  try {
    return latestWindow(trace, false)
  } catch (error) {
    if (isIsletError(error, 'CONTEXT_TOO_SHORT')) return undefined
    throw error
  }
}

/** Every level on the path itself: what calibration then moves apart. */
function withoutBand(path: Float32Array, { count, horizon }: Windows) {
  const heads = QUANTILE_CELLS.length * LEVELS.length
  const quantiles = Float32Array.from({ length: count * heads }, (_, i) => {
    const cell = QUANTILE_CELLS[i % heads < LEVELS.length ? 0 : 1]
    return path[Math.floor(i / heads) * horizon + cell] ?? 0
  })
  return { path, quantiles }
}
