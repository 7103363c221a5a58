/**
 * Outlier rules, encodings and pseudonyms as pure steps that say what they did.
 *
 * Law: a step never changes its input, and its description holds the parameters and counts that let anyone repeat it on
 * the same records to the same result; it never holds a value, a key or an identifier.
 * Sources: HIPAA 164.514(b) for relative time and dates; EDPB 01/2025 for keyed pseudonyms (data-and-formats 6.1, 6.2).
 */
import type { Glucose, HealthRecord, RecordType } from '../series/index.ts'
import {
  type Facts,
  type GlucoseUnit,
  IsletError,
  type LocalSeconds,
  MG_PER_DL_PER_MMOL_PER_L,
  quantity,
  toHex,
  type UnixSeconds,
  utf8,
} from '../vocabulary/index.ts'

/** What one step did. */
export interface StepDescription {
  readonly step: string
  readonly parameters: Facts
  /** Records before and after; changed = altered in place. */
  readonly before: number
  readonly after: number
  readonly changed: number
}

export interface Stepped {
  readonly records: readonly HealthRecord[]
  readonly did: StepDescription
}

export type Step = (records: readonly HealthRecord[]) => Stepped

/** Runs steps in order and returns the records with the description of each. */
export function runSteps(
  records: readonly HealthRecord[],
  steps: readonly Step[],
): { readonly records: readonly HealthRecord[]; readonly did: readonly StepDescription[] } {
  let current = records
  const did: StepDescription[] = []
  for (const step of steps) {
    const result = step(current)
    current = result.records
    did.push(result.did)
  }
  return { records: current, did }
}

function mgPerDl({ value, unit }: Glucose): number {
  return unit === 'mg/dL' ? value : value * MG_PER_DL_PER_MMOL_PER_L
}

function filtering(
  step: string,
  parameters: Facts,
  records: readonly HealthRecord[],
  keep: (record: HealthRecord, index: number) => boolean,
): Stepped {
  const kept = records.filter(keep)
  return {
    records: kept,
    did: { step, parameters, before: records.length, after: kept.length, changed: 0 },
  }
}

function mapping(
  step: string,
  parameters: Facts,
  records: readonly HealthRecord[],
  change: (record: HealthRecord) => HealthRecord,
): Stepped {
  let changed = 0
  const mapped = records.map((record) => {
    const next = change(record)
    if (next !== record) changed++
    return next
  })
  return { records: mapped, did: { step, parameters, before: records.length, after: mapped.length, changed } }
}

/** Takes out glucose outside [low, high] mg/dL. Textual Low and High stay: they are readings. */
export function withinRange(low: number, high: number): Step {
  return (records) =>
    filtering('within-range', { low_mgdl: low, high_mgdl: high }, records, (record) => {
      if (record.type !== 'glucose' || record.text !== undefined) return true
      const value = mgPerDl(record)
      return value >= low && value <= high
    })
}

/**
 * Takes out single sensor readings that leave both neighbours, within 15 minutes, in opposite directions faster than
 * `rate` mg/dL per minute. Glucose in the body moves at most about 4–5 mg/dL per minute.
 */
export function withoutSpikes(rate: number): Step {
  return (records) => {
    const sensor = records.flatMap((record, index) =>
      record.type === 'glucose' && record.method === 'cgm' ? [{ record, index }] : [],
    )
    const spikes = new Set<number>()
    for (let i = 1; i + 1 < sensor.length; i++) {
      const [before, here, after] = [sensor[i - 1], sensor[i], sensor[i + 1]]
      if (before === undefined || here === undefined || after === undefined) continue
      if (spikes.has(before.index)) continue
      const rise = slope(before.record, here.record)
      const fall = slope(here.record, after.record)
      if (
        rise !== undefined &&
        fall !== undefined &&
        Math.abs(rise) > rate &&
        Math.abs(fall) > rate &&
        rise * fall < 0
      ) {
        spikes.add(here.index)
      }
    }
    return filtering(
      'without-spikes',
      { rate_mgdl_per_minute: rate },
      records,
      (_, index) => !spikes.has(index),
    )
  }
}

function slope(from: Glucose, to: Glucose): number | undefined {
  const minutes = (to.at - from.at) / 60
  if (!(minutes > 0 && minutes <= 15)) return undefined
  return (mgPerDl(to) - mgPerDl(from)) / minutes
}

/** Keeps records of the given types. */
export function onlyTypes(...types: readonly RecordType[]): Step {
  return (records) =>
    filtering('only-types', { types: types.join(' ') }, records, ({ type }) => types.includes(type))
}

/** Writes all glucose in one unit, unrounded, with 18.01559. Ranges judged afterwards are judged in that unit. */
export function inUnit(unit: GlucoseUnit): Step {
  return (records) =>
    mapping('in-unit', { unit, factor: MG_PER_DL_PER_MMOL_PER_L }, records, (record) => {
      if (record.type !== 'glucose' || record.unit === unit) return record
      const value =
        unit === 'mg/dL' ? record.value * MG_PER_DL_PER_MMOL_PER_L : record.value / MG_PER_DL_PER_MMOL_PER_L
      return { ...record, unit, value }
    })
}

