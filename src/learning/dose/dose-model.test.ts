/** What a dose model learns from, how it is written and read, and what explains its proposals. */
import fc from 'fast-check'
import { beforeAll, describe, expect, test } from 'vitest'
import type { ForecastModel } from '../evaluate/forecast-model.ts'
import { network } from '../nets/recurrent.ts'
import { uniforms } from '../testing/bent-table.ts'
import { GRAMS, LIMITS, recordOf } from '../testing/dose-record.ts'
import { aheadOf } from './ahead.ts'
import { readDoseModel, writeDoseModel } from './dose-document.ts'
import { type DoseModel, trainDoseModel } from './dose-model.ts'
import { judgeDoseModel } from './judge-doses.ts'
import { HYBRID_COLUMNS, MEAL_COLUMNS, MEAL_RANGES } from './meal-columns.ts'
import { mealsOf } from './meal-rows.ts'
import { observedMeals } from './observed-meals.ts'
import { proposeDose } from './proposal.ts'
import type { DoseRecord } from './situation.ts'

const DAY = 1440
/** Days with a meal every six hours; a unit more than the formula's 5 ends 20 mg/dL lower. */
function days(seed: number, count: number): DoseRecord {
  const next = uniforms(seed)
  const meals = Array.from({ length: 4 * count }, (_, i) => [360 * i + 30, 50] as const)
  const boluses = meals.map(([minute]) => [minute, Math.round((3.5 + 3 * next()) * 20) / 20] as const)
  const ends = boluses.map(([, units]) => 150 - 20 * (units - 5) + 10 * (next() - 0.5))
  return recordOf(
    DAY * count,
    (minute) => {
      const since = (minute - 30 + 360) % 360
      const end = ends[Math.floor((minute - 30) / 360)] ?? 120
      return Math.round(
        since < 210 ? 120 + ((end - 120) * since) / 210 : end + ((120 - end) * (since - 210)) / 150,
      )
    },
    meals,
    boluses,
  )
}

const SHAPE = { cell: 'gru', hidden: 8, features: 6, horizon: 12, quantiles: [0.05, 0.95] } as const
const FORECASTER: ForecastModel = {
  shape: SHAPE,
  parameters: network(SHAPE).initial(1),
  ridge: new Float64Array(25 * 12),
  share: 1,
  shifts: [0, 0, 0, 0],
  alarm: 75,
  data: 'a'.repeat(64),
  protocol: 'W',
  seed: 1,
}
const SETTINGS = { trees: 20, depth: 3, bins: 32 as const }

let alone: DoseModel
let hybrid: DoseModel
const sites = [[days(1, 20)], [days(2, 20), days(3, 14)]]
beforeAll(() => {
  alone = trainDoseModel(sites, LIMITS, { settings: SETTINGS })
  hybrid = trainDoseModel(sites, LIMITS, { settings: SETTINGS, forecaster: FORECASTER, simulated: true })
})

describe('a dose model', () => {
  test('foretells what meals that it has not seen end in, nearer than their mean', () => {
    for (const model of [alone, hybrid]) {
      const judged = judgeDoseModel(model, [{ record: days(9, 10), from: 0 }], LIMITS)
      expect(judged.meals).toBeGreaterThan(30)
      expect(judged.laterRmse).toBeLessThan(0.6 * judged.meanRmse)
    }
  })

  test('over two sites is the model of one, bit for bit, the hybrid too', () => {
    const pooled = trainDoseModel([sites.flat()], LIMITS, {
      settings: SETTINGS,
      forecaster: FORECASTER,
      simulated: true,
    })
    expect(pooled.hash).toBe(hybrid.hash)
    expect(hybrid.later.columns).toEqual(HYBRID_COLUMNS)
    expect(alone.later.columns).toEqual(MEAL_COLUMNS)
    expect(MEAL_RANGES).toHaveLength(HYBRID_COLUMNS.length)
  })

  test('learns from no fewer than 200 meals', () => {
    expect(() => trainDoseModel([[days(1, 10)]], LIMITS)).toThrow(
      expect.objectContaining({ code: 'TOO_FEW_MEALS' }),
    )
  })
})

test('a dose model is refused where more insulin went with higher glucose: such doses hung together with something else', () => {
  const confounded = days(5, 60)
  const upside = {
    ...confounded,
    boluses: { ...confounded.boluses, amount: confounded.boluses.amount.map((units) => 10 - units) },
  }
  expect(() => trainDoseModel([[upside]], LIMITS, { settings: SETTINGS })).toThrow(
    expect.objectContaining({ code: 'EFFECT_NOT_LEARNED' }),
  )
})

