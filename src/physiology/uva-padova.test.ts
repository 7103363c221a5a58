import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { hasSharedData, sharedTable } from '../series/testing/shared-data.ts'
import { carbRatioOf, tunedCarbRatio } from './carb-ratio.ts'
import { PATIENTS, patientNamed, patientsOf } from './patient.ts'
import { Body } from './uva-padova.ts'

const MEALS = new Map([
  [60, 45],
  [300, 70],
  [660, 80],
  [840, 15],
])

test('the table holds thirty patients, ten of each group', () => {
  expect(PATIENTS).toHaveLength(30)
  for (const group of ['adult', 'adolescent', 'child'] as const) expect(patientsOf(group)).toHaveLength(10)
  expect(() => patientNamed('adult#011')).toThrow(expect.objectContaining({ code: 'NO_SUCH_PATIENT' }))
})

test.each(PATIENTS.map((patient) => ({ name: patient.name, patient })))(
  '$name at rest with basal insulin stays at rest for 24 hours, every state, to 1e-6',
  ({ patient }) => {
    const body = new Body(patient)
    let worst = 0
    for (let minute = 0; minute < 1440; minute++) {
      body.step({ carbs: 0, insulin: patient.basalRate / 60 })
      worst = Math.max(worst, Math.abs(body.glucose - patient.parameters.Gb))
    }
    expect(worst).toBeLessThan(1e-6)
    body.states.forEach((state, i) => {
      const rest = patient.rest[i] ?? Number.NaN
      expect(Math.abs(state - rest)).toBeLessThan(1e-6 * Math.max(1, Math.abs(rest)))
    })
  },
)

describe.skipIf(!hasSharedData('simglucose'))('against an integration of order eight', () => {
  test.each(['bolus', 'nobolus'])('15 patients of the %s run stay within 0.25 mg/dL for a day', (kind) => {
    const rows = sharedTable(`simglucose/trajectory_${kind}.csv`)
    const people = byPatient(rows)
    expect(people.size).toBe(15)
    let worst = 0
    let worstInsulin = 0
    for (const [name, run] of people) {
      const patient = patientNamed(name)
      const body = new Body(patient)
      let minute = 0
      for (const row of run) {
        for (; minute < Number(row['minute']); minute++) {
          const carbs = MEALS.get(minute) ?? 0
          const bolus = kind === 'bolus' ? carbs / patient.carbRatio : 0
          body.step({ carbs, insulin: patient.basalRate / 60 + bolus })
        }
        worst = Math.max(
          worst,
          Math.abs(body.glucose - Number(row['bg_subcut_mgdl'])),
          Math.abs(body.plasmaGlucose - Number(row['bg_plasma_mgdl'])),
        )
        worstInsulin = Math.max(
          worstInsulin,
          Math.abs(body.plasmaInsulin - Number(row['insulin_plasma_pmolL'])),
        )
      }
      expect(minute).toBeGreaterThanOrEqual(1435)
    }
    expect(worstInsulin).toBeLessThan(0.25)
    expect(worst).toBeLessThan(0.25)
    expect(worst).toBeGreaterThan(0)
  })
})

function byPatient(rows: readonly Readonly<Record<string, string>>[]) {
  const people = new Map<string, Readonly<Record<string, string>>[]>()
  for (const row of rows) {
    const run = people.get(row['patient'] ?? '')
    if (run === undefined) people.set(row['patient'] ?? '', [row])
    else run.push(row)
  }
  return people
}

describe('what the model must do whatever happens', () => {
  const minute = fc.record({
    carbs: fc.oneof({ weight: 20, arbitrary: fc.constant(0) }, fc.integer({ min: 1, max: 120 })),
    insulin: fc.oneof(
      { weight: 20, arbitrary: fc.constant(0.02) },
      fc.double({ min: 0, max: 30, noNaN: true }),
    ),
    uptake: fc.double({ min: 0.3, max: 3, noNaN: true }),
  })

  test('no amount falls below zero and nothing becomes infinite', () => {
    fc.assert(
      fc.property(fc.constantFrom(...PATIENTS), fc.array(minute, { maxLength: 400 }), (patient, minutes) => {
        const body = new Body(patient)
        for (const each of minutes) body.step(each)
        expect(body.states.every(Number.isFinite)).toBe(true)
        for (const i of [3, 4, 5, 9, 10, 11, 12]) expect(body.states[i]).toBeGreaterThanOrEqual(0)
      }),
      { numRuns: 40 },
    )
  })

  test('a gross overdose empties glucose to zero and no further', () => {
    const body = new Body(patientNamed('adult#001'))
    let lowest = Number.POSITIVE_INFINITY
    for (let m = 0; m < 900; m++) {
      body.step({ carbs: 0, insulin: 2, uptake: 3, liver: 3 })
      lowest = Math.min(lowest, body.plasmaGlucose)
    }
    expect(lowest).toBe(0)
    expect(body.glucose).toBeGreaterThanOrEqual(0)
  })

  test('a meal raises glucose, insulin lowers it, and what was eaten leaves the stomach', () => {
    for (const patient of PATIENTS) {
      const run = (carbs: number, bolus: number): Body => {
        const body = new Body(patient)
        for (let m = 0; m < 240; m++) {
          body.step({ carbs: m === 0 ? carbs : 0, insulin: patient.basalRate / 60 + (m === 0 ? bolus : 0) })
        }
        return body
      }
      expect(run(50, 0).glucose).toBeGreaterThan(run(0, 0).glucose)
      expect(run(0, 1).glucose).toBeLessThan(run(0, 0).glucose)
      const [solid = 0, liquid = 0] = run(50, 0).states
      expect(solid + liquid).toBeLessThan(50_000)
    }
  })

  test('eating is no faster than 5 g a minute: 45 g announced at once are 5 g a minute for nine minutes', () => {
    const at = (plan: (minute: number) => number) => {
      const body = new Body(patientNamed('adult#001'))
      for (let m = 0; m < 120; m++) body.step({ carbs: plan(m), insulin: 0.02 })
      return body.states
    }
    expect(at((m) => (m === 0 ? 45 : 0))).toEqual(at((m) => (m < 9 ? 5 : 0)))
  })
})

test("the children's carbohydrate ratios are those that the tuning finds, and keep its law", () => {
  for (const child of patientsOf('child')) {
    const tuned = tunedCarbRatio(child)
    expect(Math.abs(carbRatioOf(child) - tuned)).toBeLessThanOrEqual(0.051)
    expect(carbRatioOf(child)).not.toBe(child.carbRatio)
  }
  const adult = patientNamed('adult#001')
  expect(carbRatioOf(adult)).toBe(adult.carbRatio)
})
