/** Hard limits of a proposed dose hold whatever model, settings and state; no path leads to a dose without a signature. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type InsulinUnits, type MgPerDl, quantity } from '../../vocabulary/index.ts'
import { GRAMS, LIMITS, recordOf, stumpOf } from '../testing/dose-record.ts'
import { doseModel } from './dose-model.ts'
import { bolusFormula } from './formula.ts'
import { MEAL_COLUMNS } from './meal-columns.ts'
import { proposeDose } from './proposal.ts'
import { proposalDigest, signDose } from './sign.ts'
import { situationAt } from './situation.ts'

/** Seven meals six hours apart, each with its bolus, before the one that is asked about at minute 2880. */
const MEALS = Array.from({ length: 7 }, (_, i) => [360 * (i + 1), 50] as const)
const BOLUSES = MEALS.map(([minute]) => [minute, 5] as const)
const NOW = 2880 * 60

/** Always wants more insulin, or always less. */
const greedy = doseModel(
  stumpOf('dose beyond the formula', -1000, 0, 200),
  stumpOf('carbohydrate', -1, 0, 50),
)
const pushing = (direction: 'more' | 'less') =>
  direction === 'more'
    ? doseModel(stumpOf('dose beyond the formula', 60, 200, 10), stumpOf('carbohydrate', -1, 0, 50))
    : doseModel(
        stumpOf('dose beyond the formula', -60, -10, -200),
        stumpOf('dose beyond the formula', -60, 0, -100),
      )

describe('the formula', () => {
  test.each([
    [60, 120, 0, 6, 'a meal alone'],
    [0, 200, 0, 2, 'a correction alone'],
    [60, 200, 3, 5, 'both, less insulin on board'],
    [10, 120, 4, 0, 'never negative'],
    [60, 90, 0, 6, 'no correction downwards below the target'],
  ])('for %i g at %i mg/dL with %i U on board gives %i U: %s', (carbs, glucose, onBoard, units) => {
    const { therapy } = recordOf(0, () => 120)
    expect(bolusFormula(therapy, GRAMS(carbs), quantity<MgPerDl>(glucose), onBoard).total).toBeCloseTo(
      units,
      12,
    )
  })
})

