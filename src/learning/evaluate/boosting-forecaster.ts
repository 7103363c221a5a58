/**
 * The boosting row, and the hybrid: trees over the sites' summed histograms, on top of the federated ridge's forecasts or
 * of a network's. Trees alone cannot say "as steep as just now": on Colas they end at 8.31 mg/dL at 30 minutes, over the
 * ridge at 7.95 (the ridge alone: 8.20).
 *
 * Law: bytes are those of the words that sites send and of the sums they get back; a round is one sum.
 */
import { boostingForecast, trainBoostingForecaster } from '../boosting/forecaster.ts'
import { sumOfWords } from '../boosting/histogram-words.ts'
import type { Windows } from '../data/windows.ts'
import { sumEquations } from '../ridge/normal-equations.ts'
import { ridgeForecast, solveRidge } from '../ridge/ridge.ts'
import { type Fitted, onValidation } from './forecasters.ts'
import type { Fold } from './protocols.ts'

/** The model below the trees, and what it cost. */
export interface Below {
  readonly forecast: (windows: Windows) => Float32Array
  readonly rounds: number
  readonly upBytes: number | null
  readonly downBytes: number | null
}

/** The federated ridge as the model below: one exchange of summed equations. */
function ridgeBelow(fold: Fold): Below {
  const sum = sumEquations(fold.sites.map(({ equations }) => equations))
  const model = solveRidge(sum)
  const triangle = (sum.width * (sum.width + 1)) / 2
  return {
    forecast: (windows) => ridgeForecast(model, windows),
    rounds: 1,
    upBytes: 8 * (triangle + sum.cross.length + 1),
    downBytes: 8 * model.weights.length,
  }
}

/** Trains on a fold's sites and forecasts its windows. */
export function boostingFitted(
  fold: Fold,
  network: Below | undefined,
  onSum: (() => void) | undefined,
): Promise<Fitted> {
  const below = network ?? ridgeBelow(fold)
  const sites = fold.sites.map(({ train }) => train)
  let bytes = 0
  let sums = 0
  const forecaster = trainBoostingForecaster(sites, {
    forecasts: sites.map(below.forecast),
    add: (parts) => {
      bytes += 8 * (parts[0]?.length ?? 0)
      sums++
      onSum?.()
      return sumOfWords(parts)
    },
  })
  const forecast = (windows: Windows): Float32Array =>
    boostingForecast(forecaster, windows, below.forecast(windows))
  const rounds = sums + below.rounds
  const each = (own: number | null): number => (bytes + (own ?? 0) * below.rounds) / Math.max(1, rounds)
  return Promise.resolve({
    path: forecast(fold.test),
    validation: onValidation(fold, forecast),
    upBytes: each(below.upBytes),
    downBytes: each(below.downBytes),
    rounds,
  })
}
