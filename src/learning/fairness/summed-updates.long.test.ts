/** Contributions on real people, with sites that bring nothing, the same, and harm. A minute of work. */
import { expect, it } from 'vitest'
import { samplesOf } from '../../series/index.ts'
import { hasSharedData, sharedTraces } from '../../series/testing/shared-data.ts'
import { attacked } from '../attacks/attack.ts'
import { joinWindows } from '../data/join-windows.ts'
import { divide } from '../evaluate/protocols.ts'
import { pointErrors } from '../metrics/point-errors.ts'
import { pairsAt, STEP_30 } from '../metrics/score.ts'
import { network } from '../nets/recurrent.ts'
import { runRounds } from '../rounds/run-rounds.ts'
import { trainingSite } from '../rounds/training-site.ts'
import { runContribution } from './summed-updates.ts'

it.skipIf(!hasSharedData('iglu-example5'))(
  'on five real people a free-rider is worth nothing, a duplicate what its twin is, and shifted labels least',
  async () => {
    const traces = [...sharedTraces('iglu-example5/data.csv')].map(([id, records]) => ({
      id,
      glucose: samplesOf(records, ({ value }) => value),
    }))
    const fold = divide(traces, {
      protocol: 'W',
      sites: 5,
      mode: 'gridded',
      withEvents: false,
      stride: 2,
    }).folds[0]!
    const net = network({ cell: 'gru', features: 4, hidden: 24, horizon: 12, quantiles: [] })
    const training = {
      passes: 1,
      batch: 32,
      learningRate: 3e-3,
      schedule: 'constant',
      clip: 1,
      seed: 1,
    } as const
    const site = (id: string, from: number) =>
      trainingSite({ id, trainer: net, windows: fold.sites[from]!.train, training })
    const sites = [
      ...fold.sites.map((_, i) => site(`site ${i}`, i)),
      site('twin of 2', 2),
      attacked(site('free-rider', 1), { name: 'free-rider' }),
      attacked(site('shifted labels', 3), { name: 'label-shift' }),
    ]
    const initial = net.initial(1)
    const run = await runRounds({
      sites,
      initial,
      plan: { rounds: 12, quorum: 8, rule: { name: 'mean' } },
    })
    const judged = joinWindows(fold.sites.map(({ validation }) => validation))
    const error = (parameters: Float32Array): number =>
      pointErrors(pairsAt(judged, net.predict(parameters, judged).path, STEP_30)).rmse
    const { values, coalitions } = await runContribution(run, { initial, error })
    console.log(
      `mg/dL of RMSE at 30 minutes, ${coalitions} coalitions: ${Object.entries(values)
        .map(([id, value]) => `${id} ${value.toFixed(3)}`)
        .join(', ')}`,
    )
    expect(values['free-rider']).toBe(0)
    const [own, twin] = [values['site 2']!, values['twin of 2']!]
    expect(Math.abs(twin - own)).toBeLessThan(0.25 * Math.max(Math.abs(own), Math.abs(twin)))
    const last = Object.keys(values).sort((a, b) => values[a]! - values[b]!)[0]
    expect(last).toBe('shifted labels')
  },
)
