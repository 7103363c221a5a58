/** The evaluation's own rows on small public sets, Protocol W: better than persistence and ridge at both horizons. */
import { describe, expect, it } from 'vitest'
import { samplesOf } from '../../series/index.ts'
import { hasSharedData, sharedTraces } from '../../series/testing/shared-data.ts'
import { network } from '../nets/recurrent.ts'
import { evaluate } from './evaluate.ts'
import { federatedRidge, persistence } from './forecasters.ts'
import { networkForecasters } from './network-forecasters.ts'
import { FORECAST_NETWORK } from './workshop.ts'

const net = network({ ...FORECAST_NETWORK, features: 4 })
const models = ['persistence', 'ridge', 'fedavg', 'pooled'] as const

describe.each([
  { set: 'dubosson', file: 'dubosson/dubosson.csv', sites: 7 },
  { set: 'iglu-example5', file: 'iglu-example5/data.csv', sites: 5 },
])('on $set', ({ set, file, sites }) => {
  it.skipIf(!hasSharedData(set))(
    'the pooled network and the federated one beat persistence and ridge at both horizons',
    async () => {
      const traces = [...sharedTraces(file)].map(([id, records]) => ({
        id,
        glucose: samplesOf(records, ({ value }) => value),
      }))
      const forecasters = networkForecasters({
        network: net,
        trainer: net,
        protocol: 'W',
        rounds: 30,
        seed: 0,
        cpuSeconds: () => 0,
      })
      const { rows } = await evaluate(
        traces,
        (model) =>
          model === 'persistence' ? persistence : model === 'ridge' ? federatedRidge : forecasters(model),
        { protocol: 'W', sites, mode: 'gridded', withEvents: false, models, cpuSeconds: () => 0 },
      )
      const errors = rows.map(({ score: { at30, at60 } }) => [at30.rmse, at60.rmse] as const)
      const [still, ridge, federated, pooled] = errors
      for (const other of [still!, ridge!]) {
        for (const taught of [federated!, pooled!]) {
          expect(taught[0]).toBeLessThan(other[0])
          expect(taught[1]).toBeLessThan(other[1])
        }
      }
      console.log(
        rows
          .map(({ model }, i) => `${set} ${model}: ${errors[i]!.map((v) => v.toFixed(2)).join(' / ')} mg/dL`)
          .join('\n'),
      )
    },
  )
})
