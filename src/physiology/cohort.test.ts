import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Glucose, HealthRecord, Insulin } from '../series/index.ts'
import { quantity, type UnixSeconds } from '../vocabulary/index.ts'
import { cohort, cohortManifest, livePerson, livingPerson } from './cohort.ts'
import { siteHabits, USUAL_HABITS } from './habits.ts'
import { SIMULATED_EVENT } from './person.ts'
import { FIFTEEN_MINUTE_SENSOR } from './sensor.ts'

const small = { seed: 11, people: 3, days: 2 }

describe('a cohort', () => {
  test('is the same bytes for the same scenario, and others for another seed', () => {
    const bytes = (seed: number) => JSON.stringify(cohort({ ...small, seed }))
    expect(bytes(11)).toBe(bytes(11))
    expect(bytes(11)).not.toBe(bytes(12))
  })

  test('is made again from its manifest after a round through JSON', () => {
    const made = cohort(small)
    const kept: typeof made.manifest = JSON.parse(JSON.stringify(made.manifest))
    expect(kept.people.map((_, n) => livePerson(kept, n))).toEqual(made.people)
  })

  test('lived piece by piece is the life lived at once, and nothing is told before its time', () => {
    const manifest = cohortManifest({ ...small, people: 1 })
    const { start } = manifest.scenario
    const whole = livePerson(manifest, 0).records
    const inOrder = (records: readonly HealthRecord[]) =>
      records.map((record) => JSON.stringify(record)).sort()
    const moments = fc.array(fc.integer({ min: -600, max: 2 * 86_400 }), { maxLength: 5 })
    fc.assert(
      fc.property(moments, (after) => {
        const life = livingPerson(manifest, 0)
        const told = [...after.sort((a, b) => a - b), 3 * 86_400].flatMap((seconds) => {
          const until = quantity<UnixSeconds>(start + seconds)
          const piece = life.until(until)
          expect(piece.every(({ at }) => at <= until)).toBe(true)
          return piece
        })
        expect(inOrder(told)).toEqual(inOrder(whole))
      }),
      { numRuns: 10 },
    )
  })

  test('gains people without changing those who were there', () => {
    expect(cohort({ ...small, people: 5 }).people.slice(0, 3)).toEqual(cohort(small).people)
  })

  test('says that it is simulated: in the manifest, on each person and in the first record', () => {
    const made = cohort(small)
    expect(made.manifest.simulated).toBe(true)
    for (const person of made.people) {
      expect(person.simulated).toBe(true)
      expect(person.records[0]).toMatchObject({ type: 'device', event: SIMULATED_EVENT })
    }
  })

  test('has records in order of time inside the scenario, with the wall clock at its offset', () => {
    const { people, manifest } = cohort({ ...small, offsetMinutes: 60 })
    const { start, days } = manifest.scenario
    expect((start + 3600) % 86_400).toBe(0)
    for (const { records } of people) {
      const inOrder = records.every((record, i) => record.at >= (records[i - 1]?.at ?? start))
      const inside = records.every(({ at }) => at < start + days * 86_400)
      expect([inOrder, inside, records.every(({ at, local }) => local - at === 3600)]).toEqual([
        true,
        true,
        true,
      ])
      expect(new Set(records.map(({ type }) => type))).toEqual(
        new Set(['device', 'glucose', 'meal', 'insulin']),
      )
    }
  })

  test('delivers basal without a gap: hourly records that fill the days, stopped only for low glucose', () => {
    for (const { records } of cohort(small).people) {
      const basal = records.filter((r): r is Insulin => r.type === 'insulin' && r.delivery === 'basal')
      expect(basal.reduce((sum, { seconds }) => sum + (seconds ?? 0), 0)).toBe(small.days * 86_400)
      expect(basal.some(({ units }) => units > 0)).toBe(true)
    }
  })

  test('writes glucose as its device shows it: unit, step, whole numbers or one decimal, Low and High as text', () => {
    const habits = {
      ...USUAL_HABITS,
      unit: 'mmol/L' as const,
      sensor: { ...FIFTEEN_MINUTE_SENSOR, dropout: 0 },
    }
    const [person] = cohort({ ...small, days: 14, habits }).people
    const glucose = person?.records.filter((r): r is Glucose => r.type === 'glucose') ?? []
    expect(glucose.length).toBeGreaterThan(14 * 96 - 10)
    const wrong = glucose.filter(({ value, unit, text, at }) => {
      const shown = unit === 'mmol/L' && Math.round(value * 10) / 10 === value && at % 900 === 0
      return !(shown && (text !== undefined || (value >= 2.2 && value <= 27.8)))
    })
    expect(wrong).toEqual([])
  })

  test.each([
    { ...small, people: 0 },
    { ...small, days: 1.5 },
    { ...small, days: 1e9 },
    { ...small, seed: 0.1 },
  ])('an impossible scenario is refused', (scenario) => {
    expect(() => cohortManifest(scenario)).toThrow(expect.objectContaining({ code: 'BAD_SCENARIO' }))
  })

  test('a person whom the manifest does not name is refused', () => {
    expect(() => livePerson(cohortManifest(small), 3)).toThrow(
      expect.objectContaining({ code: 'NO_SUCH_PERSON' }),
    )
  })
})

test('institutions differ in ages, missed boluses, meals, devices and units, and are the same for the same seed', () => {
  const sites = siteHabits(4, 10)
  expect(siteHabits(4, 10)).toEqual(sites)
  expect(siteHabits(4, 12).slice(0, 10)).toEqual(sites)
  expect(new Set(sites.map(({ missedBolus }) => missedBolus)).size).toBe(10)
  expect(new Set(sites.map(({ unit }) => unit)).size).toBe(2)
  expect(new Set(sites.map(({ sensor }) => sensor.stepMinutes)).size).toBe(2)
  for (const { ages } of sites) expect(ages.adult + ages.adolescent + ages.child).toBeCloseTo(1, 12)
})
