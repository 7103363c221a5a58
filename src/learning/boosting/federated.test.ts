/** The law of federated boosting: over any division of the rows into sites, masked or not, the pooled model bit for bit. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { bentTable, uniforms } from '../testing/bent-table.ts'
import { cellCounts, cutsFromCounts, type Range } from './agreed-cuts.ts'
import { Grower } from './grower.ts'
import { gradientOf, sumOfWords, weightOf, wordOf } from './histogram-words.ts'
import { fromLimbs, sumOfLimbs, toLimbs } from './limbs.ts'
import { boostingHash, predictBoosting } from './model.ts'
import { boostingSettings } from './settings.ts'
import { Site } from './site.ts'
import { rowsOf, type Table } from './table.ts'
import { type AddWords, trainBoostingOverSites } from './train.ts'

const RANGES: readonly Range[] = Array.from({ length: 5 }, () => ({ low: -5, high: 5 }))
/** Trees enough for every set of cuts. */
const SETTINGS = { trees: 9, depth: 3, bins: 32 }

/** The table's rows dealt to sites; a site may get none. */
const deal = (table: Table, owners: readonly number[], sites: number): readonly Table[] =>
  Array.from({ length: sites }, (_, site) =>
    rowsOf(
      table,
      owners.flatMap((owner, row) => (owner % sites === site ? [row] : [])),
    ),
  )

const train = (sites: readonly Table[], add: AddWords = sumOfWords) => {
  const counts = add(
    sites.map((site) => cellCounts(site, RANGES)),
    'cuts',
  )
  return trainBoostingOverSites(sites, cutsFromCounts(counts, RANGES, SETTINGS.bins), SETTINGS, add)
}

/** Each pair of sites shares a mask for each word of each step; one adds it, the other takes it away. */
const masked =
  (seen: BigUint64Array[] = []): AddWords =>
  (parts, round) => {
    const hidden = parts.map((part, i) =>
      part.map((word, at) => {
        let sum = word
        for (let j = 0; j < parts.length; j++) {
          if (j === i) continue
          const draw = uniforms(at * 7919 + Math.min(i, j) * 131 + Math.max(i, j) * 17 + round.length)
          const mask = (BigInt(Math.floor(draw() * 2 ** 32)) << 32n) | BigInt(Math.floor(draw() * 2 ** 32))
          sum += i < j ? mask : -mask
        }
        return BigInt.asUintN(64, sum)
      }),
    )
    seen.push(...hidden)
    return sumOfWords(hidden)
  }

describe('over sites', () => {
  test('any division of the rows, with empty sites and sites of one row, gives the pooled model bit for bit', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 1e6 }),
        fc.integer({ min: 1, max: 60 }),
        fc.integer({ min: 1, max: 10 }),
        fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 60, maxLength: 60 }),
        fc.constantFrom(0, 0.2),
        (seed, rows, sites, owners, missing) => {
          const table = bentTable(seed, rows, 5, missing)
          const pooled = train([table])
          const parts = deal(table, owners.slice(0, rows), sites)
          expect(boostingHash(train(parts))).toBe(boostingHash(pooled))
        },
      ),
      { numRuns: 40 },
    )
  })

  test('ten sites of which one is empty and one holds a single row give the pooled model under pairwise masks', () => {
    const table = bentTable(11, 90, 5, 0.1)
    const owners = Array.from({ length: 90 }, (_, i) => (i === 0 ? 9 : i % 8))
    const sites = deal(table, owners, 10)
    expect(sites.map(({ rows }) => rows)).toContain(0)
    expect(sites.map(({ rows }) => rows)).toContain(1)
    const seen: BigUint64Array[] = []
    expect(boostingHash(train(sites, masked(seen)))).toBe(boostingHash(train([table])))
    // What the empty site sends under masks is not zero: its emptiness does not show.
    expect(seen[8]?.some((word) => word !== 0n)).toBe(true)
  })

  test('the sum in a ring of 32 bits, three limbs a word, gives the same model', () => {
    const table = bentTable(12, 80)
    const sites = deal(
      table,
      Array.from({ length: 80 }, (_, i) => i),
      5,
    )
    const limbs: AddWords = (parts) => fromLimbs(sumOfLimbs(parts.map(toLimbs)), parts.length)
    expect(boostingHash(train(sites, limbs))).toBe(boostingHash(train([table])))
  })

  test('one changed word changes the model: the sums are what it is made of', () => {
    const table = bentTable(13, 80)
    const sites = deal(
      table,
      Array.from({ length: 80 }, (_, i) => i),
      4,
    )
    const forged: AddWords = (parts, round) => {
      const sums = sumOfWords(parts)
      if (round === 'tree 0 level 0') sums[3] = BigInt.asUintN(64, (sums[3] ?? 0n) + wordOf(400_000, 0))
      return sums
    }
    expect(boostingHash(train(sites, forged))).not.toBe(boostingHash(train([table])))
  })

  test('every site’s own predictions are the model’s', () => {
    const table = bentTable(14, 60)
    const settings = boostingSettings({ trees: 1, depth: 3, bins: 16 })
    const cuts = cutsFromCounts(cellCounts(table, RANGES), RANGES, 16)
    const site = new Site(table, cuts, settings)
    const first = gradientOf(site.opening()) / 65_536 / 60
    site.begin(first)
    const grower = new Grower(cuts, settings)
    let grown = grower.plant(0)
    while (grown.finished === undefined) grown = grower.grow(grown.state, site.answer(grown.step).slice())
    site.answer(grown.step)
    const model = { columns: table.columns, base: first, trees: [grown.finished] }
    expect(site.predictions()).toEqual(predictBoosting(model, table))
  })
})

