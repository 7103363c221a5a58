/** Laws of the recurrent forecaster: same bytes, learning, refusals, each setting does what it says. */
import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import frozen from '../../../test-vectors/network.json' with { type: 'json' }
import { layoutOf } from './layout.ts'
import type { NetworkShape, Training } from './network.ts'
import { network } from './recurrent.ts'
import { drawShifts, words } from './schedule.ts'
import { waves } from './testing/waves.ts'

const GRU: NetworkShape = { cell: 'gru', features: 3, hidden: 8, horizon: 12, quantiles: [0.05, 0.5, 0.95] }
const CELLS: readonly NetworkShape[] = [GRU, { ...GRU, cell: 'lstm' }]
const TRAINING: Training = {
  passes: 3,
  batch: 16,
  learningRate: 5e-3,
  schedule: 'cosine',
  clip: 1,
  seed: 7,
}
const sha256 = (values: Float32Array): string =>
  createHash('sha256')
    .update(new Uint8Array(values.buffer, values.byteOffset, values.byteLength))
    .digest('hex')

describe.each(CELLS)('a $cell', (shape) => {
  const net = network(shape)
  const windows = waves(37, 10, shape)

  it('has no padding: as many parameters as torch counts', () => {
    const gates = shape.cell === 'gru' ? 3 : 4
    expect(net.parameterCount).toBe(gates * 8 * (3 + 8 + 2) + 18 * 9)
  })

  it('gives the frozen bytes, on every run and machine', () => {
    const trained = net.train(net.initial(3), windows, TRAINING)
    const forecasts = net.predict(trained.parameters, windows)
    expect({
      initial: sha256(net.initial(3)),
      trained: sha256(trained.parameters),
      path: sha256(forecasts.path),
      quantiles: sha256(forecasts.quantiles),
    }).toEqual(frozen[shape.cell])
  })

  it('keeps nothing from one call to the next', () => {
    const first = net.train(net.initial(3), windows, TRAINING)
    network({ ...shape, hidden: 12 }).train(network({ ...shape, hidden: 12 }).initial(1), windows, TRAINING)
    expect(net.train(net.initial(3), windows, TRAINING)).toEqual(first)
  })

  it('learns: the loss falls by half on waves', () => {
    const { loss } = net.train(net.initial(3), waves(64, 10, shape), { ...TRAINING, passes: 40 })
    expect(loss.at(-1)).toBeLessThan(0.5 * (loss[0] ?? 0))
  })

  it('forecasts a window alike whatever stands beside it', () => {
    const parameters = net.initial(3)
    const all = net.predict(parameters, waves(70, 10, shape))
    const few = net.predict(parameters, waves(5, 10, shape))
    expect(all.path.slice(0, 60)).toEqual(few.path)
    expect(all.quantiles.slice(0, 30)).toEqual(few.quantiles)
  })

  it('gives quantiles that ascend, within 30–450 mg/dL', () => {
    const { quantiles, path } = net.predict(
      net.initial(5).map((value) => 40 * value),
      windows,
    )
    for (let i = 0; i < quantiles.length; i++) {
      if (i % 3 > 0) expect(quantiles[i]).toBeGreaterThanOrEqual(quantiles[i - 1] ?? 0)
    }
    for (const value of [...quantiles, ...path]) {
      expect(value).toBeGreaterThanOrEqual(30)
      expect(value).toBeLessThanOrEqual(450)
    }
  })

  it('moves only the dense layer when asked, also under a correction of everything', () => {
    const start = net.initial(3)
    const correction = new Float32Array(net.parameterCount).fill(0.1)
    const { parameters } = net.train(start, windows, { ...TRAINING, headOnly: true, correction })
    const { headWeight } = layoutOf(shape)
    expect(parameters.slice(0, headWeight)).toEqual(start.slice(0, headWeight))
    expect(parameters.slice(headWeight)).not.toEqual(start.slice(headWeight))
  })

  it('stays nearer to its beginning under a proximal pull', () => {
    const start = net.initial(3)
    const away = (proximal: number): number =>
      Math.hypot(
        ...net.train(start, windows, { ...TRAINING, proximal }).parameters.map((p, i) => p - start[i]!),
      )
    expect(away(10)).toBeLessThan(0.8 * away(0))
  })

  it('follows a correction of its gradient', () => {
    const start = net.initial(3)
    const correction = new Float32Array(net.parameterCount).fill(1)
    const { parameters } = net.train(start, windows, { ...TRAINING, clip: 100, correction })
    const risen = parameters.filter((value, i) => value >= start[i]!).length
    expect(risen).toBeLessThan(0.05 * net.parameterCount)
  })

  it('hangs less on the level where training moves it, and draws the same moves from a seed', () => {
    const start = net.initial(3)
    const settings = { ...TRAINING, passes: 20, learningRate: 2e-2 }
    // What comes depends on the newest level and on nothing else.
    const targets = windows.targets.map((_, i) => {
      const window = Math.floor(i / windows.horizon)
      const newest = windows.inputs[((window + 1) * windows.steps - 1) * windows.features]!
      return windows.last[window]! - 30 * newest
    })
    const moved = windows.inputs.map((value, i) => (i % shape.features === 0 ? value + 1 : value))
    const effect = (levelShift: number): number => {
      const { parameters } = net.train(start, { ...windows, targets }, { ...settings, levelShift })
      const [here, there] = [windows.inputs, moved].map((inputs) =>
        net.predict(parameters, { ...windows, inputs }),
      )
      return Math.hypot(...here!.path.map((value, i) => value - there!.path[i]!))
    }
    expect(effect(120)).toBeLessThan(0.8 * effect(0))
    expect(effect(120)).toBe(effect(120))
  })
})

