/**
 * The person's own records as this device opened them, and how each sealed hour stands to the ledger.
 *
 * Law: an hour that does not open, or does not lie under its root, is counted and not shown.
 */
import { hoursIn, isDamaged, type PatientAgent, type Reading } from '../../consent/browser.door.ts'
import { mgPerDlOf, sensorReadings } from '../../glycemia/index.ts'
import type { Glucose, HealthRecord } from '../../series/index.ts'
import { hourOf, type Kind, quantity, type UnixSeconds, type UtcHour } from '../../vocabulary/index.ts'
import type { Point } from '../shared/trend.ts'

export interface Health {
  /** In order of time. */
  readonly glucose: readonly Glucose[]
  /** Sensor values in mg/dL, in order of time. */
  readonly points: readonly Point[]
  readonly chunks: { readonly all: number; readonly proven: number; readonly broken: number }
  /** What was read for it; empty in a copy. */
  readonly read: Reading['chunks']
  /** Days back from the last reading that were asked for. */
  readonly days: number
  /** When it was opened, seconds since 1970. */
  readonly at: number
  /** The node was away: this is what the device had kept (`offline/own-copy.ts`). */
  readonly isCopy: boolean
}

/** Days before the last reading that are asked for at first: a month, which is also what the device keeps. */
export const FIRST_DAYS = 31
/** How far back a person's last reading is looked for, days: the age of the oldest exports in use, a year at a time. */
const LOOK_BACK = [FIRST_DAYS, 400, 4_000, 20_000] as const

/** Reads the days up to the last reading. Throws the custodian's codes. */
export async function readHealth(
  agent: Pick<PatientAgent, 'read'>,
  now: number,
  days = FIRST_DAYS,
): Promise<Health> {
  const end = hourOf(quantity<UnixSeconds>(now)) + 1
  for (const back of LOOK_BACK) {
    const asked = Math.max(back, days)
    const reading = await agent.read(['glucose'], windowOf(end - asked * 24, end))
    const last = lastHour(reading.chunks)
    if (last === undefined) continue
    return healthOf({ chunks: lastDays(reading.chunks, last, days) }, days)
  }
  return healthOf({ chunks: [] }, days)
}

/** The same, read on: the hours from the last reading's on are asked for anew, the others stay as they are. Throws as `readHealth`. */
export async function readOn(
  agent: Pick<PatientAgent, 'read'>,
  { read, days }: Pick<Health, 'read' | 'days'>,
  now: number,
): Promise<Health> {
  const from = lastHour(read)
  if (from === undefined) return healthOf({ chunks: read }, days)
  const { chunks } = await agent.read(['glucose'], windowOf(from, hourOf(quantity<UnixSeconds>(now)) + 1))
  const all = [...read.filter(({ place }) => place.hour < from), ...chunks]
  return healthOf({ chunks: lastDays(all, lastHour(all) ?? from, days) }, days)
}

/** Every record of some kinds, in order of time, and of how many hours something is damaged and left out. Throws the custodian's codes. */
export async function readAllOf(
  agent: Pick<PatientAgent, 'read'>,
  kinds: readonly Kind[],
): Promise<{ readonly records: readonly HealthRecord[]; readonly leftOut: number }> {
  const end = hourOf(quantity<UnixSeconds>(Math.floor(Date.now() / 1_000))) + 1
  const window = windowOf(end - LOOK_BACK[3] * 24, end)
  const { chunks, damaged } = await agent.read(kinds, window)
  return { records: soundRecords(chunks), leftOut: hoursIn(damaged) }
}

/** What a reading holds, broken hours left out and counted. */
export function healthOf({ chunks }: Pick<Reading, 'chunks'>, days = FIRST_DAYS): Health {
  const sound = chunks.filter((chunk) => !isDamaged(chunk))
  const glucose = soundRecords(chunks).filter((record) => record.type === 'glucose')
  return {
    ...traceOf(glucose),
    chunks: {
      all: chunks.length,
      proven: sound.filter(({ anchor }) => anchor.code === 'ANCHORED').length,
      broken: chunks.length - sound.length,
    },
    read: chunks,
    days,
    at: Math.floor(Date.now() / 1_000),
    isCopy: false,
  }
}

/** What of a health record a device keeps of its own. */
export type HealthCopy = Pick<Health, 'glucose' | 'chunks' | 'days' | 'at'>

/** A copy as it is shown. */
export function healthOfCopy({ glucose, ...rest }: HealthCopy): Health {
  return { ...rest, ...traceOf(glucose), read: [], isCopy: true }
}

function traceOf(glucose: readonly Glucose[]): Pick<Health, 'glucose' | 'points'> {
  return { glucose, points: sensorReadings(glucose).map((one) => ({ at: one.at, mgdl: mgPerDlOf(one) })) }
}

function soundRecords(chunks: Reading['chunks']): HealthRecord[] {
  return chunks
    .filter((chunk) => !isDamaged(chunk))
    .flatMap((chunk) => chunk.records)
    .sort((a, b) => a.at - b.at)
}

function lastHour(chunks: Reading['chunks']): number | undefined {
  const full = chunks.filter((chunk) => chunk.records.length > 0 || isDamaged(chunk))
  return full.reduce<number | undefined>(
    (last, { place }) => (last === undefined || place.hour > last ? place.hour : last),
    undefined,
  )
}

function lastDays(chunks: Reading['chunks'], last: number, days: number): Reading['chunks'] {
  return chunks.filter(({ place }) => place.hour > last - days * 24)
}

function windowOf(first: number, end: number) {
  return { first: quantity<UtcHour>(first), end: quantity<UtcHour>(end) }
}
