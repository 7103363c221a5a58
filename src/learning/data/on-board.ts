/**
 * Insulin and carbohydrate on board: how much of what was taken has not acted yet.
 *
 * Law: each curve falls from 1 to 0 and never rises; only events at or before the instant count.
 * Source: insulin, the exponential activity model of LoopKit (ExponentialInsulinModel, after Maksimovic), rapid-acting
 * adult preset: action 360 min, peak 75 min, delay 10 min; carbohydrate, the parabolic absorption of Scheiner, "Think
 * Like a Pancreas", as LoopKit's CarbMath states it, 3 h with a 10 min delay.
 */
import type { Events } from './trace.ts'

const ACTION_MINUTES = 360
const PEAK_MINUTES = 75
const DELAY_MINUTES = 10
const ABSORPTION_MINUTES = 180

const TAU = (PEAK_MINUTES * (1 - PEAK_MINUTES / ACTION_MINUTES)) / (1 - (2 * PEAK_MINUTES) / ACTION_MINUTES)
const RISE = (2 * TAU) / ACTION_MINUTES
const SCALE = 1 / (1 - RISE + (1 + RISE) * Math.exp(-ACTION_MINUTES / TAU))

/** Share of a bolus still to act `minutes` after it. */
export function insulinRemaining(minutes: number): number {
  const t = minutes - DELAY_MINUTES
  if (t <= 0) return 1
  if (t >= ACTION_MINUTES) return 0
  const bracket = (t * t) / (TAU * ACTION_MINUTES * (1 - RISE)) - t / TAU - 1
  return 1 - SCALE * (1 - RISE) * (bracket * Math.exp(-t / TAU) + 1)
}

/** Share of a meal's carbohydrate still to be absorbed `minutes` after it. */
export function carbsRemaining(minutes: number): number {
  const share = (minutes - DELAY_MINUTES) / ABSORPTION_MINUTES
  if (share <= 0) return 1
  if (share >= 1) return 0
  return share < 0.5 ? 1 - 2 * share * share : 2 * (1 - share) * (1 - share)
}

/** U on board at an instant. */
export function insulinOnBoard(boluses: Events, at: number): number {
  return onBoard(boluses, at, insulinRemaining, ACTION_MINUTES + DELAY_MINUTES)
}

/** g on board at an instant. */
export function carbsOnBoard(meals: Events, at: number): number {
  return onBoard(meals, at, carbsRemaining, ABSORPTION_MINUTES + DELAY_MINUTES)
}

function onBoard(
  events: Events,
  at: number,
  remaining: (minutes: number) => number,
  longestMinutes: number,
): number {
  let sum = 0
  for (let i = lastAtOrBefore(events.at, at); i >= 0; i--) {
    const minutes = (at - (events.at[i] ?? 0)) / 60
    if (minutes >= longestMinutes) break
    sum += (events.amount[i] ?? 0) * remaining(minutes)
  }
  return sum
}

function lastAtOrBefore(instants: Float64Array, at: number): number {
  let low = 0
  let high = instants.length
  while (low < high) {
    const middle = (low + high) >> 1
    if ((instants[middle] ?? 0) <= at) low = middle + 1
    else high = middle
  }
  return low - 1
}
