import { describe, expect, it } from 'vitest'
import { attacked } from '../attacks/attack.ts'
import { nodeMaskSuite } from '../node-mask-suite.ts'
import { runRounds } from '../rounds/run-rounds.ts'
import type { Site } from '../rounds/site.ts'
import { quadraticSite } from '../testing/quadratic-site.ts'
import { runContribution } from './summed-updates.ts'

const INITIAL = new Float32Array(4)
const TRUTH = [1, 1, 1, 1]
const error = (parameters: Float32Array) => Math.hypot(...parameters.map((value, i) => value - TRUTH[i]!))
const PLAN = {
  rounds: 6,
  quorum: 3,
  up: { name: 'float32' },
  down: { name: 'float32' },
  rule: { name: 'mean' },
} as const

describe('contributions from the log of a run', () => {
  it('a free-rider is worth nothing, duplicates share, a site that pulls away is last, and all adds up', async () => {
    const sites: readonly Site[] = [
      quadraticSite('left', [1, 1, 0, 0], { rate: 0.3 }),
      quadraticSite('left again', [1, 1, 0, 0], { rate: 0.3 }),
      quadraticSite('right', [0, 0, 2, 2], { rate: 0.3 }),
      attacked(quadraticSite('free-rider', TRUTH, { rate: 0.3 }), { name: 'free-rider' }),
      quadraticSite('wrong', [-1, -1, -1, -1], { rate: 0.3 }),
    ]
    const run = await runRounds({ sites, initial: INITIAL, plan: PLAN })
    const { values, method } = await runContribution(run, { initial: INITIAL, error })
    expect(method).toBe('exact')
    expect(values['free-rider']).toBe(0)
    expect(values['left']).toBeCloseTo(values['left again']!, 6)
    expect(values['right']).toBeGreaterThan(values['left']!)
    expect(values['left']).toBeGreaterThan(0)
    expect(values['wrong']).toBeLessThan(0)
    const total = Object.values(values).reduce((sum, value) => sum + value, 0)
    expect(total).toBeCloseTo(error(INITIAL) - error(run.parameters), 4)
  })

  it('counts a site that was away only in the rounds it took part in', async () => {
    const sites = ['a', 'b', 'c', 'd'].map((id) => quadraticSite(id, TRUTH, { rate: 0.3 }))
    const away: Site = {
      ...sites[3]!,
      train: (task) => {
        if (task.round > 2) throw new RangeError('away')
        return sites[3]!.train(task)
      },
    }
    const run = await runRounds({ sites: [...sites.slice(0, 3), away], initial: INITIAL, plan: PLAN })
    const { values } = await runContribution(run, { initial: INITIAL, error })
    expect(values['d']).toBeGreaterThan(0)
    expect(values['d']).toBeLessThan(values['a']!)
  })

  it('is refused where single updates are hidden', async () => {
    const sites = ['a', 'b', 'c', 'd'].map((id) => quadraticSite(id, TRUTH, { rate: 0.3 }))
    const { up: _, ...plan } = PLAN
    const run = await runRounds({
      sites,
      initial: INITIAL,
      suite: nodeMaskSuite,
      plan: { ...plan, rounds: 1, mode: 'masked' },
    })
    await expect(runContribution(run, { initial: INITIAL, error })).rejects.toMatchObject({
      code: 'MODE_HIDES_SITES',
    })
  })
})
