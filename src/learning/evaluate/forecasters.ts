/**
 * A forecaster in an evaluation: what a model learns on one fold and how it then forecasts that fold's windows.
 *
 * Law: a forecaster sees the sites' training and validation windows and never a test target.
 */
import type { Windows } from '../data/windows.ts'
import { persistenceForecast } from '../ridge/baselines.ts'
import { sumEquations } from '../ridge/normal-equations.ts'
import { ridgeForecast, solveRidge } from '../ridge/ridge.ts'
import type { Fold } from './protocols.ts'

/** What came of learning on one fold. */
export interface Fitted {
  /** Forecasts of the fold's test windows, count × horizon, mg/dL. */
  readonly path: Float32Array
  /** Forecasts of the sites' validation windows, site after site. */
  readonly validation: Float32Array
  readonly upBytes: number | null
  readonly downBytes: number | null
  readonly rounds: number
  /** CPU seconds of work that another row did and this one built on. */
  readonly sharedSeconds?: number
  /** Share of the network in a forecast that is a mean with the ridge's. */
  readonly networkShare?: number
  /** What a reader of the row must know beside it. */
  readonly note?: string
}

export type Forecaster = (fold: Fold) => Promise<Fitted>

/** Forecasts the validation windows of every site with one function. */
export function onValidation(
  { sites }: Fold,
  forecast: (windows: Windows, site: number) => Float32Array,
): Float32Array {
  const parts = sites.map(({ validation }, site) => forecast(validation, site))
  const out = new Float32Array(parts.reduce((sum, part) => sum + part.length, 0))
  let offset = 0
  for (const part of parts) {
    out.set(part, offset)
    offset += part.length
  }
  return out
}

/** The last value, for ever. */
export const persistence: Forecaster = async (fold) => ({
  path: persistenceForecast(fold.test),
  validation: onValidation(fold, persistenceForecast),
  upBytes: 0,
  downBytes: 0,
  rounds: 0,
})

/** Ridge over the summed equations of all sites: one exchange, exactly the pooled model. */
export const federatedRidge: Forecaster = async (fold) => {
  const sum = sumEquations(fold.sites.map(({ equations }) => equations))
  const model = solveRidge(sum)
  const triangle = (sum.width * (sum.width + 1)) / 2
  return {
    path: ridgeForecast(model, fold.test),
    validation: onValidation(fold, (windows) => ridgeForecast(model, windows)),
    upBytes: 8 * (triangle + sum.cross.length + 1),
    downBytes: 8 * model.weights.length,
    rounds: 1,
  }
}
