/**
 * Instants as text: RFC 3339 with offset, whole seconds unless a fraction is there.
 */
import { IsletError } from './errors.ts'
import { type LocalSeconds, quantity, type UnixSeconds } from './units.ts'

const RFC_3339 = /^(\d{4})-(\d\d)-(\d\d)[Tt ](\d\d):(\d\d):(\d\d)(\.\d{1,9})?([Zz]|[+-]\d\d:\d\d)$/

/** RFC 3339 text → instant. Throws `NOT_AN_INSTANT`, also for 30 February. */
export function parseInstant(text: string): UnixSeconds {
  const match = RFC_3339.exec(text)
  const at = match === null ? Number.NaN : Date.parse(text.replace(' ', 'T'))
  const day =
    match === null
      ? -1
      : new Date(Date.UTC(Number(match[1]), Number(match[2]) - 1, Number(match[3]))).getUTCDate()
  if (match === null || Number.isNaN(at) || day !== Number(match[3])) {
    throw new IsletError(
      'NOT_AN_INSTANT',
      'expected a date and time with offset, as in 2026-03-01T08:05:00+01:00',
    )
  }
  return quantity<UnixSeconds>(at / 1000)
}

/** Instant → RFC 3339 text in UTC, or with the offset of the local clock that was shown at that instant. */
export function formatInstant(at: UnixSeconds, local?: LocalSeconds): string {
  const iso = (seconds: number): string =>
    new Date(Math.round(seconds * 1000)).toISOString().replace('.000Z', 'Z')
  if (local === undefined) return iso(at)
  const minutes = Math.round((local - at) / 60)
  const sign = minutes < 0 ? '-' : '+'
  const two = (n: number): string => String(n).padStart(2, '0')
  const offset = `${sign}${two(Math.floor(Math.abs(minutes) / 60))}:${two(Math.abs(minutes) % 60)}`
  return `${iso(at + minutes * 60).replace('Z', '')}${offset}`
}
