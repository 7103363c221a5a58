import { expect, it } from 'vitest'
import { weightedMean } from '../robust/update.ts'
import { quadraticSite } from '../testing/quadratic-site.ts'
import { contribution } from './shapley.ts'

it('a free-rider is worth nothing, duplicates share, noise ranks last', async () => {
  // Each site holds some coordinates of the truth; the worth of a coalition is how near their merged update comes.
  const truth = [1, 1, 1, 1]
  const says: Record<string, readonly number[]> = {
    left: [2, 2, 0, 0],
    'left again': [2, 2, 0, 0],
    right: [0, 0, 2, 2],
    'free-rider': [0, 0, 0, 0],
    noise: [-3, 3, 3, -3],
  }
  const updates = new Map<string, Float32Array>()
  for (const [id, target] of Object.entries(says)) {
    const { update } = await quadraticSite(id, target, { rate: 0.5 }).train({
      round: 1,
      parameters: new Float32Array(4),
    })
    updates.set(id, update)
  }
  // A sum, because it is what each adds that is asked for: a mean would make a free-rider dilute the others.
  const worth = (coalition: readonly string[]): number => {
    const given = coalition.map((site) => ({ site, weight: 1, values: updates.get(site)! }))
    const mean = given.length === 0 ? new Float32Array(4) : weightedMean(given)
    const sum = mean.map((value) => value * given.length)
    return -truth.reduce((total, value, i) => total + (value - sum[i]!) ** 2, 0)
  }
  const { values } = await contribution(Object.keys(says), worth, { mode: 'open' })
  expect(values['free-rider']).toBeCloseTo(0, 9)
  expect(values['left']).toBeCloseTo(values['left again']!, 9)
  expect(values['right']).toBeGreaterThan(values['left']!)
  const last = Object.keys(values).sort((a, b) => values[a]! - values[b]!)[0]
  expect(last).toBe('noise')
})
