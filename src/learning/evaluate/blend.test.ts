import { describe, expect, it } from 'vitest'
import type { Windows } from '../data/windows.ts'
import { pointErrors } from '../metrics/point-errors.ts'
import { pairsAt, STEP_30, STEP_60 } from '../metrics/score.ts'
import { normalEquations, sumEquations } from '../ridge/normal-equations.ts'
import { ridgeForecast, solveRidge } from '../ridge/ridge.ts'
import { waves } from '../testing/waves.ts'
import { besideRidge } from './blend.ts'
import { type Forecaster, onValidation } from './forecasters.ts'
import type { Fold } from './protocols.ts'

const sites = [0, 1, 2].map((site) => ({
  train: waves(60, site),
  validation: waves(40, site + 3),
  equations: normalEquations(waves(60, site)),
}))
const TEST = waves(30, 7)
const FOLD: Fold = {
  sites,
  test: TEST,
  testSite: Int32Array.from({ length: 30 }, (_, row) => row % 3),
  ownTrain: () => sites[0]!.train,
}

/** A network that says what comes, off by so much. */
const offBy =
  (by: (truth: number) => number): Forecaster =>
  async (fold) => {
    const say = ({ targets }: Windows): Float32Array => targets.map((truth) => truth + by(truth))
    return {
      path: say(fold.test),
      validation: onValidation(fold, say),
      upBytes: 0,
      downBytes: 0,
      rounds: 0,
    }
  }

const RIDGE = solveRidge(sumEquations(sites.map(({ equations }) => equations)))

describe('a network beside the ridge', () => {
  it('stands alone where it knows better, and gives way to the ridge where it knows nothing', async () => {
    const knows = await besideRidge(
      offBy(() => 0),
      'federated',
    )(FOLD)
    expect([knows.networkShare, [...knows.path]]).toEqual([1, [...TEST.targets]])
    const knowsNothing = await besideRidge(
      offBy((truth) => 900 - 3 * truth),
      'federated',
    )(FOLD)
    expect([knowsNothing.networkShare, [...knowsNothing.path]]).toEqual([0, [...ridgeForecast(RIDGE, TEST)]])
  })

  it('has the share of five with the least error on validation windows', async () => {
    for (const by of [4, 8, 12, 16, 24]) {
      const forecaster = offBy((truth) => (truth > 140 ? by : -by))
      const { networkShare } = await besideRidge(forecaster, 'federated')(FOLD)
      const { validation } = await forecaster(FOLD)
      let [least, best, offset] = [Number.POSITIVE_INFINITY, -1, 0]
      const parts = sites.map(({ validation: windows }) => {
        const length = windows.count * windows.horizon
        offset += length
        return { windows, network: validation.subarray(offset - length, offset) }
      })
      for (const share of [1, 0.75, 0.5, 0.25, 0]) {
        const rmse = (step: number): number => {
          const errors = parts.map(({ windows, network }) => {
            const ridge = ridgeForecast(RIDGE, windows)
            const path = network.map((value, i) => share * value + (1 - share) * ridge[i]!)
            return pointErrors(pairsAt(windows, path, step))
          })
          const n = errors.reduce((sum, own) => sum + own.n, 0)
          return Math.sqrt(errors.reduce((sum, own) => sum + own.n * own.rmse ** 2, 0) / n)
        }
        const error = rmse(STEP_30) + rmse(STEP_60)
        if (error < least) [least, best] = [error, share]
      }
      expect(networkShare).toBe(best)
    }
  })

  it('is weighed without a look at the windows it is judged on', async () => {
    const turned = { ...TEST, targets: TEST.targets.map((truth) => 300 - truth) }
    // Right wherever it is chosen, wrong by far wherever it is judged.
    const right = offBy(() => 0)
    const forecaster: Forecaster = async () => right(FOLD)
    const { networkShare } = await besideRidge(forecaster, 'federated')({ ...FOLD, test: turned })
    expect(networkShare).toBe(1)
  })

  it('stands beside each site’s own ridge where nothing may be exchanged', async () => {
    const { path } = await besideRidge(
      offBy((truth) => 900 - 3 * truth),
      'own',
    )(FOLD)
    const own = sites.map(({ equations }) => ridgeForecast(solveRidge(equations), TEST))
    for (let row = 0; row < TEST.count; row++) {
      const cells = own[row % 3]!.subarray(row * 12, (row + 1) * 12)
      expect([...path.subarray(row * 12, (row + 1) * 12)]).toEqual([...cells])
    }
  })
})
