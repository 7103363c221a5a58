import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { selectWindows } from '../data/select-windows.ts'
import { network } from '../nets/recurrent.ts'
import { runRounds } from '../rounds/run-rounds.ts'
import { quadraticSite } from '../testing/quadratic-site.ts'
import { waves } from '../testing/waves.ts'
import { epsilonAfter, type PrivacyPlan, roundsWithin, spend } from './budget.ts'
import { privateSite } from './private-site.ts'
import { simulatedRandomness, siteRandomness } from './randomness.ts'
import { epsilon, gaussianCost } from './rdp.ts'

/**
 * Computed apart from this code, in Python, from Mironov, Talwar, Zhang 2019 over the orders 2–256 at δ = 10⁻⁵: sampling,
 * noise, rounds, ε by the improved and by the classic conversion.
 */
const COMPUTED_APART = [
  [256 / 60000, 1.1, 14_062, 2.6, 3.03],
  [0.01, 0.8, 1000, 3.73, 4.35],
  [128 / 10000, 1, 1200, 2.95, 3.43],
  [0.1, 1, 100, 7.97, 8.93],
  [1, 5, 30, 5.25, 5.88],
  [1, 1, 30, 40.1, 41.5],
] as const

/**
 * Published: the accountant's own tests in TensorFlow Privacy (`rdp_accountant_test.py`, `test_compute_rdp_scalar` and
 * `_sequence`): sampling, noise, rounds, order, Rényi cost.
 */
const PUBLISHED = [
  [0.1, 2, 10, 5, 0.07737],
  [0.01, 2.5, 50, 5, 0.00218075],
  [0.01, 2.5, 50, 50, 0.023846],
  [0.01, 2.5, 50, 100, 167.416307],
] as const

describe('the accountant', () => {
  it.each(PUBLISHED)(
    'q=%d σ=%d over %d rounds at order %d costs what is published, within 1 %%',
    (q, sigma, rounds, order, published) => {
      const cost = (gaussianCost(q, sigma)[order - 2] ?? 0) * rounds
      expect(Math.abs(cost / published - 1)).toBeLessThan(0.01)
    },
  )

  it('ten thousand steps of Abadi et al. 2016, section 3.2, cost ε = 1.26', () => {
    const cost = gaussianCost(0.01, 4).map((one) => one * 10_000)
    expect(Math.abs(epsilon(cost, 1e-5, 'classic') / 1.26 - 1)).toBeLessThan(0.01)
  })

  it.each(COMPUTED_APART)(
    'q=%d σ=%d over %d rounds costs what was computed apart, within 1 %%',
    (q, sigma, rounds, improved, classic) => {
      const cost = gaussianCost(q, sigma).map((one) => one * rounds)
      expect(Math.abs(epsilon(cost, 1e-5) / improved - 1)).toBeLessThan(0.01)
      expect(Math.abs(epsilon(cost, 1e-5, 'classic') / classic - 1)).toBeLessThan(0.01)
    },
  )

  it('costs more with a larger sample, with less noise and with more rounds; never more improved than classic', () => {
    const share = fc.double({ min: 0.001, max: 0.5, noNaN: true })
    const noise = fc.double({ min: 0.6, max: 8, noNaN: true })
    fc.assert(
      fc.property(share, noise, (q, sigma) => {
        const spent = (q: number, sigma: number, n: number) =>
          epsilon(
            gaussianCost(q, sigma).map((c) => c * n),
            1e-5,
          )
        const one = spent(q, sigma, 10)
        expect(spent(Math.min(1, 2 * q), sigma, 10)).toBeGreaterThanOrEqual(one)
        expect(spent(q, sigma * 2, 10)).toBeLessThanOrEqual(one)
        expect(spent(q, sigma, 20)).toBeGreaterThanOrEqual(one)
        expect(one).toBeLessThanOrEqual(
          epsilon(
            gaussianCost(q, sigma).map((c) => c * 10),
            1e-5,
            'classic',
          ),
        )
      }),
      { numRuns: 20 },
    )
  })
})

const PLAN: PrivacyPlan = { epsilon: 8, delta: 1e-4, sampling: 0.5, clip: 0.5, noise: 1.2 }

describe('the budget', () => {
  it('allows exactly the rounds that stay within it and refuses the next before anything is trained', () => {
    const rounds = roundsWithin(PLAN)
    expect(epsilonAfter(PLAN, rounds)).toBeLessThanOrEqual(PLAN.epsilon)
    expect(epsilonAfter(PLAN, rounds + 1)).toBeGreaterThan(PLAN.epsilon)
    let spending = { releases: 0 }
    for (let i = 0; i < rounds; i++) spending = spend(PLAN, spending)
    expect(() => spend(PLAN, spending)).toThrow(expect.objectContaining({ code: 'PRIVACY_BUDGET_SPENT' }))
  })

  it('a plan that one round would overspend allows none', () => {
    expect(roundsWithin({ ...PLAN, noise: 0.3, sampling: 1 })).toBe(0)
  })
})

