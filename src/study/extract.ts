/**
 * De-identified extracts: single records that may leave a site, where plan and consent both say so.
 *
 * Laws: only people of the cohort, only kinds that plan and consent name, only readings inside both windows; notes and
 * other words of a person's own never leave; a pseudonym is keyed by site and study, so two studies cannot be joined on
 * it; every day of a person moves by the same number of days of their own, so intervals stay and dates do not; whoever
 * leaves shares age band, sex and region, as far as these are told, with k people or more.
 * `safe-harbor` follows 45 CFR 164.514(b)(2)(i): no date at all (seconds from the person's first record instead), no
 * region, ages of ninety and more as one.
 * Limit: a long glucose trace is itself like a fingerprint; an extract is for a reader under contract, never public.
 * Source: k-anonymity, Sweeney, Int. J. Uncertainty Fuzziness Knowl.-Based Syst. 10(5), 2002.
 */
import type { ConsentClaim } from '../consent/browser.door.ts'
import type { HealthRecord } from '../series/index.ts'
import { type Hasher, kindOfRecord } from '../vault/index.ts'
import {
  type Bytes,
  concat,
  fromHex,
  type Hash32,
  type HourWindow,
  holds,
  hourOf,
  IsletError,
  toHex,
  utf8,
} from '../vocabulary/index.ts'
import type { InformationSheet } from './information-sheet.ts'
import { generalised, type PersonAttributes, type TellableAttributes } from './k-anonymity.ts'
import type { StudyPlan } from './plan.ts'

/** A person of the cohort, as their site holds them. */
export interface ExtractPerson {
  readonly claim: ConsentClaim
  readonly attributes: PersonAttributes
  readonly records: readonly HealthRecord[]
}

/** One record as it leaves: `at_seconds` is a moved instant, or counts from the person's first record. */
export type ExtractRow = { readonly at_seconds: number } & (
  | {
      readonly type: 'glucose'
      readonly value: number
      readonly unit: string
      readonly text?: 'high' | 'low'
    }
  | { readonly type: 'insulin'; readonly units: number; readonly delivery: string }
  | { readonly type: 'meal'; readonly carbs: number }
  | { readonly type: 'activity' }
  | { readonly type: 'laboratory'; readonly code: string; readonly value: number; readonly unit: string }
)

export interface ExtractedPerson extends TellableAttributes {
  readonly pseudonym: string
  readonly rows: readonly ExtractRow[]
}

export interface Extract {
  readonly people: readonly ExtractedPerson[]
  /** People left out because too few are like them. */
  readonly leftOut: number
}

export interface ExtractTerms {
  readonly study: Hash32
  readonly plan: StudyPlan
  /** Hours that the plan names. */
  readonly window: HourWindow
  /** The site's own secret, 32 bytes or more: who knows it can undo pseudonyms and dates. */
  readonly secret: Uint8Array
}

const PSEUDONYM = utf8('islet/v1/extract-pseudonym\0')
const SHIFT = utf8('islet/v1/extract-shift\0')
const DAY = 86_400
/** Days that a person's dates move at most, either way. */
const MOST_DAYS = 365

/**
 * An extract of the people given, who must be the cohort's (`cohortAt`).
 * Throws `EXTRACT_NOT_PLANNED`, `SECRET_SHORT`.
 */
export function extractOf(people: readonly ExtractPerson[], terms: ExtractTerms, hasher: Hasher): Extract {
  const rules = terms.plan.outputs.includes('extract') ? terms.plan.extract : undefined
  if (rules === undefined) {
    const remedy = 'Amend the plan, which then needs new approvals and new consents.'
    throw new IsletError('EXTRACT_NOT_PLANNED', 'the plan names no extract', {}, { remedy })
  }
  if (terms.secret.length < 32) throw new IsletError('SECRET_SHORT', 'a secret has at least 32 bytes')
  const isSafeHarbor = rules.mode === 'safe-harbor'
  const told = generalised(
    people.map(({ attributes }) => attributes),
    rules.k,
    isSafeHarbor ? ['ageBand', 'sex'] : ['ageBand', 'sex', 'region'],
  )
  const extracted = people.flatMap((person, i): readonly ExtractedPerson[] => {
    const attributes = told[i]
    if (attributes === undefined) return []
    const records = allowedRecords(person, terms)
    const shift = isSafeHarbor ? -(records[0]?.at ?? 0) : DAY * shiftDays(person.claim, terms, hasher)
    const rows = records.flatMap((record) => rowOf(record, record.at + shift))
    return [{ pseudonym: pseudonymOf(person.claim, terms, hasher), ...attributes, rows }]
  })
  // In the order of pseudonyms: the site's own order would say who came first.
  extracted.sort((a, b) => (a.pseudonym < b.pseudonym ? -1 : 1))
  return { people: extracted, leftOut: people.length - extracted.length }
}