describe('its document', () => {
  test.each(['alone', 'hybrid'] as const)('comes back as the model that was written: %s', (kind) => {
    const model = kind === 'alone' ? alone : hybrid
    const read = readDoseModel(writeDoseModel(model))
    expect(read).toEqual(model)
    const ask = (one: DoseModel) => proposeDose(one, days(9, 4), 3 * DAY * 60, GRAMS(50), LIMITS)
    expect(ask(read)).toEqual(ask(model))
  })

  test('with any digit changed is refused', () => {
    const text = writeDoseModel(hybrid)
    const places = [...text.matchAll(/[1-9]/g)].map(({ index }) => index)
    fc.assert(
      fc.property(fc.constantFrom(...places), (place) => {
        const changed = `${text.slice(0, place)}${text[place] === '1' ? '2' : '1'}${text.slice(place + 1)}`
        expect(() => readDoseModel(changed)).toThrow(
          expect.objectContaining({ code: expect.stringMatching(/^(MODEL_DAMAGED|NOT_A_DOSE_MODEL)$/) }),
        )
      }),
      { numRuns: 40 },
    )
  })

  test.each([
    ['no JSON', '{'],
    ['another document', '{"schema":"islet.model/1"}'],
  ])('that is %s is no dose model', (_, text) => {
    expect(() => readDoseModel(text)).toThrow(expect.objectContaining({ code: 'NOT_A_DOSE_MODEL' }))
  })

  test.each([
    ['a tree that leads back to its root', (text: string) => text.replace(/"left":\[1/, '"left":[0')],
    ['real where it was simulated', (text: string) => text.replace('"simulated":true', '"simulated":false')],
    [
      'no forecaster where there was one',
      (text: string) => `${JSON.stringify({ ...JSON.parse(text), forecaster: null })}\n`,
    ],
  ])('that tells of %s is damaged', (_, change) => {
    const text = writeDoseModel(hybrid)
    expect(change(text)).not.toBe(text)
    expect(() => readDoseModel(change(text))).toThrow(expect.objectContaining({ code: 'MODEL_DAMAGED' }))
  })
})

describe('an explanation', () => {
  test('adds up to what is predicted, own meals included, whatever meal and model', () => {
    const record = days(9, 6)
    fc.assert(
      fc.property(
        fc.integer({ min: 3 * DAY, max: 6 * DAY }),
        fc.integer({ min: 1, max: 150 }),
        fc.boolean(),
        (minute, carbs, withNetwork) => {
          const outcome = proposeDose(withNetwork ? hybrid : alone, record, minute * 60, GRAMS(carbs), LIMITS)
          if (!outcome.proposed) throw new Error(outcome.code)
          const { explanation, reasons, choice, ...proposal } = outcome.proposal
          const sum = explanation.effects.reduce((total, one) => total + one, explanation.base)
          expect(sum + explanation.ownMeals).toBeCloseTo(proposal[explanation.of], 6)
          expect(explanation.of).toBe(choice === 'LESS_AGAINST_LOW' ? 'lowest' : 'later')
          // No part that is larger than a named one is left out.
          const parts = [...explanation.effects, explanation.ownMeals].map(Math.abs).sort((a, b) => b - a)
          expect(reasons.map(({ effect }) => Math.abs(effect))).toEqual(
            parts.filter((part) => part >= 1).slice(0, 4),
          )
        },
      ),
      { numRuns: 25 },
    )
  })
})

describe('what a meal is known by', () => {
  test('its outcome ends before the next meal or bolus, and a meal without one is left out', () => {
    const record = recordOf(
      900,
      () => 140,
      [
        [100, 50],
        [400, 40],
        [450, 10],
      ],
      [
        [100, 5],
        [400, 4],
        [760, 1],
      ],
    )
    expect(observedMeals(record, LIMITS).map(({ situation, given }) => [situation.at / 60, given])).toEqual([
      [100, 5],
      [450, 0],
    ])
  })

  test('no row changes when what came later changes', () => {
    const record = days(4, 6)
    const at = 4 * DAY * 60
    const late = {
      ...record,
      glucose: {
        ...record.glucose,
        value: record.glucose.value.map((value, i) =>
          (record.glucose.at[i] ?? 0) > at ? value + 50 : value,
        ),
      },
    }
    const rows = (one: DoseRecord) =>
      mealsOf(one, LIMITS, FORECASTER).flatMap(({ meal, row }) => (meal.situation.at <= at ? [[...row]] : []))
    expect(rows(record).length).toBeGreaterThan(10)
    expect(rows(late)).toEqual(rows(record))
  })

  test('the network is shown nothing from the instant’s future, and says nothing after a silence', () => {
    const record = days(4, 3)
    const at = 2 * DAY * 60 + 30 * 60
    const cut = (list: Float64Array): Float64Array => list.filter((instant) => instant <= at)
    const glucose = { ...record.glucose, at: cut(record.glucose.at) }
    const past = {
      ...record,
      glucose: {
        at: glucose.at,
        local: glucose.at,
        value: record.glucose.value.subarray(0, glucose.at.length),
      },
    }
    const ahead = aheadOf(FORECASTER, record, at)
    expect(Object.values(ahead).every(Number.isFinite)).toBe(true)
    expect(aheadOf(FORECASTER, past, at)).toEqual(ahead)
    expect(aheadOf(FORECASTER, record, 60 * 60)).toEqual({
      at30: Number.NaN,
      at60: Number.NaN,
      low30: Number.NaN,
      low60: Number.NaN,
    })
  })
})
