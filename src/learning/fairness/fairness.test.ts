import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { gini, jain, worstSite } from './equality.ts'
import { contribution } from './shapley.ts'

const OPEN = { mode: 'open' } as const
const names = (n: number) => Array.from({ length: n }, (_, i) => `site ${i}`)

describe('equality', () => {
  it('knows its ends: all equal, and one has all', () => {
    expect([jain([3, 3, 3, 3]), gini([3, 3, 3, 3])]).toEqual([1, 0])
    expect([jain([8, 0, 0, 0]), gini([8, 0, 0, 0])]).toEqual([0.25, 0.75])
    // By hand: mean absolute difference of 1, 2, 3 is 8/9, over twice the mean of 2.
    expect(gini([1, 2, 3])).toBeCloseTo(2 / 9, 12)
    expect(jain([1, 2, 3])).toBeCloseTo(36 / 42, 12)
    expect([jain([]), gini([]), gini([-1, 0])]).toEqual([1, 0, 0])
  })

  it('a gift from the richer to the poorer makes Gini fall and Jain rise', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: 1, max: 100, noNaN: true }), { minLength: 2, maxLength: 8 }),
        (given) => {
          const sorted = given.toSorted((a, b) => a - b)
          const gift = (sorted.at(-1)! - sorted[0]!) / 4
          const after = [sorted[0]! + gift, ...sorted.slice(1, -1), sorted.at(-1)! - gift]
          expect(gini(after)).toBeLessThanOrEqual(gini(sorted) + 1e-12)
          expect(jain(after)).toBeGreaterThanOrEqual(jain(sorted) - 1e-12)
        },
      ),
    )
  })

  it('names the worst site and what it would have had alone', () => {
    expect(worstSite({ a: 20, b: 24, c: 24 }, { b: 23 })).toEqual({ site: 'b', error: 24, gap: 1 })
    expect(worstSite({ a: 20 })).toEqual({ site: 'a', error: 20, gap: undefined })
    expect(worstSite({})).toBeUndefined()
  })
})

describe('contribution', () => {
  it('gives the glove game its known values', async () => {
    // Shapley 1953: one left glove, two right ones: 2/3, 1/6, 1/6.
    const worth = (coalition: readonly string[]) =>
      coalition.includes('site 0') && coalition.length > 1 ? 1 : 0
    const { values, method, coalitions } = await contribution(names(3), worth, OPEN)
    expect(values['site 0']).toBeCloseTo(2 / 3, 12)
    expect(values['site 1']).toBeCloseTo(1 / 6, 12)
    expect([method, coalitions]).toEqual(['exact', 8])
  })

  it('shares out all there is, alike to alike, nothing to nobody', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 3, maxLength: 6 }),
        async (sizes) => {
          // Worth grows with the root of the data; site 0 brings nothing, the last two bring the same.
          const data = [0, ...sizes, sizes.at(-1)!]
          const sites = names(data.length)
          const worth = (coalition: readonly string[]) =>
            Math.sqrt(coalition.reduce((sum, site) => sum + data[sites.indexOf(site)]!, 0))
          const { values } = await contribution(sites, worth, OPEN)
          const total = Object.values(values).reduce((a, b) => a + b, 0)
          expect(total).toBeCloseTo(worth(sites), 9)
          expect(values['site 0']).toBeCloseTo(0, 12)
          expect(values[sites.at(-1)!]).toBeCloseTo(values[sites.at(-2)!]!, 12)
        },
      ),
      { numRuns: 20 },
    )
  })

  it('beyond twelve sites samples orders, shares out all there is and comes near the exact values', async () => {
    const sites = names(14)
    const worth = (coalition: readonly string[]) =>
      Math.sqrt(coalition.reduce((sum, site) => sum + sites.indexOf(site), 0))
    const { values, method } = await contribution(sites, worth, { ...OPEN, permutations: 400, seed: 2 })
    expect(method).toBe('truncated')
    expect(Object.values(values).reduce((a, b) => a + b, 0)).toBeCloseTo(worth(sites), 9)
    expect(Math.abs(values['site 0']!)).toBeLessThan(1e-9)
    expect(values['site 13']).toBeGreaterThan(values['site 2']!)
  })

  it('asks for fewer coalitions when walks end near the whole', async () => {
    const sites = names(14)
    const worth = (coalition: readonly string[]) => 1 - 0.3 ** coalition.length
    const whole = await contribution(sites, worth, { ...OPEN, permutations: 50 })
    const cut = await contribution(sites, worth, { ...OPEN, permutations: 50, tolerance: 0.01 })
    expect(cut.coalitions).toBeLessThan(whole.coalitions)
    expect(Object.values(cut.values).reduce((a, b) => a + b, 0)).toBeCloseTo(worth(sites), 9)
  })

  it.each(['masked', 'grouped'] as const)('is refused in %s mode', async (mode) => {
    await expect(contribution(names(3), () => 1, { mode })).rejects.toMatchObject({
      code: 'MODE_HIDES_SITES',
    })
  })
})
