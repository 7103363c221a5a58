import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Glucose } from '../series/index.ts'
import { reading } from '../series/testing/shared-data.ts'
import { type LocalSeconds, MG_PER_DL_PER_MMOL_PER_L, quantity } from '../vocabulary/index.ts'
import { episodeSummaries, episodes } from './episodes.ts'
import { grade } from './grade.ts'
import { report } from './report.ts'
import { documentOf, reportDocument } from './report-document.ts'
import { riskIndices } from './risk.ts'
import { traceOf } from './trace.ts'
import { densestPeriod, isSufficient, wearBetween, wearOfLastDays } from './wear.ts'

const DAY = 288
/** A trace every 5 minutes from midnight on. */
const trace = (values: readonly number[]): readonly Glucose[] =>
  values.map((value, i) => reading((i + 1) * 300, value))
const arbitraryTrace = fc
  .array(fc.tuple(fc.integer({ min: 1, max: 12 }), fc.integer({ min: 39, max: 401 })), {
    minLength: 1,
    maxLength: 120,
  })
  .map((steps) => {
    let at = 0
    return steps.map(([wait, value]) => {
      at += wait * 300
      return reading(at, value)
    })
  })

describe('laws of the report', () => {
  test('the order of readings changes nothing', () => {
    fc.assert(
      fc.property(
        arbitraryTrace.chain((readings) =>
          fc.tuple(fc.constant(readings), fc.shuffledSubarray(readings, { minLength: readings.length })),
        ),
        ([readings, shuffled]) => {
          expect(reportDocument(shuffled)).toEqual(reportDocument(readings))
        },
      ),
      { numRuns: 60 },
    )
  })

  test('writing whole mg/dL as unrounded mmol/L changes nothing', () => {
    fc.assert(
      fc.property(arbitraryTrace, (readings) => {
        const mmol = readings.map((r) => ({
          ...r,
          unit: 'mmol/L' as const,
          value: r.value / MG_PER_DL_PER_MMOL_PER_L,
        }))
        expect(reportDocument(mmol)).toEqual(reportDocument(readings))
      }),
      { numRuns: 60 },
    )
  })

  test('adding a constant shifts the mean by it and leaves every spread and difference alone', () => {
    fc.assert(
      fc.property(arbitraryTrace, fc.integer({ min: 1, max: 150 }), (readings, plus) => {
        const before = reportDocument(readings)
        const after = reportDocument(readings.map((r) => ({ ...r, value: r.value + plus })))
        expect(after.mean_mgdl).toBeCloseTo((before.mean_mgdl ?? 0) + plus, 9)
        for (const name of [
          'sd_mgdl',
          'mad_mgdl',
          'iqr_mgdl',
          'modd_mgdl',
          'conga1_mgdl',
          'mage_mgdl',
          'gvp_percent',
        ] as const) {
          if (before[name] === null) expect(after[name]).toBeNull()
          else expect(after[name]).toBeCloseTo(before[name], 7)
        }
      }),
      { numRuns: 60 },
    )
  })

  test('the shares nest and sum: below + in range + above is 100, level 2 inside level 1', () => {
    fc.assert(
      fc.property(arbitraryTrace, (readings) => {
        const d = reportDocument(readings)
        expect((d.tbr70_percent ?? 0) + (d.tir_percent ?? 0) + (d.tar180_percent ?? 0)).toBeCloseTo(100, 9)
        expect(d.tbr54_percent).toBeLessThanOrEqual(d.tbr70_percent ?? 0)
        expect(d.tar250_percent).toBeLessThanOrEqual(d.tar180_percent ?? 0)
        expect(d.titr_percent).toBeLessThanOrEqual(d.tir_percent ?? 0)
        const parts = [d.grade_hypo_percent, d.grade_eu_percent, d.grade_hyper_percent]
        if (parts.every((part) => part !== null)) {
          expect(parts.reduce((sum: number, part) => sum + (part ?? 0), 0)).toBeCloseTo(100, 9)
        }
        for (const bin of d.profile) {
          const levels = [bin.p05, bin.p25, bin.p50, bin.p75, bin.p95]
          expect(levels.every((level) => (level === null) === (bin.n === 0))).toBe(true)
          expect(levels).toEqual([...levels].sort((a, b) => (a ?? 0) - (b ?? 0)))
        }
      }),
      { numRuns: 60 },
    )
  })

  test('what is unknown is null, never zero: no readings, one reading', () => {
    const none = reportDocument([])
    const { readings, sufficient, ranges, episodes: all, profile, ...figures } = none
    expect({ readings, sufficient }).toEqual({ readings: 0, sufficient: false })
    expect(Object.values(figures).every((value) => value === null)).toBe(true)
    expect(ranges.bands.every(({ percent }) => percent === null)).toBe(true)
    expect(all.every(({ count, per_day }) => count === 0 && per_day === null)).toBe(true)
    expect(profile).toHaveLength(288)
    const one = reportDocument([reading(3000, 100)])
    expect(one).toMatchObject({
      readings: 1,
      mean_mgdl: 100,
      sd_mgdl: null,
      cv_percent: null,
      modd_mgdl: null,
      gvp_percent: null,
    })
  })

  test('the preset moves the target, never a figure whose name holds a border', () => {
    const readings = trace([60, 65, 100, 150, 200])
    const standard = reportDocument(readings)
    const pregnancy = reportDocument(readings, { range: 'pregnancy' })
    expect(standard.tir_percent).toBe(40)
    expect(pregnancy.tir_percent).toBe(40)
    expect(reportDocument(trace([65]), { range: 'pregnancy' }).tir_percent).toBe(100)
    expect({ ...pregnancy, tir_percent: 0, ranges: 0 }).toEqual({ ...standard, tir_percent: 0, ranges: 0 })
    expect(reportDocument(trace([150]), { range: 'pregnancy' }).tir_percent).toBe(0)
  })

  test('goals are judged strictly: 4 % below 70 does not meet "less than 4 %"', () => {
    const readings = trace(Array.from({ length: 100 }, (_, i) => (i < 4 ? 60 : 100)))
    const goals = report(readings).goals
    expect(goals.find(({ goal }) => goal.what === 'below')).toMatchObject({ percent: 4, met: false })
    expect(goals.find(({ goal }) => goal.what === 'in-range')).toMatchObject({ percent: 96, met: true })
  })

  test('a wall clock of the caller replaces the one of the readings', () => {
    const later = reportDocument(trace([100]), { localClock: (at) => quantity<LocalSeconds>(at + 3600) })
    expect(later.profile.filter(({ n }) => n > 0).map(({ minute }) => minute)).toEqual([65])
  })

  test('the document of a report is the report document', () => {
    const readings = trace([100, 110, 90])
    expect(documentOf(report(readings))).toEqual(reportDocument(readings))
  })
})

