/**
 * What a format reader hands on: per row either a reason to drop it or drafts of records whose clock is still open.
 *
 * Law: a reader yields exactly one outcome per row of the file, so that the report adds up by construction.
 */
import type { HealthRecord, RecordType } from '../series/index.ts'
import type { Place } from '../vocabulary/index.ts'
import type { DropReason, Format, Limits, ReadOptions } from './report.ts'

type Untimed<R> = R extends HealthRecord ? Omit<R, 'at' | 'local' | 'tick' | 'device'> : never
/** A record without its clocks. */
export type Body = Untimed<HealthRecord>

/** What the source said about when: an instant, a local clock, or both. Seconds since 1970. */
export interface Moment {
  readonly instant?: number
  readonly local?: number
}

export interface Draft {
  readonly body: Body
  readonly moment: Moment
  /** The device within the file, by any name the reader likes; names never leave intake. */
  readonly source?: string
  /** Seconds on the device's own clock. */
  readonly tick?: number
  /** The display that showed the reading, when several show one transmitter. */
  readonly display?: string
}

export type Outcome =
  | { readonly line: number; readonly drop: DropReason }
  | { readonly line: number; readonly person: string; readonly drafts: readonly Draft[] }

/** Everything a format reader found. */
export interface Sheet {
  readonly format: Format
  readonly outcomes: readonly Outcome[]
  /** Model text of each source, matched against the closed list of models later. */
  readonly models: ReadonlyMap<string, string>
  /** IANA zone that the file names, if any. */
  readonly zone?: string
}

/** What every reader is given besides the text. */
export interface Context {
  readonly options: ReadOptions
  readonly limits: Limits
  readonly place: Place
}

export function drop(line: number, reason: DropReason): Outcome {
  return { line, drop: reason }
}

export function zeroCounts(): Record<RecordType, number> {
  return { glucose: 0, insulin: 0, meal: 0, activity: 0, laboratory: 0, note: 0, device: 0 }
}
