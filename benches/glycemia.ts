/**
 * A year of one patient reported, and virtual patients lived, beside plain work on the same numbers in the same run.
 *
 * Each figure is the median over runs of one process; `against` says what the ratio divides by.
 */
import type { BenchDocument } from '../src/api/documents.door.ts'
import { distribution, drawSvg, report, reportDocument, traceOf } from '../src/glycemia/index.ts'
import { Body, cohort, PATIENTS } from '../src/physiology/index.ts'
import type { Glucose } from '../src/series/index.ts'

type Row = BenchDocument['rows'][number]

function medianSeconds(runs: number, work: () => unknown): number {
  work()
  const times = Array.from({ length: runs }, () => {
    const from = performance.now()
    work()
    return (performance.now() - from) / 1000
  })
  return times.sort((a, b) => a - b)[runs >> 1] ?? 0
}

function row(name: string, value: number, unit: string, against: string, ratio: number, runs: number): Row {
  return { name, value, unit, against, ratio, runs }
}

/** Rows of `islet.bench/1`. */
export async function bench({ quick }: { readonly quick: boolean }): Promise<readonly Row[]> {
  const runs = quick ? 3 : 9
  const year = cohort({ seed: 1, people: 1, days: 372 }).people[0]?.records ?? []
  const readings = year.filter((record): record is Glucose => record.type === 'glucose').slice(0, 105_120)
  const parsed = JSON.stringify(readings)
  const json = medianSeconds(runs, () => JSON.parse(parsed))
  const whole = medianSeconds(runs, () => reportDocument(readings))
  const columns = medianSeconds(runs, () => traceOf(readings))
  const { samples } = traceOf(readings)
  const spread = medianSeconds(runs, () => distribution(samples.value))
  const made = report(readings)
  const drawing = medianSeconds(runs, () => drawSvg(made))

  const life = medianSeconds(runs, () => cohort({ seed: 1, people: 10, days: 14 }))
  const body = medianSeconds(runs, () => {
    for (const patient of PATIENTS.slice(0, 10)) {
      const one = new Body(patient)
      for (let minute = 0; minute < 14 * 1440; minute++)
        one.step({ carbs: minute % 300 === 0 ? 45 : 0, insulin: 0.02 })
    }
  })
  const n = readings.length
  return [
    row(
      `report of a year (${n} readings)`,
      whole * 1000,
      'ms',
      'JSON.parse of the same readings',
      whole / json,
      runs,
    ),
    row('report of a year, share of the 150 ms allowed', whole * 1000, 'ms', '150 ms', whole / 0.15, runs),
    row('of which columns and grid', columns * 1000, 'ms', 'the whole report', columns / whole, runs),
    row('of which mean, SD, quantiles, MAD', spread * 1000, 'ms', 'the whole report', spread / whole, runs),
    row('SVG sheet of that report', drawing * 1000, 'ms', 'the whole report', drawing / whole, runs),
    row(
      '10 virtual people × 14 days',
      life * 1000,
      'ms',
      'the bare model over the same minutes',
      life / body,
      runs,
    ),
    row('10 virtual people × 14 days, share of the 1 s allowed', life * 1000, 'ms', '1000 ms', life, runs),
  ]
}
