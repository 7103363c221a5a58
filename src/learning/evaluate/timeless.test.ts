import { expect, it } from 'vitest'
import { COS, SIN } from '../data/features.ts'
import type { Windows } from '../data/windows.ts'
import { network } from '../nets/recurrent.ts'
import { waves } from '../testing/waves.ts'
import { roundTraining } from './federated.ts'
import { timelessNetwork, timelessTrainer } from './timeless.ts'
import { type Workshop, workshopFor } from './workshop.ts'

const SHAPE = { cell: 'gru', features: 4, hidden: 8, horizon: 12, quantiles: [] } as const
const TRAINING = {
  passes: 2,
  batch: 16,
  learningRate: 1e-2,
  schedule: 'constant',
  clip: 1,
  seed: 3,
} as const

/** The same windows six hours later in the day. */
function later(windows: Windows): Windows {
  const inputs = windows.inputs.slice()
  for (let cell = 0; cell < inputs.length; cell += windows.features) {
    inputs[cell + SIN] = windows.inputs[cell + COS]!
    inputs[cell + COS] = -windows.inputs[cell + SIN]!
  }
  return { ...windows, inputs }
}

it('a network that is not told the time learns and forecasts the same at any time of day', async () => {
  const windows = waves(60, 4)
  const moved = later(windows)
  const plain = network(SHAPE)
  expect(plain.predict(plain.initial(1), moved)).not.toEqual(plain.predict(plain.initial(1), windows))
  const timeless = timelessNetwork(plain)
  const { parameters } = timeless.train(timeless.initial(1), windows, TRAINING)
  const trained = await timelessTrainer(plain).train(timeless.initial(1), moved, TRAINING)
  expect(trained.parameters).toEqual(parameters)
  expect(timeless.predict(parameters, moved)).toEqual(timeless.predict(parameters, windows))
  // A document that holds the parameters alone forecasts the same.
  expect(plain.predict(parameters, moved)).toEqual(timeless.predict(parameters, windows))
})

it('a workshop takes the form for its windows, and keeps its own under protocol F', () => {
  const base: Workshop = {
    network: network({ ...SHAPE, hidden: 48 }),
    trainer: network({ ...SHAPE, hidden: 48 }),
    protocol: 'W',
    rounds: 3,
    seed: 1,
    cpuSeconds: () => 0,
  }
  const asked: number[] = []
  const trainerOf: Workshop['trainerOf'] = (shape) => {
    asked.push(shape.hidden)
    return network(shape)
  }
  expect(workshopFor({ ...base, trainerOf }, 500, 5).network.shape.hidden).toBe(24)
  expect(workshopFor({ ...base, trainerOf }, 50_000, 10).network.shape.hidden).toBe(48)
  expect(asked).toEqual([24, 48])
  expect(workshopFor({ ...base, protocol: 'F' }, 500, 5).network).toBe(base.network)
  // Ten sites of many windows take one pass a round; seven of few take as many as make some hundred steps.
  const passes = (windows: number, sites: number): number =>
    roundTraining(workshopFor(base, windows, sites)).passes
  expect([passes(36_000, 10), passes(5_147, 7), passes(9_200, 5), passes(50, 5)]).toEqual([1, 4, 2, 8])
  const coldStart = workshopFor({ ...base, protocol: 'F' }, 500, 5)
  expect(roundTraining(coldStart).passes).toBe(1)
  expect(coldStart.round).toEqual({ ...workshopFor(base, 50_000, 10).round, momentum: 0.5 })
})
