/** Boosting as a forecaster: the same over sites as pooled, of use beside the last value, and honest about what it needs. */
import { expect, test } from 'vitest'
import { selectWindows } from '../data/select-windows.ts'
import type { Windows } from '../data/windows.ts'
import { uniforms } from '../testing/bent-table.ts'
import { blankWindows } from '../testing/blank-windows.ts'
import { boostingForecast, trainBoostingForecaster } from './forecaster.ts'
import { boostingHash } from './model.ts'

const STEPS = 24
const HORIZON = 12

/** Traces that swing back to 150 mg/dL, one window each, with a little noise. */
function swinging(seed: number, count: number): Windows {
  const next = uniforms(seed)
  const windows = blankWindows(count, { steps: STEPS, features: 4, horizon: HORIZON })
  for (let w = 0; w < count; w++) {
    const phase = 6.283 * next()
    const size = 20 + 40 * next()
    const at = (cell: number): number => 150 + size * Math.sin(phase + cell / 6) + next()
    for (let cell = 0; cell < STEPS; cell++) {
      const value = at(cell)
      windows.inputs.set([(value - 150) / 60, 0, 0, 1], (w * STEPS + cell) * 4)
      windows.last[w] = value
    }
    for (let h = 0; h < HORIZON; h++) windows.targets[w * HORIZON + h] = at(STEPS + h)
  }
  return windows
}

const error = (windows: Windows, path: Float32Array, h: number): number => {
  let sum = 0
  for (let w = 0; w < windows.count; w++)
    sum += (path[w * HORIZON + h]! - windows.targets[w * HORIZON + h]!) ** 2
  return Math.sqrt(sum / windows.count)
}

const train = swinging(1, 600)
const unseen = swinging(2, 200)
const persistence = Float32Array.from(
  { length: 200 * HORIZON },
  (_, i) => unseen.last[Math.floor(i / HORIZON)]!,
)
const settings = { trees: 30, bins: 64 }

test('forecasts unseen windows at 30 and 60 minutes, and between, at less than half of the last value’s error', () => {
  const path = boostingForecast(trainBoostingForecaster([train], { settings, cells: [5, 11] }), unseen)
  for (const h of [5, 8, 11]) expect(error(unseen, path, h)).toBeLessThan(0.5 * error(unseen, persistence, h))
})

test('three sites train the model of one, bit for bit', () => {
  const rows = (site: number): Int32Array => Int32Array.from({ length: 200 }, (_, i) => 3 * i + site)
  const sites = [0, 1, 2].map((site) => selectWindows(train, rows(site)))
  const [pooled, over] = [[train], sites].map((given) =>
    trainBoostingForecaster(given, { settings: { trees: 5, bins: 64 }, cells: [5] }).models.map(boostingHash),
  )
  expect(over).toEqual(pooled)
})

test('the hybrid learns what another model’s forecasts lack, and asks for them', () => {
  const lacking = (windows: Windows): Float32Array =>
    windows.targets.map((value, i) => value + (i % 12) * 2 + 5)
  const hybrid = trainBoostingForecaster([train], { settings, cells: [5, 11], forecasts: [lacking(train)] })
  const path = boostingForecast(hybrid, unseen, lacking(unseen))
  expect(error(unseen, path, 5)).toBeLessThan(0.2 * error(unseen, lacking(unseen), 5))
  expect(() => boostingForecast(hybrid, unseen)).toThrow(expect.objectContaining({ code: 'BAD_TABLE' }))
  expect(() => trainBoostingForecaster([])).toThrow(expect.objectContaining({ code: 'NO_ROWS' }))
})
