/**
 * Quantiles and low-glucose alarms on people with type 1 diabetes, calibrated and tuned on validation windows and judged on
 * test windows: the tables of docs/learning.md, section "Forecaster".
 */
import { describe, expect, it } from 'vitest'
import { samplesOf } from '../../series/index.ts'
import { hasSharedData, sharedTraces } from '../../series/testing/shared-data.ts'
import { joinWindows } from '../data/join-windows.ts'
import type { Windows } from '../data/windows.ts'
import { divide } from '../evaluate/protocols.ts'
import { timelessNetwork } from '../evaluate/timeless.ts'
import { warning } from '../metrics/hypo.ts'
import { pairsAt, STEP_30, STEP_60, score } from '../metrics/score.ts'
import { alarmThreshold } from './alarm-threshold.ts'
import { calibrate, calibrated } from './calibrate.ts'
import type { Forecasts } from './network.ts'
import { recommended } from './recommended.ts'
import { network } from './recurrent.ts'

const LEVELS = [0.05, 0.25, 0.5, 0.75, 0.95]
const DATA = 'dubosson'

/** Percent of scored targets at or below each level, 30 and 60 minutes ahead. */
function below({ scored, targets, horizon, count }: Windows, { quantiles }: Forecasts): readonly number[][] {
  return [STEP_30, STEP_60].map((step, s) =>
    LEVELS.map((_, level) => {
      let [hit, n] = [0, 0]
      for (let w = 0; w < count; w++) {
        if (scored[w * horizon + step] !== 1) continue
        n++
        if (targets[w * horizon + step]! <= quantiles[(2 * w + s) * LEVELS.length + level]!) hit++
      }
      return (100 * hit) / n
    }),
  )
}

describe('on people with type 1 diabetes', () => {
  it.skipIf(!hasSharedData(DATA))('calibrated levels hold, and a threshold above 70 foretells lows', () => {
    const traces = [...sharedTraces('dubosson/dubosson.csv')].map(([id, records]) => ({
      id,
      glucose: samplesOf(records, ({ value }) => value),
    }))
    const fold = divide(traces, { protocol: 'W', sites: 1, mode: 'gridded', withEvents: false }).folds[0]!
    const [train, validation] = [
      joinWindows(fold.sites.map((site) => site.train)),
      joinWindows(fold.sites.map((site) => site.validation)),
    ]
    const { shape: form, training } = recommended(train.count, 1)
    const shape = { ...form, features: 4, quantiles: LEVELS }
    const net = timelessNetwork(network(shape))
    const sensitivity = [1, 4].map((hypoWeight) => {
      const settings = { ...training, passes: 15, seed: 1, hypoWeight }
      const { parameters } = net.train(net.initial(1), train, settings)
      const [chosen, judged] = [net.predict(parameters, validation), net.predict(parameters, fold.test)]
      const fitted = calibrated(judged, calibrate(shape, chosen, validation))
      const choice = alarmThreshold(pairsAt(validation, chosen.path, STEP_30), 80)
      const threshold = choice.code === 'NO_LOWS' ? 70 : choice.threshold
      const pairs = pairsAt(fold.test, judged.path, STEP_30)
      const [plain, tuned] = [warning(pairs), warning(pairs, threshold)]
      const { at30, at60 } = score(fold.test, judged.path)
      const [raw, own] = [below(fold.test, judged), below(fold.test, fitted)]
      const row = (values: readonly number[]): string => values.map((value) => value.toFixed(1)).join(' ')
      console.log(
        [
          `weight of lows ${hypoWeight}: RMSE ${at30.rmse.toFixed(2)} / ${at60.rmse.toFixed(2)} mg/dL`,
          ...[30, 60].map(
            (m, s) => `  ${m} min, below ${LEVELS.join(' ')}: ${row(raw[s]!)}, calibrated ${row(own[s]!)}`,
          ),
          `  lows ${plain.events}; alarm < 70: sensitivity ${plain.sensitivity?.toFixed(0)}, PPV ${plain.ppv?.toFixed(0)}; alarm < ${threshold}: ${tuned.sensitivity?.toFixed(0)}, ${tuned.ppv?.toFixed(0)}`,
        ].join('\n'),
      )
      for (const horizon of own) {
        horizon.forEach((share, i) => {
          expect(Math.abs(share - 100 * LEVELS[i]!)).toBeLessThan(10)
        })
      }
      expect(tuned.sensitivity!).toBeGreaterThan(plain.sensitivity!)
      return plain.sensitivity!
    })
    // Weighing lows makes the forecast itself see more of them.
    expect(sensitivity[1]!).toBeGreaterThan(sensitivity[0]!)
  })
})