describe('episodes', () => {
  const flat = (n: number, value = 100): readonly number[] => Array.from({ length: n }, () => value)
  const hypo = (values: readonly number[]) =>
    episodeSummaries(traceOf(trace(values)).grid).filter(({ type }) => type === 'hypo')
  const counts = (values: readonly number[]) => hypo(values).map(({ count }) => count)

  test.each([
    { values: [...flat(9), 60, 60, ...flat(9)], counts: [0, 0, 0, 0], why: 'ten minutes are no episode' },
    { values: [...flat(9), 60, 60, 60, ...flat(9)], counts: [1, 0, 1, 0], why: 'fifteen minutes are one' },
    {
      values: [...flat(9), 60, 60, 60, 80, 80, 60, 60, ...flat(9)],
      counts: [1, 0, 1, 0],
      why: 'ten minutes back do not end it',
    },
    {
      values: [...flat(9), 60, 60, 60, 80, 80, 80, 60, 60, 60, ...flat(9)],
      counts: [2, 0, 2, 0],
      why: 'fifteen minutes back do',
    },
    {
      values: [...flat(9), 60, 50, 50, 50, 60, ...flat(9)],
      counts: [1, 1, 0, 0],
      why: 'a very low one is not level 1 exclusive',
    },
    {
      values: [...flat(9), ...flat(24, 60), ...flat(9)],
      counts: [1, 0, 1, 1],
      why: 'two hours are extended',
    },
    {
      values: [...flat(9), ...flat(23, 60), ...flat(9)],
      counts: [1, 0, 1, 0],
      why: 'five minutes less are not',
    },
    { values: [...flat(9), 70, 70, 70, 70, ...flat(9)], counts: [0, 0, 0, 0], why: '70 itself is not low' },
  ])('$why', ({ values, counts: expected }) => {
    expect(counts(values)).toEqual(expected)
  })

  test('a length and a mean are those of the time below', () => {
    expect(hypo([...flat(9), 60, 50, 52, 54, ...flat(9)])[0]).toMatchObject({
      meanMinutes: 20,
      meanGlucose: 54,
    })
  })

  test('episodes are apart, and level 2 time lies inside level 1 time', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 40, max: 110 }), { minLength: 1, maxLength: 300 }), (values) => {
        const { grid } = traceOf(trace(values))
        const one = episodes(grid, (v) => v < 70)
        const two = episodes(grid, (v) => v < 54)
        one.forEach((episode, i) => {
          expect(episode.end - episode.first).toBeGreaterThanOrEqual(3)
          const next = one[i + 1]
          if (next !== undefined) expect(next.first - episode.end).toBeGreaterThanOrEqual(3)
        })
        for (const inner of two) {
          expect(one.some(({ first, end }) => first <= inner.first && inner.first + 3 <= end)).toBe(true)
        }
        const [level1, level2, exclusive] = episodeSummaries(grid)
        expect(exclusive?.count).toBeLessThanOrEqual(level1?.count ?? 0)
        expect((level1?.count ?? 0) - (exclusive?.count ?? 0)).toBeLessThanOrEqual(level2?.count ?? 0)
      }),
      { numRuns: 100 },
    )
  })
})

