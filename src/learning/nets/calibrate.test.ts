/** Calibration: coverage on windows not seen, exact ranks, edges. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Windows } from '../data/windows.ts'
import { calibrate, calibrated } from './calibrate.ts'
import type { Forecasts, NetworkShape } from './network.ts'
import { words } from './schedule.ts'
import { waves } from './testing/waves.ts'

const LEVELS = [0.05, 0.25, 0.75, 0.95]
const SHAPE: NetworkShape = { cell: 'gru', features: 4, hidden: 8, horizon: 12, quantiles: LEVELS }

/** Windows whose targets scatter about 150 mg/dL, and forecasts whose levels are off by `bias` and far too narrow. */
function skewed(count: number, seed: number, bias: number): { windows: Windows; forecasts: Forecasts } {
  const next = words(seed)
  const windows = waves(count, 2, SHAPE)
  for (let i = 0; i < windows.targets.length; i++) {
    const [a, b] = [next() / 2 ** 32, next() / 2 ** 32]
    windows.targets[i] = 150 + 60 * (a * a + b - 1)
  }
  const quantiles = Float32Array.from({ length: count * 8 }, (_, i) => 150 + bias + (i % 4) - 1.5)
  return { windows, forecasts: { path: new Float32Array(count * 12), quantiles } }
}

/** Share of targets at or below each level, 30 then 60 minutes. */
function coverage(windows: Windows, { quantiles }: Forecasts): readonly number[] {
  return Array.from({ length: 8 }, (_, head) => {
    let below = 0
    for (let window = 0; window < windows.count; window++) {
      const target = windows.targets[window * 12 + (head < 4 ? 5 : 11)]!
      if (target <= quantiles[window * 8 + head]!) below++
    }
    return below / windows.count
  })
}

describe('calibrated quantiles', () => {
  it('hold on windows that calibration never saw', () => {
    const seen = skewed(4000, 1, 12)
    const unseen = skewed(4000, 2, 12)
    const before = coverage(unseen.windows, unseen.forecasts)
    expect(Math.abs(before[0]! - 0.05)).toBeGreaterThan(0.3)
    const shifts = calibrate(SHAPE, seen.forecasts, seen.windows)
    // Three standard errors of both halves' shares at the widest level.
    coverage(unseen.windows, calibrated(unseen.forecasts, shifts)).forEach((share, head) => {
      expect(Math.abs(share - LEVELS[head % 4]!)).toBeLessThan(0.03)
    })
  })

  it('cover each level within one window of itself where they were fitted, outwards', () => {
    fc.assert(
      fc.property(fc.integer({ min: 20, max: 300 }), fc.integer({ min: -40, max: 40 }), (count, bias) => {
        const { windows, forecasts } = skewed(count, count, bias)
        const shares = coverage(windows, calibrated(forecasts, calibrate(SHAPE, forecasts, windows)))
        return shares.every((share, head) => {
          const level = LEVELS[head % 4]!
          // Floats of the shifted quantile may fall on either side of the one target they come from.
          const slack = 2.001 / count
          return level >= 0.5 ? share >= level - slack : share <= level + slack
        })
      }),
    )
  })

  it('use scored cells only, and move nothing where there is none', () => {
    const { windows, forecasts } = skewed(50, 3, 5)
    windows.scored.fill(0)
    expect([...calibrate(SHAPE, forecasts, windows)]).toEqual([0, 0, 0, 0, 0, 0, 0, 0])
    for (let window = 0; window < 50; window++) windows.scored[window * 12 + 5] = 1
    const shifts = calibrate(SHAPE, forecasts, windows)
    expect(shifts.slice(0, 4).every((shift) => shift !== 0)).toBe(true)
    expect([...shifts.slice(4)]).toEqual([0, 0, 0, 0])
  })

  it('ascend and stay within 30–450 mg/dL', () => {
    const { forecasts } = skewed(30, 4, 0)
    const { quantiles } = calibrated(forecasts, Float64Array.of(900, 0, 0, -900, 0, 30, -30, 0))
    for (let i = 0; i < quantiles.length; i++) {
      if (i % 4 > 0) expect(quantiles[i]).toBeGreaterThanOrEqual(quantiles[i - 1]!)
      expect(quantiles[i]).toBeGreaterThanOrEqual(30)
      expect(quantiles[i]).toBeLessThanOrEqual(450)
    }
  })

  it('refuse forecasts of other windows', () => {
    const { windows } = skewed(10, 5, 0)
    const { forecasts } = skewed(9, 5, 0)
    expect(() => calibrate(SHAPE, forecasts, windows)).toThrow(
      expect.objectContaining({ code: 'WINDOWS_UNFIT' }),
    )
  })
})