describe('a word of sums', () => {
  const word = fc.record({
    gradient: fc.integer({ min: -(2 ** 30), max: 2 ** 30 }),
    weight: fc.integer({ min: 0, max: 1e5 }),
  })

  test('added to others is the word of the sums', () => {
    fc.assert(
      fc.property(fc.array(word, { minLength: 1, maxLength: 50 }), (parts) => {
        const sum = sumOfWords(
          parts.map(({ gradient, weight }) => BigUint64Array.of(wordOf(gradient, weight))),
        )
        expect(gradientOf(sum[0]!)).toBe(parts.reduce((total, { gradient }) => total + gradient, 0))
        expect(weightOf(sum[0]!)).toBe(parts.reduce((total, { weight }) => total + weight, 0))
      }),
    )
  })

  test('comes back from its limbs', () => {
    fc.assert(
      fc.property(fc.array(word, { minLength: 1, maxLength: 20 }), (parts) => {
        const words = parts.map(({ gradient, weight }) => BigUint64Array.of(wordOf(gradient, weight)))
        expect(fromLimbs(sumOfLimbs(words.map(toLimbs)), words.length)).toEqual(sumOfWords(words))
      }),
    )
  })

  test('of another shape is refused', () => {
    expect(() => sumOfWords([new BigUint64Array(2), new BigUint64Array(3)])).toThrow(
      expect.objectContaining({ code: 'BAD_HISTOGRAMS' }),
    )
    const settings = boostingSettings({ bins: 16 })
    const grower = new Grower([{ edges: [Float32Array.of(1)] }], settings)
    expect(() => grower.grow(grower.plant(0).state, new BigUint64Array(15))).toThrow(
      expect.objectContaining({ code: 'BAD_HISTOGRAMS' }),
    )
  })
})

test('agreed cuts ascend, keep within the bins, and do not depend on who holds which row', () => {
  fc.assert(
    fc.property(
      fc.array(fc.oneof(fc.float({ min: -6, max: 6, noNaN: true }), fc.constant(Number.NaN)), {
        minLength: 1,
        maxLength: 200,
      }),
      fc.integer({ min: 1, max: 199 }),
      (values, at) => {
        const table = (part: readonly number[]): Table => ({
          rows: part.length,
          columns: ['a'],
          values: Float32Array.from(part),
          target: new Float64Array(part.length),
        })
        const range = [{ low: -5, high: 5 }]
        const parts = [table(values.slice(0, at)), table(values.slice(at))]
        const agreed = cutsFromCounts(sumOfWords(parts.map((part) => cellCounts(part, range))), range, 32)
        expect(agreed).toEqual(cutsFromCounts(cellCounts(table(values), range), range, 32))
        for (const { edges } of agreed) {
          expect(edges[0]!.length).toBeLessThanOrEqual(31)
          expect(edges[0]!.every((edge, i) => i === 0 || edge > edges[0]![i - 1]!)).toBe(true)
        }
      },
    ),
  )
})
