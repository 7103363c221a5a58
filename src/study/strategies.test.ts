import { expect, it } from 'vitest'
import { founderOf } from '../ledger/testing/fixtures.ts'
import { nodeHasher } from '../vault/node-cipher.door.ts'
import type { Bytes } from '../vocabulary/index.ts'
import type { SitePart } from './learner.ts'
import { parametersOf } from './model-bytes.ts'
import { networkLearner } from './network-learner.ts'
import type { StudyPlan } from './plan.ts'
import { tinyPlan, traceOf } from './testing/round-town.ts'

const learnerOf = (name: StudyPlan['strategy']['name']) =>
  networkLearner(tinyPlan({ strategy: { name, local_epochs: 1, learning_rate: 0.01 } }), {
    hasher: nodeHasher,
  })

/** Updates of two sites on the first model. */
async function twoParts(): Promise<readonly SitePart[]> {
  const learner = learnerOf('fedavg')
  return Promise.all(
    ['north', 'south'].map(async (name) => {
      const site = founderOf(name).id
      const people = [learner.prepare(traceOf(name))].flatMap((data) => data ?? [])
      const task = {
        base: learner.firstModel(),
        depth: 1,
        site,
        people,
        releases: 0,
        secret: new Uint8Array(32),
      }
      return { site, ...(await learner.train(task)) }
    }),
  )
}

it('FedAdam steps as Reddi et al. 2021 write it, over rounds: what its server remembers lies in the model', async () => {
  const parts = await twoParts()
  const [mean, adam] = [learnerOf('fedavg'), learnerOf('fedadam')]
  const first = adam.firstModel()
  const once = adam.aggregate(first, parts).model
  const twice = adam.aggregate(once, parts).model
  const count = first.length / 4
  const floats = (model: Bytes) => parametersOf(model, count)
  // Algorithm 2 with β₁ 0.9, β₂ 0.99, τ 10⁻³, server rate 0.01, by hand on the same mean update in both rounds.
  const update = floats(mean.aggregate(first, parts).model).map((value, i) => value - (floats(first)[i] ?? 0))
  for (let i = 0; i < count; i += 7) {
    const g = update[i] ?? 0
    let [x, m, v] = [floats(first)[i] ?? 0, 0, 1e-6]
    for (const model of [once, twice]) {
      m = 0.9 * m + 0.1 * g
      v = 0.99 * v + 0.01 * g * g
      x += (0.01 * m) / (Math.sqrt(v) + 1e-3)
      expect(Math.abs((floats(model)[i] ?? 0) - x)).toBeLessThan(1e-6)
    }
  }
  expect(once.length).toBe(3 * first.length)
  // Without what it remembers the same round gives another model: the memory counts, and it is hashed with the rest.
  const forgotten = adam.aggregate(once.slice(0, first.length), parts).model
  expect(forgotten).not.toEqual(twice)
  expect(learnerOf('fedadam').aggregate(once, parts).model).toEqual(twice)
})

it('FedAvg and FedProx carry nothing on: their models are parameters alone', async () => {
  const parts = await twoParts()
  for (const name of ['fedavg', 'fedprox'] as const) {
    const learner = learnerOf(name)
    expect(learner.aggregate(learner.firstModel(), parts).model.length).toBe(learner.firstModel().length)
  }
})

it.each(['scaffold', 'ridge', 'boosting'] as const)('%s is refused where a study would run it', (name) => {
  const { model } = tinyPlan()
  const plan = { ...tinyPlan(), model, strategy: { name, local_epochs: 1, learning_rate: 0.01 } }
  expect(() => networkLearner(plan, { hasher: nodeHasher })).toThrow(
    expect.objectContaining({ code: 'STRATEGY_UNKNOWN', at: { field: 'strategy.name' } }),
  )
})

it('levels are moved where the plan says so, by the same amounts each time', async () => {
  const site = founderOf('north').id
  const answerOf = async (shift?: number) => {
    const strategy = {
      name: 'fedavg',
      local_epochs: 1,
      learning_rate: 0.01,
      ...(shift === undefined ? {} : { level_shift_mgdl: shift }),
    } as const
    const learner = networkLearner(tinyPlan({ strategy }), { hasher: nodeHasher })
    const people = [learner.prepare(traceOf('north'))].flatMap((data) => data ?? [])
    const base = learner.firstModel()
    return (await learner.train({ base, depth: 1, site, people, releases: 0, secret: new Uint8Array(32) }))
      .answer
  }
  const moved = await answerOf(100)
  expect(moved).toEqual(await answerOf(100))
  expect(moved).not.toEqual(await answerOf())
  expect(await answerOf(0)).toEqual(await answerOf())
})

it.each([3, 5, 7])('one of %i sites that writes no number does not stop the others', async (count) => {
  const [like] = await twoParts()
  const learner = learnerOf('fedavg')
  const parts = Array.from({ length: count }, (_, i) => ({ ...like!, site: founderOf(`site ${i}`).id }))
  // The first block's step, behind loss and lengths, is no number.
  const nonsense = Uint8Array.from(like!.answer)
  new DataView(nonsense.buffer).setFloat32(12, Number.NaN, true)
  const lying = parts.map((part, i) => (i === 0 ? { ...part, answer: nonsense } : part))
  const { model, excluded, metrics } = learner.aggregate(learner.firstModel(), lying)
  expect(excluded).toEqual([parts[0]!.site])
  expect(metrics['sites_counted']).toBe(count - 1)
  expect(model).toEqual(learner.aggregate(learner.firstModel(), parts.slice(1)).model)
  const all = lying.map((part) => ({ ...part, answer: nonsense }))
  expect(() => learner.aggregate(learner.firstModel(), all)).toThrow(
    expect.objectContaining({ code: 'ROUND_NOT_AGGREGATED' }),
  )
})
