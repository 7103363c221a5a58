import { afterAll, expect, it } from 'vitest'
import { expand, nobleMaskSuite } from './masking/suite.ts'
import type { NetworkShape } from './nets/network.ts'
import { network } from './nets/recurrent.ts'
import { roundPlan } from './rounds/plan.ts'
import { runRounds } from './rounds/run-rounds.ts'
import { type Trainer, trainingSite } from './rounds/training-site.ts'
import { waves } from './testing/waves.ts'
import { nodeMaskSuite, openSiteProcess, openTrainers } from './worker.door.ts'

const SHAPE: NetworkShape = { cell: 'gru', features: 4, hidden: 8, horizon: 12, quantiles: [] }
const TRAINING = { passes: 1, batch: 32, learningRate: 2e-3, schedule: 'constant', clip: 1, seed: 5 } as const
const one = openTrainers(SHAPE, { workers: 1 })
const three = openTrainers(SHAPE, { workers: 3 })
afterAll(() => Promise.all([one.close(), three.close()]))

function run(trainer: Trainer) {
  const sites = Array.from({ length: 10 }, (_, i) =>
    trainingSite({ id: `s${i}`, trainer, windows: waves(60, i), training: TRAINING }),
  )
  return runRounds({ sites, initial: network(SHAPE).initial(1), plan: { rounds: 2 } })
}

it('one worker, three workers and no worker give the same bits', async () => {
  const [here, alone, apart] = [await run(network(SHAPE)), await run(one), await run(three)]
  expect(alone.state).toEqual(here.state)
  expect(apart.state).toEqual(here.state)
  expect(here.parameters).not.toEqual(network(SHAPE).initial(1))
})

it('a worker that cannot train says so by code and trains the next', async () => {
  const { parameterCount, initial } = network(SHAPE)
  await expect(one.train(new Float32Array(3), waves(40, 1), TRAINING)).rejects.toMatchObject({
    code: expect.stringMatching(/^[A-Z_]+$/),
  })
  const trained = await one.train(initial(1), waves(40, 1), TRAINING)
  expect(trained.parameters).toHaveLength(parameterCount)
})

it('a site in a process of its own answers a round as a site here does', async () => {
  const initial = network(SHAPE).initial(1)
  const plan = roundPlan(3, { parameters: initial.length, rounds: 1, evaluate: true })
  const windows = waves(60, 0)
  const apart = await openSiteProcess({
    id: 's0',
    shape: SHAPE,
    plan,
    training: TRAINING,
    initial,
    windows,
    validation: waves(20, 9),
  })
  try {
    const { Participant } = await import('./rounds/participant.ts')
    const { encodeAsk, encodeModel } = await import('./rounds/messages.ts')
    const here = new Participant(
      trainingSite({ id: 's0', trainer: network(SHAPE), windows, training: TRAINING }),
      plan,
      initial,
    )
    const ask = encodeAsk({
      stage: 'train',
      round: 1,
      attempt: 1,
      version: 0,
      parts: [encodeModel('held', new Uint8Array())],
    })
    expect(await apart.answer(ask)).toEqual(await here.answer(ask))
    const judge = encodeAsk({
      stage: 'evaluate',
      round: 1,
      attempt: 1,
      version: 0,
      parts: [encodeModel('held', new Uint8Array())],
    })
    expect(JSON.parse(Buffer.from(await apart.answer(judge)).toString())).toMatchObject({
      windows: 20,
      rmse_30_mgdl: expect.any(Number),
    })
  } finally {
    await apart.close()
  }
})

it('the platform’s masks are the pure ones, byte for byte', () => {
  const [a, b] = [new Uint8Array(32).fill(7), new Uint8Array(32).fill(9)]
  expect(nodeMaskSuite.publicKey(a)).toEqual(nobleMaskSuite.publicKey(a))
  expect(nodeMaskSuite.agree(a, nodeMaskSuite.publicKey(b))).toEqual(
    nobleMaskSuite.agree(b, nobleMaskSuite.publicKey(a)),
  )
  expect(nodeMaskSuite.stream(a, 1000)).toEqual(nobleMaskSuite.stream(a, 1000))
  expect(nodeMaskSuite.hmac(a, b)).toEqual(nobleMaskSuite.hmac(a, b))
  expect(nodeMaskSuite.digest(a)).toEqual(nobleMaskSuite.digest(a))
  for (const suite of [nodeMaskSuite, nobleMaskSuite]) {
    expect(() => suite.agree(a, new Uint8Array(32))).toThrow(expect.objectContaining({ code: 'BAD_KEY' }))
  }
})

it.each([nodeMaskSuite, nobleMaskSuite])(
  'a suite expands a secret as RFC 5869 does (A.3, its first 32 bytes)',
  (suite) => {
    const expanded = expand(suite, new Uint8Array(22).fill(0x0b), new Uint8Array())
    expect(Buffer.from(expanded).toString('hex')).toBe(
      '8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d',
    )
  },
)
