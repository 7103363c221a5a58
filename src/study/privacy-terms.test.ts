import fc from 'fast-check'
import { expect, it } from 'vitest'
import { epsilonAfter } from '../learning/index.ts'
import { checkedPlan } from './plan.ts'
import { privacyBudget, privacyTerms } from './privacy-terms.ts'
import { planData } from './testing/papers.ts'

const asked = (epsilon: number, rounds: number, more = {}) => ({
  rounds,
  privacy: {
    aggregation: 'open' as const,
    clip_norm: 1,
    differential_privacy: { unit: 'patient' as const, epsilon, delta: 1e-5, ...more },
  },
})

it('the noise is the least, to a hundredth, that keeps the budget whole over the plan’s rounds', () => {
  fc.assert(
    fc.property(
      fc.double({ min: 0.2, max: 20, noNaN: true }),
      fc.integer({ min: 1, max: 200 }),
      (epsilon, rounds) => {
        const terms = privacyTerms(asked(epsilon, rounds))
        expect(terms).toBeDefined()
        expect(epsilonAfter(terms!, rounds)).toBeLessThanOrEqual(epsilon)
        const less = Math.round(100 * terms!.noise - 1) / 100
        // What is told is rounded up by at most 1/10,000.
        if (less > 0) expect(epsilonAfter({ ...terms!, noise: less }, rounds)).toBeGreaterThan(epsilon - 1e-4)
      },
    ),
    { numRuns: 25 },
  )
})

it('spends in each release, from nothing, and allows exactly the plan’s rounds or a little more', () => {
  const budget = privacyBudget(asked(8, 5))!
  const spent = Array.from({ length: 7 }, (_, releases) => budget.spentAfter(releases))
  expect(spent[0]).toBe(0)
  for (let i = 1; i < spent.length; i++) expect(spent[i]).toBeGreaterThan(spent[i - 1]!)
  expect(budget.allows(5)).toBe(true)
  expect(budget.allows(6)).toBe(false)
})

it('composes rounds by Rényi accounting, which spends less than adding up their own', () => {
  const budget = privacyBudget(asked(8, 5))!
  expect(budget.spentAfter(5)).toBeLessThan(5 * budget.spentAfter(1))
})

it.each([
  ['an ε that no noise keeps', { epsilon: 0.001 }, 'epsilon'],
  ['less noise than the rounds need', { epsilon: 1, noise_multiplier: 0.5 }, 'noise_multiplier'],
])('a plan with %s is refused as it is read', (_why, differs, field) => {
  const privacy = {
    aggregation: 'open',
    clip_norm: 1,
    differential_privacy: { unit: 'patient', delta: 1e-5, ...differs },
  }
  expect(() => checkedPlan(planData({ privacy }))).toThrow(
    expect.objectContaining({
      code: 'PLAN_REFUSED',
      at: { field: `privacy.differential_privacy.${field}` },
    }),
  )
})

it('more noise than is needed leaves rounds to spare for those that fail', () => {
  const least = privacyTerms(asked(4, 3))!.noise
  expect(privacyBudget(asked(4, 3))?.allows(4)).toBe(false)
  expect(privacyBudget(asked(4, 3, { noise_multiplier: 2 * least }))?.allows(8)).toBe(true)
})