describe('the moves of the level', () => {
  it('leave half of the windows where they are and reach no further than asked', () => {
    fc.assert(
      fc.property(fc.integer(), fc.double({ min: 0.1, max: 3, noNaN: true }), (seed, most) => {
        const shifts = new Float32Array(512)
        drawShifts(shifts, most, words(seed))
        const still = shifts.filter((shift) => shift === 0).length
        // Six standard deviations of a fair coin thrown 512 times: 68.
        expect(Math.abs(still - 256)).toBeLessThan(68)
        for (const shift of shifts) expect(Math.abs(shift)).toBeLessThanOrEqual(Math.fround(most))
      }),
    )
  })
})

describe('a network refuses', () => {
  const net = network(GRU)
  const windows = waves(9, 4, GRU)
  const spoilt = (values: Float32Array, value: number): Float32Array => {
    const copy = values.slice()
    copy[2] = value
    return copy
  }

  it.each([
    ['NETWORK_SHAPE_UNFIT', 'a hidden size outside fours', () => network({ ...GRU, hidden: 10 })],
    ['NETWORK_SHAPE_UNFIT', 'levels out of order', () => network({ ...GRU, quantiles: [0.5, 0.1] })],
    ['NETWORK_SHAPE_UNFIT', 'levels without 60 minutes', () => network({ ...GRU, horizon: 6 })],
    [
      'WINDOWS_UNFIT',
      'windows of other features',
      () => net.predict(net.initial(1), { ...windows, features: 2 }),
    ],
    ['PARAMETERS_UNFIT', 'too few parameters', () => net.predict(new Float32Array(3), windows)],
    ['NOT_FINITE', 'a NaN parameter', () => net.predict(spoilt(net.initial(1), Number.NaN), windows)],
    [
      'NOT_FINITE',
      'an infinite input',
      () => net.train(net.initial(1), { ...windows, inputs: spoilt(windows.inputs, 1 / 0) }, TRAINING),
    ],
    [
      'NOT_FINITE',
      'a NaN target',
      () => net.train(net.initial(1), { ...windows, targets: spoilt(windows.targets, Number.NaN) }, TRAINING),
    ],
    [
      'NOT_FINITE',
      'a NaN correction',
      () =>
        net.train(net.initial(1), windows, { ...TRAINING, correction: spoilt(net.initial(1), Number.NaN) }),
    ],
    [
      'TRAINING_UNFIT',
      'a batch outside eights',
      () => net.train(net.initial(1), windows, { ...TRAINING, batch: 12 }),
    ],
    ['TRAINING_UNFIT', 'no windows', () => net.train(net.initial(1), waves(0, 4, GRU), TRAINING)],
    [
      'TRAINING_DIVERGED',
      'to return what is not finite',
      () => net.train(net.initial(1), windows, { ...TRAINING, learningRate: 1e38, clip: 1e38 }),
    ],
  ])('with %s: %s', (code, _why, act) => {
    expect(act).toThrow(expect.objectContaining({ code }))
  })
})