describe('a proposal', () => {
  test('stays within a quarter of the formula, within the limits, at least 0, for any model, state and limits', () => {
    let proposed = 0
    fc.assert(
      fc.property(
        fc.integer({ min: 40, max: 400 }),
        fc.double({ min: -4, max: 4, noNaN: true }),
        fc.integer({ min: 0, max: 200 }),
        fc.double({ min: 0, max: 0.25, noNaN: true }),
        fc.integer({ min: 1, max: 20 }),
        fc.constantFrom('more', 'less'),
        (glucose, rate, carbs, share, most, direction) => {
          const limits = { ...LIMITS, share, mostUnits: quantity<InsulinUnits>(most) }
          const trace = (minute: number): number =>
            Math.max(30, Math.min(500, minute > 2800 ? glucose + rate * (minute - 2880) : 120))
          const record = recordOf(2880, trace, MEALS, BOLUSES)
          const outcome = proposeDose(pushing(direction), record, NOW, GRAMS(carbs), limits)
          if (!outcome.proposed) {
            expect(outcome.code).toBe('GLUCOSE_LOW')
            expect(glucose).toBeLessThan(70)
            return
          }
          proposed++
          const { units, formula, cut } = outcome.proposal
          expect(units).toBeGreaterThanOrEqual(0)
          expect(units).toBeLessThanOrEqual(most)
          expect(units).toBeLessThanOrEqual(formula.total * (1 + share) + 1e-9)
          if (cut === 'NONE') expect(units).toBeGreaterThan(formula.total * (1 - share) - 0.05 - 1e-9)
          if (glucose < 100 || rate < -1.05) {
            expect(formula.correction).toBe(0)
            expect(units).toBeLessThanOrEqual(formula.total)
          }
        },
      ),
      { numRuns: 300 },
    )
    expect(proposed).toBeGreaterThan(200)
  })

  test.each([
    ['more', 1.25],
    ['less', 0.75],
  ] as const)(
    'of a model that wants %s insulin differs from the formula by a quarter and no more',
    (direction, factor) => {
      const outcome = proposeDose(
        pushing(direction),
        recordOf(2880, () => 150, MEALS, BOLUSES),
        NOW,
        GRAMS(60),
        LIMITS,
      )
      if (!outcome.proposed) throw new Error(outcome.code)
      const { proposal } = outcome
      expect(proposal.factor).toBeCloseTo(factor, 9)
      expect(proposal.units).toBeCloseTo(proposal.formula.total * factor, 1)
      expect(proposal.state).toBe('unsigned')
      expect(proposal.mealsSeen).toBe(7)
      expect(proposal.model).toMatch(/^[0-9a-f]{64}$/)
      expect(proposal.reasons[0]?.words).toMatch(/the dose is .* the formula/)
    },
  )

  test.each([
    [90, 0, 'glucose below 100'],
    [180, -1.5, 'glucose falling by 1.5 mg/dL a minute'],
  ])('at %i mg/dL and %f mg/dL a minute neither corrects nor adds: %s', (glucose, rate) => {
    const record = recordOf(2880, (m) => glucose + rate * (m - 2880), MEALS, BOLUSES)
    const outcome = proposeDose(pushing('more'), record, NOW, GRAMS(60), LIMITS)
    if (!outcome.proposed) throw new Error(outcome.code)
    expect(outcome.proposal.formula.correction).toBe(0)
    expect(outcome.proposal.factor).toBe(1)
  })

  test.each([
    [5, 74, 1, 'a low five hours ago'],
    [5, 76, 1.25, 'no low five hours ago'],
    [7, 60, 1.25, 'a low seven hours ago'],
  ])(
    '%i hours after %i mg/dL is %f times the formula, which corrects all the same: %s',
    (hours, low, factor) => {
      const record = recordOf(2880, (m) => (m === 2880 - 60 * hours ? low : 150), MEALS, BOLUSES)
      const outcome = proposeDose(pushing('more'), record, NOW, GRAMS(60), LIMITS)
      if (!outcome.proposed) throw new Error(outcome.code)
      expect(outcome.proposal.factor).toBeCloseTo(factor, 9)
      expect(outcome.proposal.formula.correction).toBeCloseTo(0.75, 9)
    },
  )

  test.each([
    [-20, -20, 0.75, 'a meal that ends under the target whatever is given'],
    [-5, -5, 1, 'a meal that ends at the target: the next correction would bring back what was saved'],
    [-5, -20, 0.95, 'a meal that ends at the target with more than a twentieth less'],
  ])(
    'against an expected low is lessened as far as the meal ends 10 mg/dL under the target: later %i or %i, factor %f, %s',
    (less, more, factor) => {
      const model = doseModel(
        stumpOf('dose beyond the formula', -20, less, more),
        stumpOf('carbohydrate', -1, 0, -50),
      )
      const outcome = proposeDose(
        model,
        recordOf(2880, () => 150, MEALS.slice(0, 5), BOLUSES.slice(0, 5)),
        NOW,
        GRAMS(60),
        LIMITS,
      )
      if (!outcome.proposed) throw new Error(outcome.code)
      expect(outcome.proposal.factor).toBeCloseTo(factor, 9)
    },
  )

  test('does not stack: with insulin on board, dose and what is on board stay under their limit', () => {
    const record = recordOf(2880, () => 300, MEALS, [...BOLUSES, [2850, 18]])
    const outcome = proposeDose(pushing('more'), record, NOW, GRAMS(400), LIMITS)
    if (!outcome.proposed) throw new Error(outcome.code)
    const { units, formula, cut } = outcome.proposal
    expect(cut).toBe('MOST_ON_BOARD')
    expect(units + formula.onBoard).toBeLessThanOrEqual(25)
  })

  test('is the formula where fewer than four meals are known: the model has nothing to go by', () => {
    const record = recordOf(2880, () => 150, MEALS.slice(4), BOLUSES.slice(4))
    const outcome = proposeDose(pushing('more'), record, NOW, GRAMS(60), LIMITS)
    if (!outcome.proposed) throw new Error(outcome.code)
    expect(outcome.proposal.mealsSeen).toBe(3)
    expect(outcome.proposal.factor).toBe(1)
  })

  test('looks at nothing from after its instant', () => {
    const record = recordOf(2880, () => 150, MEALS, BOLUSES)
    const later = recordOf(
      4000,
      (m) => (m > 2880 ? 40 : 150),
      [...MEALS, [2990, 90]],
      [...BOLUSES, [2990, 9]],
    )
    expect(proposeDose(greedy, later, NOW, GRAMS(60), LIMITS)).toEqual(
      proposeDose(greedy, record, NOW, GRAMS(60), LIMITS),
    )
  })
})

