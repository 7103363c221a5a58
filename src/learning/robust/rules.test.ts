import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { aggregate, defaultRule, fewestSites, type Rule } from './rule.ts'
import { norm, type SiteUpdate } from './update.ts'

const RULES: readonly Rule[] = [
  { name: 'mean' },
  { name: 'median' },
  { name: 'trimmed-mean', faulty: 2 },
  { name: 'multi-krum', faulty: 2 },
  { name: 'multi-krum', faulty: 2, tolerance: 2.5, trim: 2 },
  { name: 'norm-clip' },
  { name: 'fltrust', root: 'site 0' },
]
const ROBUST = RULES.filter(({ name }) => name !== 'mean')

function updates(rows: readonly (readonly number[])[]): SiteUpdate[] {
  return rows.map((row, i) => ({ site: `site ${i}`, values: Float32Array.from(row), weight: 1 }))
}

const value = fc.float({ min: -1, max: 1, noNaN: true })
const honest = fc.array(fc.tuple(value, value, value), { minLength: 8, maxLength: 8 })

describe.each(RULES)('$name', (rule) => {
  it('does not depend on who answered first, bit for bit', () => {
    fc.assert(
      fc.property(honest, fc.integer({ min: 1, max: 7 }), (rows, shift) => {
        const given = updates(rows)
        const turned = [...given.slice(shift), ...given.slice(0, shift)].reverse()
        expect(aggregate(rule, turned)).toEqual(aggregate(rule, given))
      }),
    )
  })

  it('is refused below the sites that it needs', () => {
    const given = updates(Array.from({ length: fewestSites(rule) - 1 }, () => [1, 2]))
    expect(() => aggregate(rule, given)).toThrow(expect.objectContaining({ code: 'TOO_FEW_SITES' }))
  })
})

describe.each(ROBUST)('$name against liars', (rule) => {
  it('stays where honest sites are, whatever two of ten say', () => {
    const lie = fc.double({ min: 10, max: 1e30, noNaN: true })
    fc.assert(
      fc.property(honest, lie, lie, (rows, first, second) => {
        const lies = [
          [first, -first, first],
          [-second, second, 0],
        ]
        const { values } = aggregate(rule, updates([...rows, ...lies]))
        const longest = Math.max(...updates(rows).map((update) => norm(update.values)))
        expect(norm(values)).toBeLessThanOrEqual(longest * Math.sqrt(3) + 1e-5)
      }),
    )
  })
})

it('the mean does not: what the robust rules promise is theirs', () => {
  const rows = [...Array.from({ length: 8 }, () => [1, 1, 1]), [1e9, 0, 0], [1e9, 0, 0]]
  expect(norm(aggregate({ name: 'mean' }, updates(rows)).values)).toBeGreaterThan(1e6)
})

