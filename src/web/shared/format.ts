/**
 * Numbers, instants and lists as people read them, in their language and on this device's clock.
 */
import { type GlucoseUnit, type MgPerDl, quantity, toMmolPerL } from '../../vocabulary/index.ts'

/** A value in mg/dL in the chosen unit: whole mg/dL, or mmol/L with one decimal. */
export function shownGlucose(mgdl: number, unit: GlucoseUnit, language: string): string {
  return unit === 'mg/dL' ? String(Math.round(mgdl)) : fixed(toMmolPerL(quantity<MgPerDl>(mgdl)), 1, language)
}

/** So many decimals, or a dash for what is unknown. */
export function fixed(value: number | null, decimals: number, language: string): string {
  if (value === null) return '–'
  return new Intl.NumberFormat(language, {
    minimumFractionDigits: decimals,
    maximumFractionDigits: decimals,
  }).format(value)
}

/** `73.4 %` on one line, with one decimal, or a dash for what is unknown. */
export function percent(value: number | null, language: string): string {
  return value === null ? '–' : `${fixed(value, 1, language)}\u00a0%`
}

/** `Sat 21 Nov, 14:05` of seconds since 1970; with its year where that is not the year of `now`. It breaks before the time only. */
export function shownInstant(at: number, language: string, now = new Date()): string {
  const instant = new Date(at * 1_000)
  const shown = instant.toLocaleString(language === 'en' ? 'en-GB' : language, {
    weekday: 'short',
    day: 'numeric',
    month: 'short',
    ...(instant.getFullYear() === now.getFullYear() ? {} : { year: 'numeric' }),
    hour: '2-digit',
    minute: '2-digit',
  })
  return shown.replace(/ (?=.* )/g, '\u00a0')
}

/** `21 Nov 2026` of an RFC 3339 instant. */
export function shownDay(instant: string, language: string): string {
  return new Date(instant).toLocaleDateString(language === 'en' ? 'en-GB' : language, {
    day: 'numeric',
    month: 'short',
    year: 'numeric',
  })
}

/** `14:05` of seconds since 1970. */
export function shownTime(at: number, language: string): string {
  return new Date(at * 1_000).toLocaleTimeString(language === 'en' ? 'en-GB' : language, {
    hour: '2-digit',
    minute: '2-digit',
  })
}

/** `glucose, insulin and meals`. */
export function listed(words: readonly string[], and: string): string {
  const last = words.at(-1) ?? ''
  return words.length < 2 ? last : `${words.slice(0, -1).join(', ')} ${and} ${last}`
}