const SHAPE = { cell: 'gru', features: 4, hidden: 4, horizon: 12, quantiles: [] } as const
const NET = network(SHAPE)
const TRAINING = { passes: 1, batch: 8, learningRate: 2e-3, schedule: 'constant', clip: 1, seed: 3 } as const

function site(privacy: Partial<PrivacyPlan>, windows = waves(32, 1)) {
  let trained = 0
  const trainer = {
    train: (...args: Parameters<typeof NET.train>) => {
      trained++
      return NET.train(...args)
    },
  }
  const made = privateSite({
    id: 'clinic',
    trainer,
    windows,
    training: TRAINING,
    privacy: { ...PLAN, ...privacy },
    randomness: simulatedRandomness(1, 'clinic'),
  })
  return { made, count: () => trained }
}

describe('a private site', () => {
  const task = { round: 1, parameters: NET.initial(1) }

  it('one patient changes the sum before noise by at most the clip', async () => {
    // Noise of a millionth, everybody sampled: what differs is the person.
    const quiet = { sampling: 1, noise: 1e-6, clip: 0.01, epsilon: Number.MAX_VALUE }
    const all = waves(32, 1)
    const without = { ...all, person: all.person.map((person) => (person === 3 ? 2 : person)) }
    const [with4, with3] = [
      await site(quiet, all).made.train(task),
      await site(quiet, without).made.train(task),
    ]
    const sums = [with4.update.map((v) => 4 * v), with3.update.map((v) => 3 * v)]
    expect(Math.hypot(...sums[0]!)).toBeLessThanOrEqual(4 * 0.01 + 1e-4)
    expect(Math.hypot(...sums[1]!)).toBeLessThanOrEqual(3 * 0.01 + 1e-4)
    expect(Math.hypot(...sums[0]!)).toBeGreaterThan(0.01)
  })

  it.each([0, 1, 2, 3])(
    'without patient %i the sum before noise differs by at most the clip',
    async (gone) => {
      // Two batches each: the order in which somebody’s windows are drawn shows in their update.
      const quiet = { sampling: 1, noise: 1e-6, clip: 0.01, epsilon: Number.MAX_VALUE }
      const all = waves(64, 1)
      const rows = Int32Array.from(all.person.keys()).filter((row) => all.person[row] !== gone)
      const whole = (await site(quiet, all).made.train(task)).update
      const rest = (await site(quiet, selectWindows(all, rows)).made.train(task)).update
      const difference = Math.hypot(...whole.map((value, i) => 4 * value - 3 * (rest[i] ?? 0)))
      expect(difference).toBeLessThanOrEqual(0.01 * (1 + 1e-3))
      expect(difference).toBeGreaterThan(0.009)
    },
  )

  it('noise has the deviation that the plan says, over the people expected', async () => {
    const { update } = await site({
      sampling: 1,
      clip: 1e-9,
      noise: 1e9,
      epsilon: Number.MAX_VALUE,
    }).made.train(task)
    const deviation = Math.sqrt(update.reduce((sum, v) => sum + v * v, 0) / update.length)
    expect(deviation).toBeGreaterThan(0.25 * 0.85)
    expect(deviation).toBeLessThan(0.25 * 1.15)
  })

  it('trains nobody once the budget is spent, and the others go on', async () => {
    const { made, count } = site({
      sampling: 1,
      noise: 3,
      epsilon: epsilonAfter({ ...PLAN, sampling: 1, noise: 3 }, 2),
    })
    const others = Array.from({ length: 4 }, (_, i) =>
      quadraticSite(
        `other ${i}`,
        Array.from({ length: NET.parameterCount }, () => 0),
      ),
    )
    const run = await runRounds({
      sites: [made, ...others],
      initial: NET.initial(1),
      plan: { rounds: 3, rule: { name: 'mean' } },
    })
    expect(count()).toBe(2 * 4)
    expect(run.reports[2]).toMatchObject({
      outcome: 'AGGREGATED',
      whole: false,
      absent: { clinic: 'PRIVACY_BUDGET_SPENT' },
    })
    expect(made.spentEpsilon()).toBeLessThanOrEqual(epsilonAfter({ ...PLAN, sampling: 1, noise: 3 }, 2))
  })

  it('draws the same again from a site’s secret after a crash, and other noise in another round', () => {
    const secret = new Uint8Array(32).fill(1)
    const [a, b] = [siteRandomness(secret).draws('noise', 4), siteRandomness(secret).draws('noise', 4)]
    const other = siteRandomness(secret).draws('noise', 5)
    const first = [a.normal(), a.normal()]
    expect([b.normal(), b.normal()]).toEqual(first)
    expect([other.normal(), other.normal()]).not.toEqual(first)
    expect(() => siteRandomness(new Uint8Array(16))).toThrow(expect.objectContaining({ code: 'BAD_SECRET' }))
  })
})
