/**
 * A network beside the ridge: the forecast is a mean of both, weighted by what did best on validation windows.
 *
 * Law: the weight is one of five public numbers and is chosen by sums of squared errors, which add over sites: five pairs
 * of numbers a site are all it costs. Source: stacking with a convex combination (Breiman 1996), on a coarse grid so that
 * little can be fitted to chance.
 */
import type { Windows } from '../data/windows.ts'
import { STEP_30, STEP_60 } from '../metrics/score.ts'
import { sumEquations } from '../ridge/normal-equations.ts'
import { ridgeForecast, solveRidge } from '../ridge/ridge.ts'
import { byModel } from './by-model.ts'
import { type Forecaster, onValidation } from './forecasters.ts'

/** Shares of the network that are tried, the largest first: where they tie the network stands alone. */
const SHARES = [1, 0.75, 0.5, 0.25, 0] as const

/** What one site says of each share: summed squared errors at 30 and 60 minutes, and how many. */
interface BlendErrors {
  readonly at30: readonly number[]
  readonly at60: readonly number[]
  readonly n30: number
  readonly n60: number
}

/** A site's sums over its validation windows. */
function blendErrors(windows: Windows, network: Float32Array, ridge: Float32Array): BlendErrors {
  const at = (step: number): { sums: readonly number[]; n: number } => {
    const sums = SHARES.map(() => 0)
    let n = 0
    for (let cell = step; cell < windows.scored.length; cell += windows.horizon) {
      if (windows.scored[cell] !== 1) continue
      n++
      SHARES.forEach((share, i) => {
        const forecast = share * (network[cell] ?? 0) + (1 - share) * (ridge[cell] ?? 0)
        sums[i] = (sums[i] ?? 0) + (forecast - (windows.targets[cell] ?? 0)) ** 2
      })
    }
    return { sums, n }
  }
  const [short, long] = [at(STEP_30), at(STEP_60)]
  return { at30: short.sums, at60: long.sums, n30: short.n, n60: long.n }
}

/** The share of the network with the smallest sum of both RMSE; 1 without a scored window. */
function chosenShare(sites: readonly BlendErrors[]): number {
  const rmse = (sum: (site: BlendErrors) => number, n: (site: BlendErrors) => number): number =>
    Math.sqrt(
      sites.reduce((total, site) => total + sum(site), 0) /
        Math.max(
          1,
          sites.reduce((total, site) => total + n(site), 0),
        ),
    )
  let best = 0
  let least = Number.POSITIVE_INFINITY
  SHARES.forEach((_, i) => {
    const error =
      rmse(
        ({ at30 }) => at30[i] ?? 0,
        ({ n30 }) => n30,
      ) +
      rmse(
        ({ at60 }) => at60[i] ?? 0,
        ({ n60 }) => n60,
      )
    if (error < least) {
      least = error
      best = i
    }
  })
  return SHARES[best] ?? 1
}

/** The share that does best on one set of validation windows. */
export function chosenShareOf(windows: Windows, network: Float32Array, ridge: Float32Array): number {
  return chosenShare([blendErrors(windows, network, ridge)])
}

/**
 * A network's row with the ridge beside it: the summed equations of all sites, or each site's own where nothing may be
 * exchanged.
 */
export function besideRidge(forecaster: Forecaster, ridge: 'federated' | 'own'): Forecaster {
  return async (fold) => {
    const fitted = await forecaster(fold)
    const equations = fold.sites.map((site) => site.equations)
    const common = solveRidge(sumEquations(equations))
    const models = ridge === 'own' ? equations.map((own) => solveRidge(own)) : equations.map(() => common)
    let offset = 0
    const errors = fold.sites.map(({ validation }, site) => {
      const length = validation.count * validation.horizon
      offset += length
      return blendErrors(
        validation,
        fitted.validation.subarray(offset - length, offset),
        ridgeForecast(models[site] ?? common, validation),
      )
    })
    const share = chosenShare(errors)
    const byRidge =
      ridge === 'own'
        ? byModel(fold.test, fold.testSite, (site, windows) => ridgeForecast(models[site] ?? common, windows))
        : ridgeForecast(common, fold.test)
    const onSites = onValidation(fold, (windows, site) => ridgeForecast(models[site] ?? common, windows))
    return {
      ...fitted,
      path: blended(share, fitted.path, byRidge),
      validation: blended(share, fitted.validation, onSites),
      networkShare: share,
    }
  }
}

/** share · network + (1 − share) · ridge. */
function blended(share: number, network: Float32Array, ridge: Float32Array): Float32Array {
  return share === 1 ? network : network.map((value, i) => share * value + (1 - share) * (ridge[i] ?? 0))
}
