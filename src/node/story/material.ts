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

/** Chooses window and late readings. Throws `TOO_LITTLE_GLUCOSE` below three readings. */
export function materialOf(person: string, records: readonly HealthRecord[], simulated: boolean): Material {
  const glucose = records.filter((record) => record.type === 'glucose')
  const [first] = glucose
  const last = glucose.at(-1)
  if (first === undefined || last === undefined || glucose.length < 3) {
    throw new IsletError(
      'TOO_LITTLE_GLUCOSE',
      'the story needs at least three glucose readings of one person',
      { readings: glucose.length },
      { remedy: 'give an export that holds more' },
    )
  }
  const window = sharedWindow(glucose)
  const inside = glucose.filter((reading) => within(window, reading.at))
  // The very last instant of the window comes late; at least one reading stays to be opened.
  const lateFrom = inside[Math.max(1, inside.length - LATE_READINGS)]?.at
  const late = lateFrom === undefined ? [] : inside.filter((reading) => reading.at >= lateFrom)
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

/** Of all windows of three days (or the whole, when it is shorter), the one with the most readings and with neighbours. */
function sharedWindow(glucose: readonly Glucose[]): HourWindow {
  const counts = new Map<number, number>()
  for (const { at } of glucose) counts.set(hourOf(at), (counts.get(hourOf(at)) ?? 0) + 1)
  const hours = [...counts.keys()].sort((a, b) => a - b)
  const first = hours[0] ?? 0
  const last = hours.at(-1) ?? 0
  const length = Math.max(1, Math.min(SHARED_HOURS, last - first - 1))
  let best = { score: -1, start: first }
  for (const hour of hours) {
    for (const start of [hour, hour + 1]) {
      if (start < first || start + length - 1 > last) continue
      let inside = 0
      for (let at = start; at < start + length; at++) inside += counts.get(at) ?? 0
      if (inside < 2) continue
      const neighbours = (counts.has(start - 1) ? 1 : 0) + (counts.has(start + length) ? 1 : 0)
      const score = inside + neighbours * 1_000_000
      if (score > best.score) best = { score, start }
    }
  }
  return { first: quantity<UtcHour>(best.start), end: quantity<UtcHour>(best.start + length) }
}
