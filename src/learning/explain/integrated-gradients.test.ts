/** Explanations of forecasts: completeness, the oracle's gradient, the baseline, the words. */
import { describe, expect, it } from 'vitest'
import { COS, LEVEL, LEVEL_CENTRE, LEVEL_SCALE, SIN, SLOPE, SLOPE_SCALE } from '../data/features.ts'
import type { Windows } from '../data/windows.ts'
import type { NetworkShape } from '../nets/network.ts'
import { oracle } from '../nets/oracle.ts'
import { network } from '../nets/recurrent.ts'
import { waves } from '../nets/testing/waves.ts'
import { type Attribution, integratedGradients } from './integrated-gradients.ts'
import { forecastReasons } from './reasons-forecast.ts'

const SHAPE: NetworkShape = { cell: 'gru', features: 6, hidden: 12, horizon: 12, quantiles: [0.1, 0.9] }
const STEPS = 24

/** A straight trace that ends at `last` after moving `rate` mg/dL a minute, with 2 U and 30 g on board. */
function straight(last: number, rate: number): Windows {
  const one = waves(1, STEPS, SHAPE)
  for (let step = 0; step < STEPS; step++) {
    const at = step * SHAPE.features
    one.inputs.fill(0, at, at + SHAPE.features)
    one.inputs[at + LEVEL] = (last - 5 * rate * (STEPS - 1 - step) - LEVEL_CENTRE) / LEVEL_SCALE
    one.inputs[at + SLOPE] = step === 0 ? 0 : (5 * rate) / SLOPE_SCALE
    one.inputs[at + SIN] = Math.sin(step / 40)
    one.inputs[at + COS] = Math.cos(step / 40)
    one.inputs[at + 4] = 0.4
    one.inputs[at + 5] = 0.6
  }
  one.last[0] = last
  return one
}
const sum = (values: Float64Array): number => values.reduce((total, value) => total + value, 0)

describe.each(['gru', 'lstm'] as const)('integrated gradients of a trained %s', (cell) => {
  const shape = { ...SHAPE, cell }
  const net = network(shape)
  const { parameters } = net.train(net.initial(2), waves(200, STEPS, shape), {
    passes: 15,
    batch: 32,
    learningRate: 1e-2,
    schedule: 'cosine',
    clip: 1,
    seed: 1,
  })

  it('add up to forecast − baseline within 1 %, or 0.01 mg/dL where they hardly differ', () => {
    let widest = 0
    for (const rate of [-3, -1.5, 0.5, 2]) {
      const windows = straight(140, rate)
      for (const at of [5, 11]) {
        const { forecast, baseline, contributions } = integratedGradients(shape, parameters, windows, 0, at)
        const moved = forecast - baseline
        expect(Math.abs(sum(contributions) - moved)).toBeLessThan(0.01 * Math.max(1, Math.abs(moved)))
        widest = Math.max(widest, Math.abs(moved))
      }
    }
    expect(widest).toBeGreaterThan(5)
  })

  it('explain the very forecast that the network gives', () => {
    const windows = straight(140, -1)
    const { forecast } = integratedGradients(shape, parameters, windows, 0, 5)
    expect(forecast).toBeCloseTo(net.predict(parameters, windows).path[5] ?? 0, 3)
  })

  it('follow the slope of the double-precision oracle', () => {
    // The mean slope along the path, one input at a time: by differences of the oracle's outputs.
    const windows = straight(140, -1)
    const { contributions } = integratedGradients(shape, parameters, windows, 0, 5)
    const flat = straight(140, 0)
    for (let step = 0; step < STEPS; step++) flat.inputs.fill(0, step * 6 + 4, step * 6 + 6)
    const output = (inputs: Float32Array): number =>
      30 * (oracle(shape, parameters, { ...windows, inputs }).outputs[5] ?? 0)
    for (const i of [23 * 6 + SLOPE, 20 * 6 + LEVEL, 23 * 6 + 4, 10 * 6 + SLOPE]) {
      let slope = 0
      for (let k = 0; k < 16; k++) {
        const along = flat.inputs.map(
          (from, j) => from + ((k + 0.5) / 16) * ((windows.inputs[j] ?? 0) - from),
        )
        const nudged = (by: number): Float32Array => along.map((value, j) => (j === i ? value + by : value))
        slope += (output(nudged(2 ** -10)) - output(nudged(-(2 ** -10)))) / 2 ** -9 / 16
      }
      const expected = slope * ((windows.inputs[i] ?? 0) - (flat.inputs[i] ?? 0))
      expect(Math.abs((contributions[i] ?? 0) - expected)).toBeLessThan(0.01 * Math.abs(expected) + 1e-3)
    }
  })

  it('give nothing to the time of day, and nothing at all to a flat trace without anything on board', () => {
    const { contributions } = integratedGradients(shape, parameters, straight(140, -1), 0, 5)
    const time = contributions.filter((_, i) => i % 6 === SIN || i % 6 === COS)
    expect(time.every((value) => value === 0)).toBe(true)
    const still = straight(140, 0)
    for (let step = 0; step < STEPS; step++) still.inputs.fill(0, step * 6 + 4, step * 6 + 6)
    const { forecast, baseline } = integratedGradients(shape, parameters, still, 0, 5)
    expect(forecast).toBe(baseline)
  })

  it('refuse a window or a cell that is not there', () => {
    const windows = straight(140, -1)
    for (const [window, at] of [
      [1, 5],
      [0, 12],
      [0, 0.5],
    ] as const) {
      expect(() => integratedGradients(shape, parameters, windows, window, at)).toThrow(
        expect.objectContaining({ code: 'WINDOWS_UNFIT' }),
      )
    }
  })
})

describe('reasons of a forecast', () => {
  const windows = straight(120, -2)
  const made = (
    effects: readonly (readonly [step: number, feature: number, effect: number])[],
  ): Attribution => {
    const contributions = new Float64Array(STEPS * 6)
    for (const [step, feature, effect] of effects) contributions[step * 6 + feature] = effect
    return { cell: 5, forecast: 100, baseline: 120, contributions }
  }

  it('say what the trace did and how far it moved the forecast, strongest first', () => {
    const reasons = forecastReasons(
      windows,
      0,
      made([
        [23, SLOPE, -15],
        [21, LEVEL, -3],
        [15, SLOPE, 4],
        [10, 4, -6],
        [22, 5, 9],
        [2, LEVEL, 0.4],
      ]),
    )
    expect(reasons.map(({ words }) => words)).toEqual([
      'falling 2 mg/dL a minute over the last 15 minutes lowers the forecast by 18 mg/dL',
      'carbohydrate on board, 30 g now, raises the forecast by 9 mg/dL',
      'insulin on board, 2.0 U now, lowers the forecast by 6 mg/dL',
      'falling 2 mg/dL a minute over the 45 minutes before raises the forecast by 4 mg/dL',
    ])
  })

  it('call a slow trace steady', () => {
    const [reason] = forecastReasons(straight(120, 0.2), 0, made([[23, LEVEL, 2]]))
    expect(reason?.words).toBe('holding steady over the last 15 minutes raises the forecast by 2 mg/dL')
  })
})
