/**
 * Meals of a record with what came of them: the situation before, the dose given, glucose later and at its lowest.
 *
 * Law: an outcome is read before the next meal or bolus, so that it belongs to this dose; a meal without its outcome is
 * left out. The outcome of `later` is the mean of the last half hour before the earlier of 3½ hours and what came next;
 * where somebody had to eat because glucose was low, that low is the outcome, however soon it came.
 */
import { type Grams, quantity } from '../../vocabulary/index.ts'
import { type DoseRecord, firstAfter, type Situation, situationAt } from './situation.ts'
import type { DoseLimits } from './therapy.ts'

export interface ObservedMeal {
  readonly situation: Situation
  /** Units given within ten minutes of the meal. */
  readonly given: number
  /** mg/dL. */
  readonly later: number
  /** mg/dL, from half an hour after the meal until what came next, at most five hours. */
  readonly lowest: number
  /** Minutes from the meal to the end of `later`. */
  readonly minutes: number
}

const BOLUS_NEAR_SECONDS = 10 * 60
const LATER_MINUTES = 210
const LEAST_MINUTES = 105
const LATER_SPAN = 30 * 60
const LOWEST_MINUTES = 300
const LEAST_READINGS = 3
const RESCUE_BELOW = 70
const RESCUE_SPAN = 10 * 60
const RESCUE_LEAST_MINUTES = 20

/** All meals from `from` up to and not beyond `until` (seconds) whose outcome is known by then. */
export function observedMeals(
  record: DoseRecord,
  limits: DoseLimits,
  from = Number.NEGATIVE_INFINITY,
  until = Number.POSITIVE_INFINITY,
): readonly ObservedMeal[] {
  const found: ObservedMeal[] = []
  const { meals } = record
  for (let m = firstAfter(meals.at, from); m < meals.at.length; m++) {
    const at = meals.at[m] ?? 0
    if (at > until) break
    const meal = observed(record, limits, at, quantity<Grams>(meals.amount[m] ?? 0), until)
    if (meal !== undefined) found.push(meal)
  }
  return found
}

function observed(
  record: DoseRecord,
  limits: DoseLimits,
  at: number,
  carbs: Grams,
  until: number,
): ObservedMeal | undefined {
  const next = Math.min(nextEvent(record, at), until)
  const end = Math.min(at + LATER_MINUTES * 60, next)
  const rescued = next < until && end === next && isRescue(record, next)
  if (end - at < (rescued ? RESCUE_LEAST_MINUTES : LEAST_MINUTES) * 60) return undefined
  const later = rescued ? span(record, end - RESCUE_SPAN, end) : span(record, end - LATER_SPAN, end)
  const lowest = span(record, at + (rescued ? 0 : 30 * 60), Math.min(at + LOWEST_MINUTES * 60, next))
  if (later.count < (rescued ? 1 : LEAST_READINGS) || lowest.count < LEAST_READINGS) return undefined
  const situation = situationAt(record, at, carbs, limits)
  if ('withheld' in situation) return undefined
  return {
    situation,
    given: givenAt(record, at),
    later: later.mean,
    lowest: lowest.least,
    minutes: (end - at) / 60,
  }
}

/** Whether what was eaten then was eaten against a low: glucose under 70 mg/dL and no insulin with it. */
function isRescue(record: DoseRecord, at: number): boolean {
  const last = firstAfter(record.glucose.at, at) - 1
  const fresh = at - (record.glucose.at[last] ?? Number.NEGATIVE_INFINITY) <= RESCUE_SPAN
  return fresh && (record.glucose.value[last] ?? RESCUE_BELOW) < RESCUE_BELOW && givenAt(record, at) === 0
}

/** The next meal, or bolus that is not this meal's own. */
function nextEvent({ meals, boluses }: DoseRecord, at: number): number {
  const meal = meals.at[firstAfter(meals.at, at)] ?? Number.POSITIVE_INFINITY
  const bolus = boluses.at[firstAfter(boluses.at, at + BOLUS_NEAR_SECONDS)] ?? Number.POSITIVE_INFINITY
  return Math.min(meal, bolus)
}

function givenAt({ boluses }: DoseRecord, at: number): number {
  let units = 0
  for (let i = firstAfter(boluses.at, at - 1); i < boluses.at.length; i++) {
    if ((boluses.at[i] ?? 0) > at + BOLUS_NEAR_SECONDS) break
    units += boluses.amount[i] ?? 0
  }
  return units
}

function span(
  { glucose }: DoseRecord,
  from: number,
  to: number,
): { readonly count: number; readonly mean: number; readonly least: number } {
  let sum = 0
  let count = 0
  let least = Number.POSITIVE_INFINITY
  for (let i = firstAfter(glucose.at, from); i < glucose.at.length; i++) {
    if ((glucose.at[i] ?? 0) > to) break
    const value = glucose.value[i] ?? 0
    sum += value
    count++
    least = Math.min(least, value)
  }
  return { count, mean: sum / Math.max(1, count), least }
}
