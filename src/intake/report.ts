/**
 * What reading a document returns: people with records, and a report that adds up.
 *
 * Law: rows = kept + Σ other + Σ dropped, always (DESIGN law 8). A row is counted once, under the first of its records
 * that stays; the further records of the row are counted in `extra`.
 */
import type { HealthRecord, RecordType } from '../series/index.ts'
import type { GlucoseUnit, UnixSeconds } from '../vocabulary/index.ts'

/** The document kinds that intake reads. */
export const FORMATS = [
  'dexcom-clarity',
  'libreview',
  'carelink',
  'tidepool',
  'nightscout',
  'fhir',
  'csv',
] as const
export type Format = (typeof FORMATS)[number]

/** Why a row gave no record. */
export const DROP_REASONS = [
  /** The same record stands in this file already. */
  'DUPLICATE',
  /** A device event sent again within minutes of itself (Nightscout's Sensor Start). */
  'REPEATED',
  /** A row of another purpose that carries no record of ours. */
  'NOT_GLUCOSE',
  /** Name, birth date or another identifier; never stored. */
  'IDENTITY',
  /** Alarm levels, profiles, pump settings: no measurement. */
  'SETTINGS',
  /** An error code of the sensor in place of a value. */
  'SENSOR_ERROR',
  /** The source says that the value is absent. */
  'NO_VALUE',
  /** Marked deleted or entered in error by its source. */
  'DELETED',
  'UNPARSED_TIME',
  'UNPARSED_VALUE',
  /** Beyond what the body or a meter can show. */
  'OUT_OF_RANGE',
  /** More than a day after the moment of import. */
  'FUTURE_DATE',
  /** Fewer cells than the row needs. */
  'SHORT_ROW',
  /** Unbalanced quotes, broken JSON line, not an object. */
  'BROKEN_ROW',
  /** The column that names the person is empty. */
  'NO_PERSON',
] as const
export type DropReason = (typeof DROP_REASONS)[number]

export interface Dropped {
  readonly reason: DropReason
  readonly count: number
  /** The first 20 lines, 1-based; entry numbers in JSON documents. */
  readonly lines: readonly number[]
}

/** A device that spoke in the file; its serial is never kept. */
export interface DeviceInfo {
  /** The running number that records carry. */
  readonly device: number
  /** Product family from a closed list, or null. */
  readonly model: string | null
}

/** The records of one person in one file, sorted by instant, then device tick. */
export interface Person {
  /** The file's own pseudonym where it has a column of them, else a running number; never a name. */
  readonly id: string
  /** IANA zone given by the caller or named by the file; null when neither says. */
  readonly zone: string | null
  /**
   * Where the instants come from: the local clock in `zone`, the source itself, or nowhere: then they float, the local
   * clock read as UTC.
   */
  readonly clock: 'zone' | 'source' | 'floating'
  readonly devices: readonly DeviceInfo[]
  readonly records: readonly HealthRecord[]
}

export type OtherType = Exclude<RecordType, 'glucose'>

export interface IntakeDocument {
  readonly format: Format
  /** Records of the file: data lines, array entries, bundle entries. */
  readonly rows: number
  /** Rows that gave a glucose reading. */
  readonly kept: number
  /** Rows that gave another record. */
  readonly other: Readonly<Record<OtherType, number>>
  /** Records beyond the first of their row, by type. */
  readonly extra: Readonly<Record<RecordType, number>>
  readonly dropped: readonly Dropped[]
  /** Textual readings among kept. */
  readonly low: number
  readonly high: number
  /** Kept readings that stand against the file's own direction of time; they are kept and sorted. */
  readonly outOfOrder: number
  /** Kept readings whose local clock occurs twice (autumn), placed by device tick or file order. */
  readonly repeatedHour: number
  /** Kept readings whose local clock does not exist (spring), moved forward by the jump. */
  readonly skippedHour: number
  readonly people: readonly Person[]
}

export type DateOrder = 'dmy' | 'mdy'

export interface Limits {
  readonly bytes: number
  readonly rows: number
  /** Characters of one row of delimited text. */
  readonly lineLength: number
  /** Nesting of JSON. */
  readonly depth: number
}

export const DEFAULT_LIMITS: Limits = {
  bytes: 256 * 1024 * 1024,
  rows: 5_000_000,
  lineLength: 1024 * 1024,
  depth: 64,
}

export interface ReadOptions {
  /** Overrides detection. */
  readonly format?: Format
  /** IANA zone of the person's clock, for files that hold local times only; wins over a zone that the file names. */
  readonly zone?: string
  /** Order of day and month, for files that do not prove it. */
  readonly dateOrder?: DateOrder
  /** Unit of glucose, for files that neither name nor show it. */
  readonly unit?: GlucoseUnit
  /** File name for error places; never opened. */
  readonly name?: string
  /** The present; rows more than a day later are dropped as FUTURE_DATE. Without it no row is too late. */
  readonly now?: UnixSeconds
  readonly limits?: Partial<Limits>
}
