import { expect, it } from 'vitest'
import { waves } from '../testing/waves.ts'
import { trainingSite } from './training-site.ts'

const TRAINING = {
  passes: 1,
  batch: 8,
  learningRate: 1e-3,
  schedule: 'constant',
  clip: 1,
  seed: 1,
} as const

/** A trainer that shows the seed it was given, and whose update grows with it. */
const seeded = (seeds: number[]) => ({
  train: (parameters: Float32Array, _: unknown, { seed }: { readonly seed: number }) => {
    seeds.push(seed)
    return { parameters: parameters.map((value) => value + 1), loss: [0], steps: 1 }
  },
})
const siteOn = (count: number, id = 'clinic', seeds: number[] = []) =>
  trainingSite({
    id,
    trainer: seeded(seeds),
    windows: { ...waves(8, 1), count },
    training: TRAINING,
  })

it('a site without windows is refused by code, also where windows are changed later', () => {
  const refusal = expect.objectContaining({ code: 'NO_EXAMPLES', facts: { site: 'clinic' } })
  expect(() => siteOn(0)).toThrow(refusal)
  expect(() => siteOn(8).on({ ...waves(8, 1), count: 0 })).toThrow(refusal)
  expect(siteOn(8).examples).toBe(8)
})

it('draws anew in every round and at every site, and the same again when a round is repeated', async () => {
  const seeds: number[] = []
  const parameters = Float32Array.of(0)
  for (const [id, round] of [
    ['a', 1],
    ['a', 2],
    ['b', 1],
    ['a', 1],
  ] as const)
    await siteOn(8, id, seeds).train({ round, parameters })
  expect(new Set(seeds.slice(0, 3)).size).toBe(3)
  expect(seeds[3]).toBe(seeds[0])
})
