/**
 * Local clocks and instants of an IANA zone, with the hour that occurs twice and the hour that does not exist.
 *
 * Law: the offset is looked up once per day of a zone, never per reading; transitions are found to the second.
 * Source: Temporal (ECMA-262 stage 4), IANA time zone database of the runtime.
 */
import { Temporal } from 'temporal-polyfill'
import { IsletError, type LocalSeconds, quantity, type UnixSeconds } from '../vocabulary/index.ts'

/** The instants at which a clock shows a local time: one, two in autumn, and in spring the one after the jump. */
export interface Instants {
  readonly first: UnixSeconds
  /** The second occurrence, when the local time occurs twice. */
  readonly second?: UnixSeconds
  /** The local time does not exist; `first` is moved forward by the jump. */
  readonly skipped: boolean
}

export interface ZoneClock {
  readonly zone: string
  readonly localAt: (at: UnixSeconds) => LocalSeconds
  readonly instantsOf: (local: LocalSeconds) => Instants
}

interface Day {
  readonly before: number
  readonly after: number
  /** The instant of the change; infinite on ordinary days. */
  readonly change: number
}

const DAY = 86_400

/** The clock of a zone. Throws `ZONE_UNKNOWN`. */
export function zoneClock(zone: string): ZoneClock {
  const offsetAt = (at: number): number => {
    const instant = Temporal.Instant.fromEpochMilliseconds(Math.floor(at) * 1000)
    return instant.toZonedDateTimeISO(zone).offsetNanoseconds / 1e9
  }
  try {
    offsetAt(0)
  } catch {
    throw new IsletError(
      'ZONE_UNKNOWN',
      'no such time zone is known',
      {},
      { at: { field: 'zone' }, remedy: 'name an IANA zone such as Europe/Berlin or America/New_York' },
    )
  }
  const days = new Map<number, Day>()
  const dayOf = (seconds: number): Day => {
    const index = Math.floor(seconds / DAY)
    const known = days.get(index)
    if (known !== undefined) return known
    // The window is wider than the day by the largest offset, on both sides.
    let low = index * DAY - 15 * 3600
    let high = (index + 1) * DAY + 15 * 3600
    const before = offsetAt(low)
    const after = offsetAt(high)
    let change = Number.POSITIVE_INFINITY
    if (before !== after) {
      while (high - low > 1) {
        const middle = Math.floor((low + high) / 2)
        if (offsetAt(middle) === before) low = middle
        else high = middle
      }
      change = high
    }
    const day = { before, after, change }
    days.set(index, day)
    return day
  }
  return {
    zone,
    localAt: (at) => {
      const { before, after, change } = dayOf(at)
      return quantity<LocalSeconds>(at + (at < change ? before : after))
    },
    instantsOf: (local) => {
      const { before, after, change } = dayOf(local)
      const early = local - before
      const late = local - after
      if (early < change && late >= change) {
        return { first: quantity<UnixSeconds>(early), second: quantity<UnixSeconds>(late), skipped: false }
      }
      if (early < change) return { first: quantity<UnixSeconds>(early), skipped: false }
      if (late >= change) return { first: quantity<UnixSeconds>(late), skipped: false }
      return { first: quantity<UnixSeconds>(early), skipped: true }
    },
  }
}

/** Whether the runtime knows a zone. */
export function isZone(zone: string): boolean {
  try {
    Temporal.Instant.fromEpochMilliseconds(0).toZonedDateTimeISO(zone)
    return true
  } catch {
    return false
  }
}
