/**
 * Numbers, instants and names as people read them.
 */
const WHOLE = new Intl.NumberFormat('en', { maximumFractionDigits: 0 })
const ONE = new Intl.NumberFormat('en', { minimumFractionDigits: 1, maximumFractionDigits: 1 })

export function whole(value: number): string {
  return WHOLE.format(value)
}

/** One decimal, or a dash for unknown. */
export function oneDecimal(value: number | null): string {
  return value === null ? '–' : ONE.format(value)
}

/** Seconds: "0.4 s", "12 s", "1 min 5 s". */
export function duration(seconds: number): string {
  if (seconds < 10) return `${ONE.format(seconds)} s`
  if (seconds < 60) return `${Math.round(seconds)} s`
  return `${Math.floor(seconds / 60)} min ${Math.round(seconds % 60)} s`
}

/** Minute of the day: "14:05". */
export function clock(minute: number): string {
  const two = (value: number): string => String(value).padStart(2, '0')
  return `${two(Math.floor(minute / 60))}:${two(minute % 60)}`
}

/** An instant as a day in UTC: "1 Sep 2026, 08:00 UTC". */
export function instant(text: string): string {
  const at = new Date(text)
  const day = at.toLocaleDateString('en-GB', {
    day: 'numeric',
    month: 'short',
    year: 'numeric',
    timeZone: 'UTC',
  })
  return `${day}, ${clock(at.getUTCHours() * 60 + at.getUTCMinutes())} UTC`
}

/** How long it is between two instants: "72 hours", "1 hour"; "14 days" from a week of whole days on. */
export function span(from: string, until: string): string {
  const hours = Math.round((Date.parse(until) - Date.parse(from)) / 3_600_000)
  if (hours >= 168 && hours % 24 === 0) return `${whole(hours / 24)} days`
  return `${whole(hours)} ${hours === 1 ? 'hour' : 'hours'}`
}

/** A hash shortened in the middle. */
export function shortHash(hash: string): string {
  return `${hash.slice(0, 10)}…${hash.slice(-6)}`
}

/** "After revoke" from `after-revoke`. */
export function stepName(name: string): string {
  return `${name.slice(0, 1).toUpperCase()}${name.slice(1).replace(/-/g, ' ')}`
}