describe('multi-Krum', () => {
  it('scores and chooses as Blanchard et al. write, worked by hand', () => {
    // n = 5, f = 1: two nearest others each. 0, 1, 2, 4 and 100 on a line.
    const { values, excluded, scores } = aggregate(
      { name: 'multi-krum', faulty: 1 },
      updates([[0], [1], [2], [4], [100]]),
    )
    expect(scores).toEqual({
      'site 0': 5,
      'site 1': 2,
      'site 2': 5,
      'site 3': 13,
      'site 4': 96 ** 2 + 98 ** 2,
    })
    expect(excluded).toEqual(['site 4'])
    expect(values).toEqual(Float32Array.of(7 / 4))
  })

  it.each([
    [0, ['site 3'], 'f sites are out, whoever they are'],
    [51, ['site 3'], '52 is above 51 times the median of 1'],
    [52, [], '52 is 52 times 1'],
  ])('with a tolerance of %d leaves out %j: %s', (tolerance, left) => {
    const { excluded, scores } = aggregate(
      { name: 'multi-krum', faulty: 1, tolerance },
      updates([[0], [1], [2], [4], [1]]),
    )
    // Krum's scores are 2, 1, 2, 13 and 1, the lengths 0, 1, 2, 4 and 1.
    expect(scores).toEqual({ 'site 0': 0, 'site 1': 1, 'site 2': 4, 'site 3': 52, 'site 4': 1 })
    expect(excluded).toEqual(left)
  })

  it('with a tolerance takes in nobody who scores more than it times an honest site, however liars stand together', () => {
    const lie = fc.tuple(value, value, value).map((row) => row.map((x) => 30 * x))
    fc.assert(
      fc.property(honest, lie, lie, (rows, first, second) => {
        const tolerance = 2.5
        const given = updates([...rows, first, second])
        const { excluded, scores } = aggregate({ name: 'multi-krum', faulty: 2, tolerance }, given)
        const worst = Math.max(...rows.map((_, i) => scores[`site ${i}`]!))
        for (const liar of ['site 8', 'site 9'])
          if (!excluded.includes(liar)) expect(scores[liar]).toBeLessThanOrEqual(tolerance * worst)
        expect(excluded.length).toBeLessThanOrEqual(2)
      }),
    )
  })

  it('with a tolerance counts length: two that say the same stand near to each other, and are out for pulling longer', () => {
    const rows = Array.from({ length: 8 }, (_, i) => [1, (i - 3.5) / 5])
    const lie = [1.8, 0]
    const given = updates([...rows, lie, lie])
    const worst = (rule: Rule) => {
      const { scores, excluded } = aggregate(rule, given)
      const sorted = Object.values(scores).toSorted((a, b) => a - b)
      return { medians: sorted[9]! / sorted[5]!, excluded }
    }
    expect(worst({ name: 'multi-krum', faulty: 2 }).medians).toBeLessThan(2)
    const { medians, excluded } = worst({ name: 'multi-krum', faulty: 2, tolerance: 2.5 })
    expect(medians).toBeGreaterThan(2.5)
    expect(excluded).toEqual(['site 8', 'site 9'])
  })

  it('trimmed lets nobody it takes in move a coordinate beyond what honest sites say, however they lie', () => {
    const lie = fc.tuple(value, value, value).map((row) => row.map((x) => 2 * x))
    fc.assert(
      fc.property(honest, lie, lie, (rows, first, second) => {
        const { values } = aggregate(defaultRule(10), updates([...rows, first, second]))
        for (const [i, moved] of values.entries()) {
          const said = rows.map((row) => Math.fround(row[i]!))
          expect(moved).toBeGreaterThanOrEqual(Math.min(...said))
          expect(moved).toBeLessThanOrEqual(Math.max(...said))
        }
      }),
    )
  })

  it('names whom it excludes, so that honest ones excluded can be counted', () => {
    const rows = [...Array.from({ length: 8 }, (_, i) => [i / 100, 0]), [50, 50], [-50, 50]]
    expect(aggregate({ name: 'multi-krum', faulty: 2 }, updates(rows)).excluded).toEqual(['site 8', 'site 9'])
  })
})

describe('known answers', () => {
  const rows = [
    [1, -9],
    [2, 0],
    [3, 1],
    [4, 2],
    [500, 3],
  ]

  it('median and trimmed mean of a column each', () => {
    expect(aggregate({ name: 'median' }, updates(rows)).values).toEqual(Float32Array.of(3, 1))
    expect(aggregate({ name: 'median' }, updates(rows.slice(0, 4))).values).toEqual(Float32Array.of(2.5, 0.5))
    expect(aggregate({ name: 'trimmed-mean', faulty: 1 }, updates(rows)).values).toEqual(
      Float32Array.of(3, 1),
    )
  })

  it('norm clip shortens to the median norm and keeps directions', () => {
    const { values } = aggregate(
      { name: 'norm-clip' },
      updates([
        [3, 4],
        [0, 5],
        [0, 50],
      ]),
    )
    expect(values).toEqual(Float32Array.of(1, 14 / 3))
  })

  it('FLTrust weighs by the cosine to the root at the root’s norm; who disagrees has no say', () => {
    // Cosines to [2, 0]: 1, 0.6, 0; all at norm 2: ([2,0]·1 + [1.2,1.6]·0.6) / 1.6.
    const { values, excluded, scores } = aggregate(
      { name: 'fltrust', root: 'site 0' },
      updates([
        [2, 0],
        [3, 4],
        [-7, 0],
      ]),
    )
    expect(scores['site 1']).toBeCloseTo(0.6, 6)
    expect([values[0], values[1]]).toEqual([expect.closeTo(2.72 / 1.6, 6), expect.closeTo(0.96 / 1.6, 6)])
    expect(excluded).toEqual(['site 2'])
  })

  it('FLTrust without its root is refused', () => {
    expect(() => aggregate({ name: 'fltrust', root: 'elsewhere' }, updates(rows))).toThrow(
      expect.objectContaining({ code: 'NO_ROOT' }),
    )
  })

  it('the mean weighs by weight', () => {
    const given = updates([[0], [10]]).map((update, i) => ({ ...update, weight: i === 0 ? 3 : 1 }))
    expect(aggregate({ name: 'mean' }, given).values).toEqual(Float32Array.of(2.5))
  })

  it.each([
    [10, { name: 'multi-krum', faulty: 2, tolerance: 2.5, trim: 2 }],
    [5, { name: 'multi-krum', faulty: 1, tolerance: 2.5, trim: 1 }],
    [4, { name: 'median' }],
  ])('%d sites have their default rule, and enough sites for it', (sites, rule) => {
    expect(defaultRule(sites)).toEqual(rule)
    expect(fewestSites(defaultRule(sites))).toBeLessThanOrEqual(sites)
  })
})
