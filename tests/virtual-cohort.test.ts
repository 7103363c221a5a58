/** The virtual cohort is believable, measured with the metrics that real people are measured with. */
import { describe, expect, test } from 'vitest'
import { type ReportDocument, reportDocument } from '../src/glycemia/index.ts'
import { type AgeGroup, cohort, USUAL_HABITS } from '../src/physiology/index.ts'
import type { Glucose } from '../src/series/index.ts'

const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[values.length >> 1] ?? Number.NaN

function reports(group: AgeGroup, people: number, seed: number): readonly ReportDocument[] {
  const ages = { adult: 0, adolescent: 0, child: 0, [group]: 1 }
  const made = cohort({ seed, people, days: 14, habits: { ...USUAL_HABITS, ages } })
  return made.people.map(({ records }) =>
    reportDocument(records.filter((r): r is Glucose => r.type === 'glucose')),
  )
}

const medianOf = (
  all: readonly ReportDocument[],
  name: 'tir_percent' | 'cv_percent' | 'tbr70_percent' | 'wear_percent',
) => median(all.map((document) => document[name] ?? Number.NaN))

describe.each([1, 2026])('twenty virtual adults over fourteen days, seed %i', (seed) => {
  const adults = reports('adult', 20, seed)

  test('median time in range is 60–90 %, CV 28–45 %, time below 70 is 1–6 %', () => {
    expect(medianOf(adults, 'tir_percent')).toBeGreaterThanOrEqual(60)
    expect(medianOf(adults, 'tir_percent')).toBeLessThanOrEqual(90)
    expect(medianOf(adults, 'cv_percent')).toBeGreaterThanOrEqual(28)
    expect(medianOf(adults, 'cv_percent')).toBeLessThanOrEqual(45)
    expect(medianOf(adults, 'tbr70_percent')).toBeGreaterThanOrEqual(1)
    expect(medianOf(adults, 'tbr70_percent')).toBeLessThanOrEqual(6)
  })

  test('sensors are worn as sensors are, people differ, and the traces suffice to judge', () => {
    expect(medianOf(adults, 'wear_percent')).toBeGreaterThan(90)
    expect(medianOf(adults, 'wear_percent')).toBeLessThan(99)
    const shares = adults.map(({ tir_percent }) => tir_percent ?? 0)
    expect(Math.max(...shares) - Math.min(...shares)).toBeGreaterThan(15)
    expect(adults.every(({ sufficient }) => sufficient)).toBe(true)
  })
})

test.each(['adolescent', 'child'] as const)(
  '%ss are no caricature either: time below 70 under 6 %, in range 55–92 %',
  (group) => {
    const all = reports(group, 20, 1)
    expect(medianOf(all, 'tbr70_percent')).toBeLessThan(6)
    expect(medianOf(all, 'tir_percent')).toBeGreaterThan(55)
    expect(medianOf(all, 'tir_percent')).toBeLessThan(92)
  },
)