/** Rounds glucose to a number of decimals in its unit. */
export function rounded(decimals: number): Step {
  const factor = 10 ** decimals
  return (records) =>
    mapping('rounded', { decimals }, records, (record) => {
      if (record.type !== 'glucose') return record
      const value = Math.round(record.value * factor) / factor
      return value === record.value ? record : { ...record, value }
    })
}

/**
 * Moves every clock of a person by the same whole weeks, so that weekday and time of day stay and dates do not. The
 * number of weeks is a secret of the person and is not described. Dates remain, so this is no Safe Harbor.
 * Throws `SHIFT_NOT_WHOLE`.
 */
export function shiftedByWeeks(weeks: number): Step {
  if (!Number.isInteger(weeks)) {
    throw new IsletError(
      'SHIFT_NOT_WHOLE',
      'a date shift is a whole number of weeks',
      {},
      { remedy: 'round it' },
    )
  }
  const seconds = weeks * 7 * 86_400
  return (records) =>
    mapping('shifted-by-weeks', { grain_days: 7 }, records, (record) => ({
      ...record,
      at: quantity<UnixSeconds>(record.at + seconds),
      local: quantity<LocalSeconds>(record.local + seconds),
    }))
}

/**
 * Relative time: day 0 is the local day of the first record, and the instant becomes the local clock, so that no date is
 * left (HIPAA 164.514(b)(2)(i)(C)); device ticks and numbers and notes go too.
 */
export function relativeTime(): Step {
  return (records) => {
    const first = records.reduce((least, { local }) => Math.min(least, local), Number.POSITIVE_INFINITY)
    const start = Number.isFinite(first) ? Math.floor(first / 86_400) * 86_400 : 0
    const kept = records.filter(({ type }) => type !== 'note')
    const mapped = kept.map((record): HealthRecord => {
      const { tick: _tick, device: _device, ...rest } = record
      const local = record.local - start
      return { ...rest, at: quantity<UnixSeconds>(local), local: quantity<LocalSeconds>(local) }
    })
    return {
      records: mapped,
      did: {
        step: 'relative-time',
        parameters: { origin: 'local midnight before the first record' },
        before: records.length,
        after: mapped.length,
        changed: mapped.length,
      },
    }
  }
}

/** One number per record, for models: when, what kind, how much in one unit per kind. */
export interface EncodedRecord {
  /** Local days since 1970. */
  readonly day: number
  /** Time of day on the circle. */
  readonly sine: number
  readonly cosine: number
  /** 0 glucose, 1 insulin, 2 meal, 3 activity. */
  readonly kind: 0 | 1 | 2 | 3
  /** mg/dL, U, g, s. */
  readonly amount: number
}

/** Encodes glucose, insulin, meals and activity; other records carry no number and are left out. */
export function encode(records: readonly HealthRecord[]): {
  readonly encoded: readonly EncodedRecord[]
  readonly did: StepDescription
} {
  const encoded: EncodedRecord[] = []
  for (const record of records) {
    const [kind, amount] = amountOf(record)
    if (kind === undefined || amount === undefined) continue
    const day = Math.floor(record.local / 86_400)
    const angle = (2 * Math.PI * (record.local - day * 86_400)) / 86_400
    encoded.push({ day, sine: Math.sin(angle), cosine: Math.cos(angle), kind, amount })
  }
  const parameters = { kinds: 'glucose insulin meal activity', amounts: 'mg/dL U g s' }
  return {
    encoded,
    did: {
      step: 'encode',
      parameters,
      before: records.length,
      after: encoded.length,
      changed: encoded.length,
    },
  }
}

function amountOf(record: HealthRecord): readonly [kind?: 0 | 1 | 2 | 3, amount?: number] {
  switch (record.type) {
    case 'glucose':
      return [0, mgPerDl(record)]
    case 'insulin':
      return [1, record.units]
    case 'meal':
      return [2, record.carbs]
    case 'activity':
      return [3, record.seconds ?? 0]
    case 'laboratory':
    case 'note':
    case 'device':
      return []
    default:
      return record satisfies never
  }
}

/** Keyed hash, HMAC-SHA-256; given by the caller, because pure rooms hold no ciphers. */
export type Hmac = (key: Uint8Array, message: Uint8Array) => Uint8Array

/**
 * A person's pseudonym in one study: HMAC of their id under the study's key at this site, 128 bits as hex. The same
 * person has unlinkable pseudonyms in two studies; without the key nobody can try ids. Throws `KEY_TOO_SHORT`.
 */
export function pseudonym(id: string, studyKey: Uint8Array, hmac: Hmac): string {
  if (studyKey.length < 32) {
    throw new IsletError('KEY_TOO_SHORT', 'a pseudonym key has 32 bytes or more', { length: studyKey.length })
  }
  return toHex(hmac(studyKey, utf8(`islet/v1/pseudonym\u0000${id}`)).slice(0, 16)).slice(2)
}