/** Section of an information sheet that tells a person that single records may leave. */
const TELLING_SECTION = 'extract'

/**
 * A consent names a sheet and no more: where the plan names an extract, the sheet must tell of it in a section of its own.
 * Throws `EXTRACT_NOT_TOLD`.
 */
export function requireExtractTold(plan: Pick<StudyPlan, 'outputs'>, sheet: InformationSheet): void {
  if (!plan.outputs.includes('extract') || sheet.sections.some(({ id }) => id === TELLING_SECTION)) return
  throw new IsletError(
    'EXTRACT_NOT_TOLD',
    'the plan names an extract, and the information sheet does not tell people of it',
    {},
    {
      at: { field: 'sections' },
      remedy: `Add a section with the id ${TELLING_SECTION} to the sheet, and its new hash to the plan.`,
    },
  )
}

/** Records that plan and consent both allow, in order of time. */
function allowedRecords(
  { claim, records }: ExtractPerson,
  { plan, window }: ExtractTerms,
): readonly HealthRecord[] {
  const { opening } = claim
  const kinds = plan.data.kinds.filter((kind) => opening.kinds.includes(kind))
  return records
    .filter((record) => kinds.includes(kindOfRecord(record)))
    .filter(({ at }) => holds(window, hourOf(at)) && holds(opening.window, hourOf(at)))
    .sort((a, b) => a.at - b.at)
}

/** What of a record leaves: no local clock, no device, no words of the person's own. */
function rowOf(record: HealthRecord, at: number): readonly ExtractRow[] {
  switch (record.type) {
    case 'glucose': {
      const { type, value, unit, text } = record
      return [{ at_seconds: at, type, value, unit, ...(text === undefined ? {} : { text }) }]
    }
    case 'insulin':
      return [{ at_seconds: at, type: record.type, units: record.units, delivery: record.delivery }]
    case 'meal':
      return [{ at_seconds: at, type: record.type, carbs: record.carbs }]
    case 'activity':
      return [{ at_seconds: at, type: record.type }]
    case 'laboratory': {
      const { type, code, value, unit } = record
      return [{ at_seconds: at, type, code, value, unit }]
    }
    case 'device':
    case 'note':
      return []
    default:
      return record satisfies never
  }
}

/** 16 bytes in hex; the same person has another one in another study and at another site. */
function pseudonymOf({ opening }: ConsentClaim, terms: ExtractTerms, hasher: Hasher): string {
  return toHex(keyed(PSEUDONYM, opening.patientKey, terms, hasher).subarray(0, 16)).slice(2)
}

/** Whole days from −365 to 365, never none. */
function shiftDays({ opening }: ConsentClaim, terms: ExtractTerms, hasher: Hasher): number {
  const bytes = keyed(SHIFT, opening.patientKey, terms, hasher)
  // 48 bits over 730 places: no place is likelier than another by more than 3e-12.
  const place = Number.parseInt(toHex(bytes.subarray(0, 6)).slice(2), 16) % (2 * MOST_DAYS)
  return place < MOST_DAYS ? place - MOST_DAYS : place - MOST_DAYS + 1
}

function keyed(label: Uint8Array, person: Hash32, { study, secret }: ExtractTerms, hasher: Hasher): Bytes {
  return hasher.hmacSha256(secret, concat(label, fromHex(study), fromHex(person)))
}
