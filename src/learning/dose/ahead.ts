/**
 * Where a recurrent network sees glucose going without this meal and its dose: the features that make boosting the hybrid.
 *
 * Law: the network is shown the two hours before the instant and nothing after it; where they are not there it says
 * nothing (NaN), which trees take as a missing value.
 */
import { isIsletError } from '../../vocabulary/index.ts'
import { latestWindow } from '../data/latest-window.ts'
import type { Events } from '../data/trace.ts'
import { type ForecastModel, forecastWith } from '../evaluate/forecast-model.ts'
import { STEP_30, STEP_60 } from '../metrics/score.ts'
import { type DoseRecord, firstAfter } from './situation.ts'

/** Forecast glucose, mg/dL, after 30 and 60 minutes: expected, and by the lowest quantile; NaN where unknown. */
export interface Ahead {
  readonly at30: number
  readonly at60: number
  readonly low30: number
  readonly low60: number
}

const NOTHING: Ahead = { at30: Number.NaN, at60: Number.NaN, low30: Number.NaN, low60: Number.NaN }

/** Longest stretch that a window of two hours can need, with a gap of 45 minutes before it. */
const WINDOW_SECONDS = 3 * 3600
/** Insulin acts for 370 minutes; nothing older is on board at the window's first cell. */
const ON_BOARD_SECONDS = 7 * 3600

/** The forecast at an instant. */
export function aheadOf(forecaster: ForecastModel, record: DoseRecord, at: number): Ahead {
  const { glucose } = record
  const end = firstAfter(glucose.at, at)
  const first = firstAfter(glucose.at, at - WINDOW_SECONDS)
  const cut = (column: Float64Array): Float64Array => column.subarray(first, end)
  const trace = {
    id: '',
    glucose: { at: cut(glucose.at), local: cut(glucose.local), value: cut(glucose.value) },
    boluses: eventsBefore(record.boluses, at),
    meals: eventsBefore(record.meals, at),
  }
  try {
    const { features, quantiles: levels } = forecaster.shape
    const { path, quantiles } = forecastWith(forecaster, latestWindow(trace, features > 4))
    return {
      at30: path[STEP_30] ?? Number.NaN,
      at60: path[STEP_60] ?? Number.NaN,
      low30: quantiles[0] ?? Number.NaN,
      low60: quantiles[levels.length] ?? Number.NaN,
    }
  } catch (error) {
    if (!isIsletError(error, 'CONTEXT_TOO_SHORT')) throw error
    return NOTHING
  }
}

/** Strictly before: the meal that is asked about is not in its own past. */
function eventsBefore({ at, amount }: Events, instant: number): Events {
  let end = firstAfter(at, instant)
  while (end > 0 && at[end - 1] === instant) end--
  const from = firstAfter(at, instant - WINDOW_SECONDS - ON_BOARD_SECONDS)
  return { at: at.subarray(from, end), amount: amount.subarray(from, end) }
}
