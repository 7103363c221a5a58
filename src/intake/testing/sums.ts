/** Counting for tests: what a report adds up to, and time in range judged in the source unit. */
import type { Glucose } from '../../series/index.ts'
import { MG_PER_DL_PER_MMOL_PER_L } from '../../vocabulary/index.ts'
import type { IntakeDocument } from '../report.ts'

export function sum(document: IntakeDocument): number {
  let total = document.kept
  for (const count of Object.values(document.other)) total += count
  for (const { count } of document.dropped) total += count
  return total
}

/** Shares of readings in percent, and their mean in mg/dL; PROTOCOL 28. */
export function timeInRange(readings: readonly Glucose[]) {
  const share = (test: (mgdl: number, mmol: number | undefined) => boolean): number =>
    (100 * readings.filter((reading) => test(...judged(reading))).length) / readings.length
  return {
    inRange: share((mgdl, mmol) =>
      mmol === undefined ? mgdl >= 70 && mgdl <= 180 : mmol >= 3.9 && mmol <= 10,
    ),
    low: share((mgdl, mmol) => (mmol === undefined ? mgdl < 70 : mmol < 3.9)),
    veryLow: share((mgdl, mmol) => (mmol === undefined ? mgdl < 54 : mmol < 3)),
    high: share((mgdl, mmol) => (mmol === undefined ? mgdl > 180 : mmol > 10)),
    mean: readings.reduce((total, reading) => total + judged(reading)[0], 0) / readings.length,
  }
}

function judged({ value, unit }: Glucose): [mgdl: number, mmol: number | undefined] {
  if (unit === 'mg/dL') return [value, undefined]
  const mgdl = value * MG_PER_DL_PER_MMOL_PER_L
  const decimals = Math.abs(value * 100 - Math.round(value * 100)) > 1e-6
  if (decimals && Math.abs(mgdl - Math.round(mgdl)) < 1e-3) return [Math.round(mgdl), undefined]
  return [mgdl, value]
}

/** Bytes of text, as a caller would hand them over. */
export function bytes(text: string): Uint8Array {
  return new TextEncoder().encode(text)
}
