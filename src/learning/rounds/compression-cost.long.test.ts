/** What eight bits and masks cost in error on real people, against rounds that compress nothing. A minute of work. */
import { expect, it } from 'vitest'
import { samplesOf } from '../../series/index.ts'
import { hasSharedData, sharedTraces } from '../../series/testing/shared-data.ts'
import { divide } from '../evaluate/protocols.ts'
import { score } from '../metrics/score.ts'
import { network } from '../nets/recurrent.ts'
import { nodeMaskSuite } from '../node-mask-suite.ts'
import type { RoundPlan } from './plan.ts'
import { runRounds } from './run-rounds.ts'
import { trainingSite } from './training-site.ts'

it.skipIf(!hasSharedData('dubosson'))(
  'seven real people forecast within half a percent whether values travel whole, in eight bits or masked',
  async () => {
    const traces = [...sharedTraces('dubosson/dubosson.csv')].map(([id, records]) => ({
      id,
      glucose: samplesOf(records, ({ value }) => value),
    }))
    const fold = divide(traces, {
      protocol: 'W',
      sites: 7,
      mode: 'gridded',
      withEvents: false,
      stride: 2,
    }).folds[0]!
    const net = network({ cell: 'gru', features: 4, hidden: 48, horizon: 12, quantiles: [] })
    const training = {
      passes: 1,
      batch: 32,
      learningRate: 2e-3,
      schedule: 'constant',
      clip: 1,
      seed: 1,
    } as const
    const sites = fold.sites.map(({ train: windows }, i) =>
      trainingSite({ id: `site ${i}`, trainer: net, windows, training }),
    )
    const run = async (plan: Partial<RoundPlan>) => {
      const { parameters, reports } = await runRounds({
        sites,
        initial: net.initial(1),
        suite: nodeMaskSuite,
        plan: { rounds: 10, rule: { name: 'mean' }, ...plan },
      })
      const { at30, at60 } = score(fold.test, net.predict(parameters, fold.test).path)
      const bytes = reports.slice(1).flatMap((report) => Object.values(report.bytes))
      return { rmse: [at30.rmse, at60.rmse], bytes: Math.max(...bytes.map(({ up, down }) => up + down)) }
    }
    const whole = await run({ up: { name: 'float32' }, down: { name: 'float32' } })
    const open = await run({})
    const masked = await run({ mode: 'masked' })
    for (const [name, { rmse, bytes }] of Object.entries({ whole, open, masked })) {
      console.log(
        `${name}: ${rmse.map((value) => value.toFixed(3)).join(' / ')} mg/dL RMSE at 30 / 60 minutes, ${bytes} B a client and round`,
      )
    }
    for (const { rmse } of [open, masked]) {
      for (const at of [0, 1]) expect(rmse[at]! / whole.rmse[at]!).toBeLessThan(1.005)
    }
    expect(open.bytes).toBeLessThanOrEqual(20_000)
    expect(masked.bytes).toBeLessThanOrEqual(24_000)
  },
)
