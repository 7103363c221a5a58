/**
 * What is known when somebody is about to eat: the state of glucose, the meal, and the formula's answer.
 *
 * Law: nothing from after the instant is looked at; stale or missing data give a code and no situation.
 */
import type { Samples } from '../../series/index.ts'
import { type Grams, type MgPerDl, quantity } from '../../vocabulary/index.ts'
import { insulinOnBoard } from '../data/on-board.ts'
import type { Events } from '../data/trace.ts'
import { bolusFormula, type FormulaTerms } from './formula.ts'
import { checkCarbs, checkTherapy, type DoseLimits, type Therapy } from './therapy.ts'

/** A person's record; all three lists ascend by instant and may reach beyond the instant looked at. */
export interface DoseRecord {
  /** Sensor glucose, mg/dL. */
  readonly glucose: Samples
  /** Rapid-acting insulin, U. */
  readonly boluses: Events
  /** Carbohydrate as counted, g. */
  readonly meals: Events
  readonly therapy: Therapy
  /** Instant from which on every bolus is known, seconds since 1970 UTC. */
  readonly bolusesKnownSince: number
}

export interface Situation {
  /** Seconds since 1970 UTC. */
  readonly at: number
  readonly glucose: MgPerDl
  /** mg/dL per minute over the last quarter of an hour. */
  readonly rate: number
  readonly carbs: Grams
  /** U. */
  readonly onBoard: number
  readonly therapy: Therapy
  /** As the limits let it be: without correction when low or falling. */
  readonly formula: FormulaTerms
  /** Whether the dose may be more than the formula's: not when low or falling, nor after a low of the last hours. */
  readonly mayAdd: boolean
}

export const WITHHELD = [
  /** No reading in the quarter of an hour before. */
  'GLUCOSE_STALE',
  /** Too few readings in the last half hour to know where glucose is heading. */
  'GLUCOSE_MISSING',
  /** A reading outside 20–600 mg/dL. */
  'GLUCOSE_IMPLAUSIBLE',
  /** Boluses of the last six hours are not all known, so insulin on board is not. */
  'INSULIN_UNKNOWN',
  /** Glucose is low: eat first. */
  'GLUCOSE_LOW',
] as const
/** Why no dose is proposed. */
export type Withheld = (typeof WITHHELD)[number]

const STALE_SECONDS = 15 * 60
const TREND_SECONDS = 15 * 60
const LOOK_BACK_SECONDS = 30 * 60
const LEAST_READINGS = 2
/** A reading below this within the last hours: the body is still taking in what was eaten against it, mg/dL. */
const LATELY_LOW = 75
const LATELY_SECONDS = 6 * 3600
/** Insulin acts for 6 h after a delay of 10 min. */
const INSULIN_SECONDS = 370 * 60

/** The situation at an instant, or why there is none. Throws `BAD_THERAPY`, `BAD_MEAL`. */
export function situationAt(
  record: DoseRecord,
  at: number,
  carbs: Grams,
  limits: DoseLimits,
): Situation | { readonly withheld: Withheld } {
  checkTherapy(record.therapy)
  checkCarbs(carbs)
  const { glucose } = record
  const end = firstAfter(glucose.at, at)
  const first = firstAfter(glucose.at, at - LOOK_BACK_SECONDS)
  const last = end - 1
  if (last < 0 || at - (glucose.at[last] ?? 0) > STALE_SECONDS) return { withheld: 'GLUCOSE_STALE' }
  if (end - first < LEAST_READINGS) return { withheld: 'GLUCOSE_MISSING' }
  for (let i = first; i < end; i++) {
    const value = glucose.value[i] ?? Number.NaN
    if (!(value >= 20 && value <= 600)) return { withheld: 'GLUCOSE_IMPLAUSIBLE' }
  }
  if (at - record.bolusesKnownSince < INSULIN_SECONDS) return { withheld: 'INSULIN_UNKNOWN' }
  const now = quantity<MgPerDl>(glucose.value[last] ?? Number.NaN)
  if (now < limits.lowGlucose) return { withheld: 'GLUCOSE_LOW' }
  const rate = slope(glucose, firstAfter(glucose.at, (glucose.at[last] ?? 0) - TREND_SECONDS - 1), end, first)
  const onBoard = insulinOnBoard(before(record.boluses, at), at)
  const corrects = now >= limits.correctFrom && rate >= limits.fallingRate
  const formula = bolusFormula(record.therapy, carbs, now, onBoard, corrects)
  const lately = glucose.value.subarray(firstAfter(glucose.at, at - LATELY_SECONDS), end)
  const mayAdd = corrects && !lately.some((value) => value < LATELY_LOW)
  return { at, glucose: now, rate, carbs, onBoard, therapy: record.therapy, formula, mayAdd }
}

/** Place of the first instant after `at`. */
export function firstAfter(instants: Float64Array, at: number): number {
  let low = 0
  let high = instants.length
  while (low < high) {
    const middle = (low + high) >> 1
    if ((instants[middle] ?? 0) <= at) low = middle + 1
    else high = middle
  }
  return low
}

/** Boluses strictly before an instant: the one that is being decided does not count as on board. */
function before(events: Events, at: number): Events {
  let end = firstAfter(events.at, at)
  while (end > 0 && events.at[end - 1] === at) end--
  return { at: events.at.subarray(0, end), amount: events.amount.subarray(0, end) }
}

/** Least-squares slope, mg/dL per minute; from `wide` where the narrow stretch holds a single reading. */
function slope(glucose: Samples, narrow: number, end: number, wide: number): number {
  const from = end - narrow >= LEAST_READINGS ? narrow : wide
  const n = end - from
  const origin = glucose.at[from] ?? 0
  let sx = 0
  let sy = 0
  let sxx = 0
  let sxy = 0
  for (let i = from; i < end; i++) {
    const x = ((glucose.at[i] ?? 0) - origin) / 60
    const y = glucose.value[i] ?? 0
    sx += x
    sy += y
    sxx += x * x
    sxy += x * y
  }
  const below = n * sxx - sx * sx
  return below > 0 ? (n * sxy - sx * sy) / below : 0
}
