/**
 * Dates and times as exports write them, and the order of day and month.
 *
 * Law: an order that the file does not prove is refused with the line, never guessed (DESIGN law 8). Proof is a day
 * above 12. Dates with dots are day first: every locale of Unicode CLDR that writes dots does so.
 */
import { IsletError, type Place } from '../vocabulary/index.ts'
import type { DateOrder } from './report.ts'

/** A date and time as text told it; `open` while day and month may be swapped. */
export type Stamp =
  | { readonly kind: 'fixed'; readonly local: number; readonly offset?: number }
  | {
      readonly kind: 'open'
      readonly first: number
      readonly second: number
      readonly year: number
      readonly clock: number
      readonly offset?: number
    }

const DATE =
  /^(?:(\d{4})([-/.:])(\d{1,2})\2(\d{1,2})|(\d{1,2})([-/.])(\d{1,2})\6(\d{4}|\d{2})|(\d{1,2})[- ]([A-Za-z]{3,9})\.?[- ,]+(\d{4})|([A-Za-z]{3,9})\.? (\d{1,2}), ?(\d{4}))$/
const CLOCK =
  /^(\d{1,2}):(\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?\s*(?:([AaPp])\.?\s?[Mm]\.?)?\s*(Z|z|UTC|GMT|[+-]\d\d:?\d\d)?$/
const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec']
const ISO = /^(\d{4})-(\d\d)-(\d\d)[T ](\d\d):(\d\d)(?::(\d\d))?$/

/** Reads `2024-05-01T08:05:00`, `13.05.2024 08:05`, `05/13/2024 8:05 PM`, `13-May-2024`, …; undefined when it is none. */
export function readStamp(text: string): Stamp | undefined {
  if (text.length > 200) return undefined
  const iso = ISO.exec(text)
  if (iso !== null) {
    const clock = clockOf(Number(iso[4]), Number(iso[5]), Number(iso[6] ?? 0))
    return clock === undefined ? undefined : fixed(Number(iso[1]), Number(iso[2]), Number(iso[3]), clock)
  }
  const trimmed = text.replace(/[\u00a0\u202f]/g, ' ').trim()
  if (trimmed.length < 8 || trimmed.length > 48) return undefined
  const split = /[T ,](?=\d{1,2}:\d\d)/.exec(trimmed)
  const dateText = (split === null ? trimmed : trimmed.slice(0, split.index)).trim().replace(/,$/, '')
  const time = split === null ? { clock: 0 } : readClock(trimmed.slice(split.index + 1).trim())
  if (time === undefined) return undefined
  const date = DATE.exec(dateText)
  if (date === null) return undefined
  const { clock, offset } = time
  if (date[1] !== undefined) return fixed(Number(date[1]), Number(date[3]), Number(date[4]), clock, offset)
  if (date[9] !== undefined) return fixed(Number(date[11]), monthOf(date[10]), Number(date[9]), clock, offset)
  if (date[12] !== undefined)
    return fixed(Number(date[14]), monthOf(date[12]), Number(date[13]), clock, offset)
  const first = Number(date[5])
  const second = Number(date[7])
  const year = fullYear(date[8] ?? '')
  if (date[6] === '.') return fixed(year, second, first, clock, offset)
  return { kind: 'open', first, second, year, clock, ...(offset === undefined ? {} : { offset }) }
}

/** Seconds of the day and, where written, the offset from UTC in seconds. */
export function readClock(text: string): { readonly clock: number; readonly offset?: number } | undefined {
  const match = CLOCK.exec(text.replace(/[\u00a0\u202f]/g, ' ').trim())
  if (match === null) return undefined
  let hour = Number(match[1])
  const half = match[5]?.toLowerCase()
  if (half !== undefined) {
    if (hour < 1 || hour > 12) return undefined
    hour = (hour % 12) + (half === 'p' ? 12 : 0)
  }
  const clock = clockOf(hour, Number(match[2]), Number(match[3] ?? 0))
  if (clock === undefined) return undefined
  const fraction = match[4] === undefined ? 0 : Number(`0.${match[4]}`)
  const offset = offsetOf(match[6])
  return { clock: clock + fraction, ...(offset === undefined ? {} : { offset }) }
}

/** The local clock of a stamp, seconds read as UTC; undefined when the order makes no date of it. */
export function localOf(stamp: Stamp, order: DateOrder | undefined): number | undefined {
  if (stamp.kind === 'fixed') return stamp.local
  const dayFirst = order === undefined ? stamp.first === stamp.second : order === 'dmy'
  if (order === undefined && !dayFirst) return undefined
  const [day, month] = dayFirst ? [stamp.first, stamp.second] : [stamp.second, stamp.first]
  const read = fixed(stamp.year, month, day, stamp.clock)
  return read?.kind === 'fixed' ? read.local : undefined
}

/**
 * The order of day and month that the stamps prove; undefined when none of them is open.
 * Throws `DATE_ORDER_AMBIGUOUS` at the first open line, `DATE_ORDER_CONTRADICTED` when the given order is disproved.
 */
export function decideOrder(
  stamps: Iterable<readonly [line: number, stamp: Stamp | undefined]>,
  given: DateOrder | undefined,
  place: Place,
): DateOrder | undefined {
  const proofs = { dmy: 0, mdy: 0 }
  const firstProof: { dmy?: number; mdy?: number } = {}
  let openLine: number | undefined
  for (const [line, stamp] of stamps) {
    if (stamp?.kind !== 'open') continue
    const proof = proves(stamp)
    if (proof === 'both' && stamp.first !== stamp.second) openLine ??= line
    if (proof === 'dmy' || proof === 'mdy') {
      proofs[proof]++
      firstProof[proof] ??= line
    }
  }
  if (given !== undefined) {
    const against = given === 'dmy' ? 'mdy' : 'dmy'
    if (proofs[against] > proofs[given]) {
      throw new IsletError(
        'DATE_ORDER_CONTRADICTED',
        `a date in this line can only be read ${against}, not ${given}`,
        {},
        {
          at: { ...place, line: firstProof[against] ?? 1, field: 'time' },
          remedy: `leave --date-order out, or say ${against}`,
        },
      )
    }
    return given
  }
  const { dmy, mdy } = proofs
  // A few broken dates must not sink a file that proves its order a hundredfold.
  if (dmy > 0 && mdy * 20 <= dmy) return 'dmy'
  if (mdy > 0 && dmy * 20 <= mdy) return 'mdy'
  if (dmy === 0 && mdy === 0 && openLine === undefined) return undefined
  const line = openLine ?? firstProof.dmy ?? firstProof.mdy ?? 1
  throw new IsletError(
    'DATE_ORDER_AMBIGUOUS',
    dmy > 0
      ? 'some dates can only be day first, others only month first'
      : 'day and month cannot be told apart: no date of the file has a day above 12',
    {},
    { at: { ...place, line, field: 'time' }, remedy: 'say --date-order dmy or --date-order mdy' },
  )
}

function proves(stamp: Extract<Stamp, { kind: 'open' }>): DateOrder | 'both' | 'none' {
  const dmy = localOf(stamp, 'dmy') !== undefined
  const mdy = localOf(stamp, 'mdy') !== undefined
  if (dmy && mdy) return 'both'
  return dmy ? 'dmy' : mdy ? 'mdy' : 'none'
}

function fixed(year: number, month: number, day: number, clock: number, offset?: number): Stamp | undefined {
  if (year < 1900 || year > 2138 || month < 1 || month > 12 || day < 1 || day > 31) return undefined
  const ms = Date.UTC(year, month - 1, day)
  if (day > 28 && new Date(ms).getUTCDate() !== day) return undefined
  return { kind: 'fixed', local: ms / 1000 + clock, ...(offset === undefined ? {} : { offset }) }
}

function clockOf(hour: number, minute: number, second: number): number | undefined {
  if (hour > 23 || minute > 59 || second > 60) return undefined
  return hour * 3600 + minute * 60 + Math.min(second, 59)
}

function offsetOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  const match = /^([+-])(\d\d):?(\d\d)$/.exec(text)
  if (match === null) return 0
  return (match[1] === '-' ? -1 : 1) * (Number(match[2]) * 3600 + Number(match[3]) * 60)
}

function monthOf(name: string | undefined): number {
  return MONTHS.indexOf((name ?? '').slice(0, 3).toLowerCase()) + 1
}

function fullYear(text: string): number {
  const year = Number(text)
  if (text.length === 4) return year
  return year < 70 ? 2000 + year : 1900 + year
}
