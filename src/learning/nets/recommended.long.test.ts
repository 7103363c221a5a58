/** The recommended forms on public sets, Protocol W: below persistence and ridge at both horizons. Minutes of work. */
import { describe, expect, it } from 'vitest'
import { samplesOf } from '../../series/index.ts'
import { hasSharedData, sharedTraces } from '../../series/testing/shared-data.ts'
import { joinWindows } from '../data/join-windows.ts'
import type { Windows } from '../data/windows.ts'
import { divide } from '../evaluate/protocols.ts'
import { score } from '../metrics/score.ts'
import { persistenceForecast } from '../ridge/baselines.ts'
import { sumEquations } from '../ridge/normal-equations.ts'
import { ridgeForecast, solveRidge } from '../ridge/ridge.ts'
import { recommended, withoutTimeOfDay } from './recommended.ts'
import { network } from './recurrent.ts'

const errors = (windows: Windows, path: Float32Array): readonly [number, number] => {
  const { at30, at60 } = score(windows, path)
  return [at30.rmse, at60.rmse]
}

describe.each([
  { set: 'dubosson', file: 'dubosson/dubosson.csv' },
  { set: 'iglu-example5', file: 'iglu-example5/data.csv' },
])('on $set', ({ set, file }) => {
  it.skipIf(!hasSharedData(set))('the recommended form is better than persistence and ridge', () => {
    const traces = [...sharedTraces(file)].map(([id, records]) => ({
      id,
      glucose: samplesOf(records, ({ value }) => value),
    }))
    const fold = divide(traces, { protocol: 'W', sites: 1, mode: 'gridded', withEvents: false }).folds[0]!
    const all = joinWindows(fold.sites.map(({ train }) => train))
    const { shape, training, timeOfDay, networks } = recommended(all.count)
    const seen = (windows: Windows): Windows => (timeOfDay ? windows : withoutTimeOfDay(windows))
    const net = network({ ...shape, features: 4, quantiles: [] })
    const mean = new Float32Array(fold.test.count * 12)
    for (let seed = 1; seed <= networks; seed++) {
      const { parameters } = net.train(net.initial(seed), seen(all), { ...training, seed })
      const { path } = net.predict(parameters, seen(fold.test))
      path.forEach((value, i) => {
        mean[i] = (mean[i] ?? 0) + value / networks
      })
    }
    const own = errors(fold.test, mean)
    const ridge = solveRidge(sumEquations(fold.sites.map(({ equations }) => equations)))
    for (const other of [
      errors(fold.test, persistenceForecast(fold.test)),
      errors(fold.test, ridgeForecast(ridge, fold.test)),
    ]) {
      expect(own[0]).toBeLessThan(other[0])
      expect(own[1]).toBeLessThan(other[1])
    }
    console.log(`${set}: ${own.map((value) => value.toFixed(2)).join(' / ')} mg/dL RMSE at 30 / 60 minutes`)
  })
})