describe('wear', () => {
  const samples = (slots: readonly number[]) => ({
    at: Float64Array.from(slots, (slot) => slot * 300),
    local: Float64Array.from(slots, (slot) => slot * 300),
  })

  test('counts readings present out of those and the whole steps missing between', () => {
    expect(wearBetween(samples([0, 1, 3]), 300)).toEqual({ readings: 3, expected: 4, percent: 75 })
  })

  test('over the last calendar days counts days without any reading too', () => {
    const week = Array.from({ length: 7 * DAY }, (_, i) => i)
    expect(wearOfLastDays(samples(week), 300)).toEqual({ readings: 2016, expected: 4032, percent: 50 })
  })

  test.each([
    { days: 14, every: 1, sufficient: true, why: 'fourteen full days' },
    { days: 13, every: 1, sufficient: false, why: 'thirteen full days' },
    { days: 20, every: 2, sufficient: false, why: 'half of the readings' },
  ])('$why: $sufficient', ({ days, every, sufficient }) => {
    const slots = Array.from({ length: days * DAY }, (_, i) => i).filter((i) => i % every === 0)
    expect(isSufficient(wearBetween(samples(slots), 300), 300)).toBe(sufficient)
  })

  test('a sparse trace names its fullest fourteen days', () => {
    const early = [0, 1, 2, 3]
    const dense = Array.from({ length: 5 * DAY }, (_, i) => 300 * DAY + i)
    expect(densestPeriod(samples([...early, ...dense]))).toEqual({ first: 4, end: 4 + dense.length })
    const readings = [...early, ...dense].map((slot) => reading(slot * 300, 100))
    expect(report(readings).dense?.wear).toMatchObject({ readings: dense.length, percent: 100 })
    expect(report(readings.slice(4)).dense).toBeNull()
  })
})

test('risk is nothing at 112.5 mg/dL and grows to both sides; absurd lows stay finite', () => {
  const at = (value: number) => riskIndices(traceOf([reading(0, value)]).samples)
  expect((at(112.5).lbgi ?? 1) + (at(112.5).hbgi ?? 1)).toBeLessThan(1e-3)
  expect(at(50).lbgi).toBeGreaterThan(at(60).lbgi ?? 0)
  expect(at(300).hbgi).toBeGreaterThan(at(200).hbgi ?? 0)
  expect(at(0.5).lbgi).toSatisfy(Number.isFinite)
  expect(grade(Float64Array.of(12))).toEqual({ grade: 50, hypo: 100, eu: 0, hyper: 0 })
})

test('hostile but well-formed traces are reported: two readings a century apart, many at one instant', () => {
  expect(reportDocument([reading(0, 100), reading(3_000_000_000, 120)]).wear_percent).toBeLessThan(0.001)
  const crowd = Array.from({ length: 50 }, (_, i) => reading(3000, 50 + i))
  expect(reportDocument(crowd)).toMatchObject({ readings: 50, wear_percent: 100, days: 0 })
})
