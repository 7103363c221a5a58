/**
 * UTC hours, the grain at which keys are cut: hour 0 is 1900-01-01T00Z (PROTOCOL 12).
 *
 * Law: a window of time is rounded inwards to whole hours, so that a reader never gets a minute more than was said.
 */
import { IsletError } from './errors.ts'
import { type Quantity, quantity, type UnixSeconds } from './units.ts'

/** Whole hours since 1900-01-01T00:00Z; 0 ≤ hour < 2^21 (the year 2139). */
export type UtcHour = Quantity<'h since 1900 UTC'>

/** Seconds from 1900-01-01T00:00Z to 1970-01-01T00:00Z: 25,567 days. */
export const EPOCH_1900_SECONDS = 2_208_988_800
/** Levels of the hour key tree; 2^21 hours reach from 1900 to 2139. */
export const HOUR_TREE_DEPTH = 21
/** The first hour beyond the tree. */
export const HOUR_LIMIT = 2 ** HOUR_TREE_DEPTH

/** Half-open run of whole hours: first ≤ hour < end. */
export interface HourWindow {
  readonly first: UtcHour
  readonly end: UtcHour
}

/** The hour that holds an instant. Throws `HOUR_OUT_OF_RANGE` outside 1900–2139. */
export function hourOf(at: UnixSeconds): UtcHour {
  const hour = Math.floor((at + EPOCH_1900_SECONDS) / 3600)
  if (!(hour >= 0 && hour < HOUR_LIMIT)) {
    throw new IsletError('HOUR_OUT_OF_RANGE', 'the instant lies outside 1900–2139', { hour })
  }
  return quantity<UtcHour>(hour)
}

/** The instant at which an hour begins. */
export function startOfHour(hour: UtcHour): UnixSeconds {
  return quantity<UnixSeconds>(hour * 3600 - EPOCH_1900_SECONDS)
}

/**
 * The whole hours that lie inside [from, until): the start is rounded up and the end down (PROTOCOL 12).
 * Throws `WINDOW_EMPTY` if no whole hour lies inside.
 */
export function hoursInside(from: UnixSeconds, until: UnixSeconds): HourWindow {
  const first = Math.ceil((from + EPOCH_1900_SECONDS) / 3600)
  const end = Math.floor((until + EPOCH_1900_SECONDS) / 3600)
  if (!(first >= 0 && end <= HOUR_LIMIT)) {
    throw new IsletError('HOUR_OUT_OF_RANGE', 'the window lies outside 1900–2139', { first, end })
  }
  if (end <= first)
    throw new IsletError('WINDOW_EMPTY', 'no whole UTC hour lies inside the window', { first, end })
  return { first: quantity<UtcHour>(first), end: quantity<UtcHour>(end) }
}

/** Whether an hour lies inside a window. */
export function holds(window: HourWindow, hour: UtcHour): boolean {
  return hour >= window.first && hour < window.end
}

/** The overlap of two windows, or undefined. */
export function overlap(a: HourWindow, b: HourWindow): HourWindow | undefined {
  const first = a.first > b.first ? a.first : b.first
  const end = a.end < b.end ? a.end : b.end
  return end > first ? { first, end } : undefined
}
