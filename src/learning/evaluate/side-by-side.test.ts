import { describe, expect, it } from 'vitest'
import type { Windows } from '../data/windows.ts'
import { pointErrors } from '../metrics/point-errors.ts'
import { pairsAt, STEP_30, STEP_60 } from '../metrics/score.ts'
import { network } from '../nets/recurrent.ts'
import { persistenceForecast } from '../ridge/baselines.ts'
import { blankWindows } from '../testing/blank-windows.ts'
import { heldError, sideBySide } from './side-by-side.ts'

const SHAPE = { cell: 'gru', features: 4, hidden: 4, horizon: 12, quantiles: [] } as const

/** Windows whose glucose goes on along a straight line. */
function straight(count: number, slope: number, from: number): Windows {
  const horizon = 12
  const windows = blankWindows(count, { steps: 24, features: 4, horizon }, 900)
  for (let w = 0; w < count; w++) {
    windows.last[w] = from + w
    for (let h = 0; h < horizon; h++) windows.targets[w * horizon + h] = from + w + slope * (h + 1)
  }
  return windows
}

describe('a network beside the plain forecasts', () => {
  const sites = [
    { train: straight(40, 2, 100), held: straight(10, 2, 150) },
    { train: straight(20, 2, 90), held: straight(30, 2, 110) },
  ]
  const net = network(SHAPE)
  const rows = sideBySide(net, net.initial(1), sites)

  it('judges all of them on the same windows, pooled over the sites', () => {
    expect(rows.map(({ model }) => model)).toEqual(['persistence', 'ridge', 'network'])
    // Along a line of 2 mg/dL a cell, who says that nothing changes errs by 12 at 30 minutes and by 24 at 60.
    expect(rows[0]?.rmse_30_mgdl).toBeCloseTo(12, 6)
    expect(rows[0]?.rmse_60_mgdl).toBeCloseTo(24, 6)
    expect(rows[1]?.rmse_30_mgdl ?? 99).toBeLessThan(1)
    expect(rows[2]?.rmse_30_mgdl).toBe(heldError(net, net.initial(1), sites))
  })

  it('gives the figures of the evaluation where there is one site only', () => {
    const [, other] = sites
    if (other === undefined) throw new Error('expected a site')
    const [persistence] = sideBySide(net, net.initial(1), [other])
    const path = persistenceForecast(other.held)
    for (const [name, step] of [
      ['rmse_30_mgdl', STEP_30],
      ['rmse_60_mgdl', STEP_60],
    ] as const)
      expect(persistence?.[name]).toBeCloseTo(pointErrors(pairsAt(other.held, path, step)).rmse, 9)
  })

  it('says null, never 0, where no window has a real reading', () => {
    const held = straight(5, 1, 100)
    held.scored.fill(0)
    const [persistence] = sideBySide(net, net.initial(1), [{ train: straight(5, 1, 100), held }])
    expect(persistence).toMatchObject({ rmse_30_mgdl: null, rmse_60_mgdl: null })
    expect(heldError(net, net.initial(1), [{ held }])).toBeNaN()
  })
})