describe('no dose is proposed', () => {
  const good = recordOf(2880, () => 150, MEALS, BOLUSES)
  test.each([
    ['GLUCOSE_STALE', 'the last reading is 20 minutes old', recordOf(2860, () => 150, MEALS, BOLUSES)],
    ['GLUCOSE_STALE', 'there is no reading', recordOf(-5, () => 150)],
    [
      'GLUCOSE_MISSING',
      'a single reading says nothing of the trend',
      {
        ...good,
        glucose: { at: Float64Array.of(NOW), local: Float64Array.of(NOW), value: Float64Array.of(150) },
      },
    ],
    ['GLUCOSE_IMPLAUSIBLE', 'a reading of 5 mg/dL', recordOf(2880, (m) => (m === 2870 ? 5 : 150), MEALS)],
    ['GLUCOSE_IMPLAUSIBLE', 'a reading that is no number', recordOf(2880, () => Number.NaN, MEALS)],
    ['INSULIN_UNKNOWN', 'boluses are known for an hour', { ...good, bolusesKnownSince: NOW - 3600 }],
    ['GLUCOSE_LOW', 'glucose is 65 mg/dL', recordOf(2880, () => 65, MEALS, BOLUSES)],
  ])('%s: %s', (code, _, record) => {
    expect(proposeDose(greedy, record, NOW, GRAMS(50), LIMITS)).toEqual({ proposed: false, code })
  })

  test.each([
    ['BAD_THERAPY', { ...good, therapy: { ...good.therapy, carbRatio: 0 } }, 50, LIMITS],
    ['BAD_MEAL', good, Number.NaN, LIMITS],
    ['BAD_MEAL', good, -1, LIMITS],
    ['BAD_LIMITS', good, 50, { ...LIMITS, share: 0.3 }],
    ['BAD_LIMITS', good, 50, { ...LIMITS, correctFrom: quantity<MgPerDl>(80) }],
  ])('and %s is thrown for input that no dose may rest on', (code, record, carbs, limits) => {
    expect(() => proposeDose(greedy, record, NOW, GRAMS(carbs), limits)).toThrow(
      expect.objectContaining({ code }),
    )
  })

  test('with a model of other columns', () => {
    const other = { ...greedy.later, columns: MEAL_COLUMNS.slice(1) }
    expect(() => doseModel(other, greedy.lowest)).toThrow(expect.objectContaining({ code: 'BAD_DOSE_MODEL' }))
  })
})

describe('signing', () => {
  const proposal = () => {
    const outcome = proposeDose(
      greedy,
      recordOf(2880, () => 150, MEALS, BOLUSES),
      NOW,
      GRAMS(50),
      LIMITS,
    )
    if (!outcome.proposed) throw new Error(outcome.code)
    return outcome.proposal
  }
  /** Vouches for one digest by one clinician. */
  const vouching = (digest: string) => ({
    verify: (clinician: string, found: string) => clinician === 'did:example:dr' && found === digest,
  })
  const signature = { clinician: 'did:example:dr', signature: new Uint8Array(64) }

  test('gives a dose of the proposed units', async () => {
    const own = proposal()
    const dose = await signDose(own, signature, vouching(proposalDigest(own)))
    expect(dose).toEqual({ state: 'signed', units: own.units, proposal: own, clinician: 'did:example:dr' })
  })

  test.each([
    ['other units', () => ({ ...proposal(), units: quantity<InsulinUnits>(9) }), signature],
    ['another clinician', proposal, { ...signature, clinician: 'did:example:other' }],
  ])('is refused for %s', async (_, changed, by) => {
    await expect(signDose(changed(), by, vouching(proposalDigest(proposal())))).rejects.toMatchObject({
      code: 'NOT_SIGNED',
    })
  })

  test('a proposal is not a dose: the compiler refuses one in place of the other', () => {
    const dispense = (dose: import('./sign.ts').SignedDose): number => dose.units
    // @ts-expect-error: an unsigned proposal lacks the brand that only signDose gives
    expect(dispense(proposal())).toBeGreaterThan(0)
  })
})

test('a situation states the slope of the last quarter of an hour', () => {
  const found = situationAt(
    recordOf(600, (m) => 100 + 2 * (m - 600) + 40),
    600 * 60,
    GRAMS(10),
    LIMITS,
  )
  expect('withheld' in found ? found.withheld : found.rate).toBeCloseTo(2, 9)
})
