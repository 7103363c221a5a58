/**
 * A synthetic table that looks like dose support: what a meal's insulin depends on, with noise; seeded, the same everywhere.
 *
 * Columns: carbohydrate, glucose, slope, insulin on board, ratio, sensitivity, hour, activity, and twelve that say little.
 * Target: meal bolus + correction − insulin on board, with interactions, in units; noise of SD 0.4 U.
 */
import { type Random, randomStream } from '../../src/physiology/index.ts'

export const DOSE_COLUMNS = [
  'carbs',
  'glucose',
  'slope',
  'on_board',
  'ratio',
  'sensitivity',
  'hour',
  'activity',
  ...Array.from({ length: 12 }, (_, i) => `other_${i + 1}`),
] as const
export const NOISE_SD = 0.4

export interface DoseTable {
  readonly rows: number
  readonly columns: readonly string[]
  /** columns × rows, one column after the other. */
  readonly values: Float32Array
  readonly target: Float64Array
}

/** `missing`: share of values left out, 0–1. */
export function doseTable(seed: number, rows: number, missing = 0): DoseTable {
  const random = randomStream(seed, 'dose table')
  const gone = randomStream(seed, 'missing')
  const values = new Float32Array(DOSE_COLUMNS.length * rows)
  const target = new Float64Array(rows)
  for (let r = 0; r < rows; r++) {
    const row = drawRow(random)
    target[r] = doseOf(row) + NOISE_SD * random.normal()
    row.forEach((value, c) => {
      values[c * rows + r] = missing > 0 && gone.chance(missing) ? Number.NaN : value
    })
  }
  return { rows, columns: DOSE_COLUMNS, values, target }
}

function drawRow(random: Random): number[] {
  const carbs = random.chance(0.25) ? 0 : 45 * Math.exp(0.5 * random.normal())
  const glucose = Math.min(400, Math.max(40, 150 * Math.exp(0.35 * random.normal())))
  const row = [
    carbs,
    glucose,
    10 * random.normal(),
    Math.max(0, 1.5 * random.normal() + 0.5),
    10 * Math.exp(0.3 * random.normal()),
    45 * Math.exp(0.35 * random.normal()),
    24 * random.uniform(),
    Math.max(0, random.normal()),
  ]
  while (row.length < DOSE_COLUMNS.length)
    row.push(random.normal() + (row.length % 3 === 0 ? glucose / 100 : 0))
  return row
}

function doseOf(row: readonly number[]): number {
  const [carbs = 0, glucose = 0, slope = 0, onBoard = 0, ratio = 1, sensitivity = 1, hour = 0, activity = 0] =
    row
  const dawn = 1 + 0.2 * Math.exp(-((hour - 7) ** 2) / 8)
  const correction = glucose > 100 && slope > -10 ? Math.max(0, glucose - 120) / sensitivity : 0
  return Math.max(0, (carbs / ratio) * dawn * (1 - 0.15 * Math.min(2, activity)) + correction - onBoard)
}
