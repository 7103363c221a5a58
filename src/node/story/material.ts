/**
 * What the story is played on: one person's records, the window that is shared, and the readings that come late.
 *
 * Law: the window holds whole UTC hours with data in it, and lies so that the hours before and after exist too; nothing
 * is invented for a user's own data.
 */
import type { Glucose, HealthRecord } from '../../series/index.ts'
import {
  type HourWindow,
  hourOf,
  IsletError,
  quantity,
  startOfHour,
  type UnixSeconds,
  type UtcHour,
} from '../../vocabulary/index.ts'

export interface Material {
  /** How the person is called here: a pseudonym of the file or of the simulation. */
  readonly person: string
  readonly simulated: boolean
  /** Records that are sealed at first. */
  readonly records: readonly HealthRecord[]
  /** Readings of the shared window that are delivered only after the revoke. */
  readonly late: readonly Glucose[]
  readonly window: HourWindow
  /** First and last instant of the records, widened to whole hours. */
  readonly from: UnixSeconds
  readonly until: UnixSeconds
}

const SHARED_HOURS = 72
const LATE_READINGS = 6
/** Fewest glucose readings of one person that a story can be played on. */
export const LEAST_READINGS = 3

/** Chooses window and late readings. Throws `TOO_LITTLE_GLUCOSE` below three readings. */
export function materialOf(person: string, records: readonly HealthRecord[], simulated: boolean): Material {
  const glucose = records.filter((record) => record.type === 'glucose')
  const [first] = glucose
  const last = glucose.at(-1)
  if (first === undefined || last === undefined || glucose.length < LEAST_READINGS) {
    throw new IsletError(
      'TOO_LITTLE_GLUCOSE',
      'the story needs at least three glucose readings of one person',
      { readings: glucose.length },
      { remedy: 'give an export that holds more' },
    )
  }
  const window = sharedWindow(glucose)
  const inside = glucose.filter((reading) => within(window, reading.at))
  // The last readings of the window come late; at least one stays to be opened.
  const late = inside.slice(Math.max(1, inside.length - LATE_READINGS))
  const held = new Set<HealthRecord>(late)
  return {
    person,
    simulated,
    records: records.filter((record) => !held.has(record)),
    late,
    window,
    from: startOfHour(hourOf(first.at)),
    until: startOfHour(quantity<UtcHour>(hourOf(last.at) + 1)),
  }
}

export function within(window: HourWindow, at: UnixSeconds): boolean {
  const hour = hourOf(at)
  return hour >= window.first && hour < window.end
}

/**
 * Of all windows of three days the one with the most readings, neighbours first; where none of them holds two readings,
 * of ever longer ones. A neighbour is an hour beside it that will be sealed too, best with readings in it.
 */
function sharedWindow(glucose: readonly Glucose[]): HourWindow {
  const counts = new Map<number, number>()
  for (const { at } of glucose) counts.set(hourOf(at), (counts.get(hourOf(at)) ?? 0) + 1)
  const hours = [...counts.keys()].sort((a, b) => a - b)
  const first = hours[0] ?? 0
  const last = hours.at(-1) ?? 0
  const whole = last - first + 1
  for (let length = Math.max(1, Math.min(SHARED_HOURS, whole - 2)); ; length = Math.min(2 * length, whole)) {
    const found = bestWindow(counts, hours, length)
    if (found !== undefined) return found
    if (length === whole) return { first: quantity<UtcHour>(first), end: quantity<UtcHour>(last + 1) }
  }
}

/** The best window of so many hours that begins with, or right after, an hour with readings; undefined if none holds two. */
function bestWindow(
  counts: ReadonlyMap<number, number>,
  hours: readonly number[],
  length: number,
): HourWindow | undefined {
  const first = hours[0] ?? 0
  const last = hours.at(-1) ?? 0
  const isSealed = (hour: number): boolean =>
    hour >= Math.floor(first / 24) * 24 && hour < (Math.floor(last / 24) + 1) * 24
  const starts = [...new Set(hours.flatMap((hour) => [hour, hour + 1]))]
    .filter((start) => start + length - 1 <= last)
    .sort((a, b) => a - b)
  let best: { readonly score: number; readonly start: number } | undefined
  let [from, until, inside] = [0, 0, 0]
  for (const start of starts) {
    // Both borders only move forwards: one pass over the hours, however many there are.
    for (let hour = hours[until]; hour !== undefined && hour < start + length; hour = hours[until]) {
      inside += counts.get(hour) ?? 0
      until += 1
    }
    for (let hour = hours[from]; hour !== undefined && hour < start; hour = hours[from]) {
      inside -= counts.get(hour) ?? 0
      from += 1
    }
    if (inside < 2) continue
    const beside = [start - 1, start + length]
    const score =
      inside + 1e9 * beside.filter(isSealed).length + 1e6 * beside.filter((hour) => counts.has(hour)).length
    if (best === undefined || score > best.score) best = { score, start }
  }
  if (best === undefined) return undefined
  return { first: quantity<UtcHour>(best.start), end: quantity<UtcHour>(best.start + length) }
}
