/**
 * What stands in each hour of one person's kinds of data, and what a delivery of records makes of it.
 *
 * Laws: a revision holds the hour's whole content; the same record again changes nothing; a correction replaces one
 * record in the newest revision and leaves the earlier revisions as they are (DESIGN 7, PROTOCOL 14).
 */
import type { HealthRecord } from '../series/index.ts'
import { kindOfRecord } from '../vault/index.ts'
import { canonicalJson, hourOf, IsletError, type Kind, quantity, type UtcHour } from '../vocabulary/index.ts'
import { asJson } from './document.ts'

export interface HourContent {
  readonly kind: Kind
  readonly hour: UtcHour
  readonly records: readonly HealthRecord[]
}

/** A record and what it shall be from now on. */
export interface Correction {
  readonly original: HealthRecord
  readonly replacement: HealthRecord
}

/** Records by kind and UTC hour, each hour in order of time. */
export function byHour(records: readonly HealthRecord[]): readonly HourContent[] {
  const hours = new Map<string, { kind: Kind; hour: UtcHour; records: HealthRecord[] }>()
  for (const record of records) {
    const kind = kindOfRecord(record)
    const hour = hourOf(record.at)
    const name = `${kind} ${hour}`
    const known = hours.get(name)
    if (known === undefined) hours.set(name, { kind, hour, records: [record] })
    else known.records.push(record)
  }
  return [...hours.values()].map((content) => ({ ...content, records: inTime(content.records) }))
}

/** Longest stretch of days without a reading that is sealed as empty hours, in days. */
const LONGEST_FILL = 31

/**
 * Adds the empty hours around: every hour of each UTC day that holds something, and for glucose every day in between, so
 * that neither number nor place of objects tells when somebody measured. A pause of more than `LONGEST_FILL` days stays
 * open: an old device in a new export would otherwise seal years of nothing.
 */
export function filled(contents: readonly HourContent[]): readonly HourContent[] {
  const kinds = new Map<Kind, Map<number, HourContent>>()
  for (const content of contents) {
    const hours = kinds.get(content.kind) ?? new Map<number, HourContent>()
    hours.set(content.hour, content)
    kinds.set(content.kind, hours)
  }
  const all: HourContent[] = []
  for (const [kind, hours] of kinds) {
    const days = [...new Set([...hours.keys()].map((hour) => Math.floor(hour / 24)))].sort((a, b) => a - b)
    const bridged = days.flatMap((day, i) => {
      const pause = day - (days[i - 1] ?? day) - 1
      const between = kind === 'glucose' && pause > 0 && pause <= LONGEST_FILL ? pause : 0
      return Array.from({ length: between + 1 }, (_, j) => day - between + j)
    })
    for (const day of bridged) {
      for (let hour = day * 24; hour < (day + 1) * 24; hour++) {
        all.push(hours.get(hour) ?? { kind, hour: quantity<UtcHour>(hour), records: [] })
      }
    }
  }
  return all
}

/** The content with more records; undefined when all of them were there already. */
export function withMore(
  before: readonly HealthRecord[],
  more: readonly HealthRecord[],
): readonly HealthRecord[] | undefined {
  if (before.length === 0) return more.length === 0 ? undefined : inTime(more)
  const known = new Set(before.map(spelling))
  const added = more.filter((record) => !known.has(spelling(record)))
  return added.length === 0 ? undefined : inTime([...before, ...added])
}

/** The content with one record replaced. Throws `RECORD_NOT_FOUND`, `CORRECTION_MOVES_HOUR`. */
export function corrected(before: readonly HealthRecord[], correction: Correction): readonly HealthRecord[] {
  const { original, replacement } = correction
  if (
    hourOf(original.at) !== hourOf(replacement.at) ||
    kindOfRecord(original) !== kindOfRecord(replacement)
  ) {
    throw new IsletError('CORRECTION_MOVES_HOUR', 'a correction stays in the hour and kind of its original')
  }
  const wanted = spelling(original)
  const place = before.findIndex((record) => spelling(record) === wanted)
  if (place < 0) {
    throw new IsletError('RECORD_NOT_FOUND', 'the hour does not hold the record to correct', {
      hour: hourOf(original.at),
    })
  }
  return inTime(before.map((record, i) => (i === place ? replacement : record)))
}

function inTime(records: readonly HealthRecord[]): readonly HealthRecord[] {
  return records.toSorted((a, b) => a.at - b.at)
}

function spelling(record: HealthRecord): string {
  return canonicalJson(asJson(record))
}
