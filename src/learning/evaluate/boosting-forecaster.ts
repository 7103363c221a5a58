/**
 * The boosting row, and the hybrid: trees over the sites' summed histograms, alone or on top of a network's forecasts.
 *
 * Law: bytes are those of the words that sites send and of the sums they get back; a round is one sum.
 */
import { boostingForecast, trainBoostingForecaster } from '../boosting/forecaster.ts'
import { sumOfWords } from '../boosting/histogram-words.ts'
import type { Windows } from '../data/windows.ts'
import { type Fitted, onValidation } from './forecasters.ts'
import type { Fold } from './protocols.ts'

/** The network below a hybrid, and what it cost. */
export interface Below {
  readonly forecast: (windows: Windows) => Float32Array
  readonly rounds: number
  readonly upBytes: number | null
  readonly downBytes: number | null
}

/** Trains on a fold's sites and forecasts its windows. */
export function boostingFitted(
  fold: Fold,
  below: Below | undefined,
  onSum: (() => void) | undefined,
): Promise<Fitted> {
  const sites = fold.sites.map(({ train }) => train)
  let bytes = 0
  let sums = 0
  const forecaster = trainBoostingForecaster(sites, {
    ...(below === undefined ? {} : { forecasts: sites.map(below.forecast) }),
    add: (parts) => {
      bytes += 8 * (parts[0]?.length ?? 0)
      sums++
      onSum?.()
      return sumOfWords(parts)
    },
  })
  const forecast = (windows: Windows): Float32Array =>
    boostingForecast(forecaster, windows, below?.forecast(windows))
  const rounds = sums + (below?.rounds ?? 0)
  const each = (network: number | null | undefined): number =>
    (bytes + (network ?? 0) * (below?.rounds ?? 0)) / Math.max(1, rounds)
  return Promise.resolve({
    path: forecast(fold.test),
    validation: onValidation(fold, forecast),
    upBytes: each(below?.upBytes),
    downBytes: each(below?.downBytes),
    rounds,
  })
}
