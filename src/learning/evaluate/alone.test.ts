import { describe, expect, it } from 'vitest'
import { network } from '../nets/recurrent.ts'
import { waves } from '../testing/waves.ts'
import { trainAlone } from './alone.ts'
import type { ProtocolName } from './protocols.ts'

const net = network({ cell: 'gru', features: 4, hidden: 8, horizon: 12, quantiles: [] })
const [TRAIN, VALIDATION] = [waves(100, 0), waves(60, 1)]
const WORSE = net.initial(1)
const BETTER = net.train(WORSE, TRAIN, {
  passes: 6,
  batch: 32,
  learningRate: 3e-3,
  schedule: 'cosine',
  clip: 1,
  seed: 1,
}).parameters

/** Trains alone with a trainer that brings these models, cycle after cycle, the last one again and again. */
async function alone(brought: readonly Float32Array[], protocol: ProtocolName = 'W') {
  const asked: number[] = []
  const parameters = await trainAlone(
    {
      network: net,
      trainer: {
        train: (_parameters, _windows, { passes }) => {
          asked.push(passes)
          const own = brought[Math.min(asked.length, brought.length) - 1] ?? WORSE
          return { parameters: own, loss: [], steps: 0 }
        },
      },
      protocol,
      rounds: 15,
      seed: 1,
      cpuSeconds: () => 0,
    },
    TRAIN,
    VALIDATION,
  )
  return { parameters, asked }
}

describe('training alone', () => {
  it('keeps the cycle that did best on validation windows, and ends once two brought nothing', async () => {
    const { parameters, asked } = await alone([WORSE, BETTER, WORSE])
    expect(parameters).toBe(BETTER)
    expect(asked).toEqual([5, 5, 5, 5])
  })

  it('goes on while cycles bring something, up to eight', async () => {
    const shares = Array.from({ length: 12 }, (_, i) => (i + 1) / 12)
    const better = shares.map((share) => WORSE.map((value, i) => value + share * ((BETTER[i] ?? 0) - value)))
    const { parameters, asked } = await alone(better)
    expect(asked.length).toBe(8)
    expect(parameters).toBe(better[7])
  })

  it('takes what comes of the passes of the study where nothing is chosen', async () => {
    const { parameters, asked } = await alone([WORSE, BETTER], 'F')
    expect([parameters, asked]).toEqual([WORSE, [15]])
  })
})
