import { expect, it } from 'vitest'
import type { Training } from '../nets/network.ts'
import { network } from '../nets/recurrent.ts'
import { normalEquations } from '../ridge/normal-equations.ts'
import { waves } from '../testing/waves.ts'
import type { ModelName } from './models.ts'
import { modelsFor } from './models.ts'
import { networkForecasters } from './network-forecasters.ts'
import type { Fold, ProtocolName } from './protocols.ts'

const SHAPE = { cell: 'gru', features: 4, hidden: 8, horizon: 12, quantiles: [] } as const

function foldOf(sites: number): Fold {
  const own = Array.from({ length: sites }, (_, site) => waves(40, site))
  return {
    sites: own.map((train) => ({ train, validation: train, equations: normalEquations(train) })),
    test: own[0]!,
    testSite: new Int32Array(own[0]!.count),
    ownTrain: () => own[0]!,
  }
}

async function fitted(model: ModelName, protocol: ProtocolName) {
  const net = network(SHAPE)
  const asked: Training[] = []
  const forecasters = networkForecasters({
    network: net,
    trainer: {
      train: (parameters, windows, training) => {
        asked.push(training)
        return net.train(parameters, windows, training)
      },
    },
    trainerOf: (shape) => network(shape),
    protocol,
    rounds: protocol === 'F' ? 4 : 1,
    seed: 1,
    cpuSeconds: () => 0,
  })
  if (model === 'persistence' || model === 'ridge') throw new Error('no network')
  return { asked, ...(await forecasters(model)(foldOf(3))) }
}

async function trained(model: ModelName, protocol: ProtocolName = 'F'): Promise<readonly Training[]> {
  return (await fitted(model, protocol)).asked
}

it('no ridge stands beside a private network, whose equations would not be private', async () => {
  const open = await fitted('fedavg', 'W')
  const hidden = await fitted('fedavg-dp', 'W')
  expect(open.networkShare).toBeDefined()
  expect(hidden.networkShare).toBeUndefined()
  expect(hidden.note).toMatch(/^ε 8, δ 0.00001 per patient/)
})

it.each(['local', 'fedavg-finetuned', 'pooled-finetuned'] as const)(
  '%s has nothing to say of people held out',
  async (model) => {
    await expect(fitted(model, 'subject')).rejects.toMatchObject({ code: 'MODEL_UNFIT' })
  },
)

it('the cold start compares with a clinic alone as its study trained it, and as rounds train', async () => {
  const [study] = await trained('local')
  const [careful] = await trained('local-as-rounds')
  const rounds = await trained('fedavg')
  expect(study).toEqual({
    passes: 4,
    batch: 64,
    learningRate: 2e-3,
    schedule: 'constant',
    clip: 1,
    seed: 1,
  })
  expect(careful).toEqual({ ...study, schedule: 'cosine', levelShift: rounds[0]?.levelShift })
  expect(careful?.levelShift).toBe(40)
  // As many passes over a clinic's windows alone as in all its rounds.
  expect(rounds.filter((_, i) => i % 3 === 0).reduce((sum, { passes }) => sum + passes, 0)).toBe(4)
})

it('other protocols have one row of a site alone', async () => {
  expect(modelsFor('F')).toEqual(expect.arrayContaining(['local', 'local-as-rounds']))
  expect(modelsFor('W')).toEqual(modelsFor('F').filter((model) => model !== 'local-as-rounds'))
  await expect(trained('local-as-rounds', 'W')).rejects.toMatchObject({ code: 'MODEL_UNFIT' })
})

it('the rate of a site falls from round to round, so that averaging ends on quiet ground', async () => {
  const rates = (await trained('fedavg')).filter((_, i) => i % 3 === 0).map((own) => own.learningRate)
  const share = (round: number): number => (1 + Math.cos((Math.PI * round) / 4)) / 2
  expect(rates.length).toBe(4)
  // Half a cosine down to a twentieth in the last round.
  rates.forEach((rate, i) => {
    expect(rate).toBeCloseTo(6e-3 * (0.05 + 0.95 * share(i + 1)), 12)
  })
  expect(rates[3]).toBeCloseTo(0.05 * 6e-3, 12)
})
