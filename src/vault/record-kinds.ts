/**
 * Which kind of data a record is, and with that which key stream seals it; and whether parsed JSON is a record at all.
 */
import type { HealthRecord, RecordType } from '../series/index.ts'
import type { Json, Kind } from '../vocabulary/index.ts'

const KIND_OF = {
  glucose: 'glucose',
  insulin: 'insulin',
  meal: 'meals',
  activity: 'meals',
  laboratory: 'laboratory',
  note: 'notes',
  device: 'device',
} as const satisfies Record<RecordType, Kind>

/** What each type must carry besides `type`, `at` and `local`. */
const REQUIRED = {
  glucose: { value: 'number', unit: 'string', method: 'string' },
  insulin: { units: 'number', delivery: 'string' },
  meal: { carbs: 'number' },
  activity: {},
  laboratory: { code: 'string', value: 'number', unit: 'string' },
  note: { text: 'string' },
  device: { event: 'string' },
} as const satisfies Record<RecordType, Readonly<Record<string, 'number' | 'string'>>>

const TIMED = { at: 'number', local: 'number' } as const

/** The kind of data under whose keys a record is sealed. */
export function kindOfRecord(record: HealthRecord): Kind {
  return KIND_OF[record.type]
}

/** Whether a parsed document is a record of the given kind. */
export function isRecordOf(kind: Kind, value: unknown): value is HealthRecord {
  if (typeof value !== 'object' || value === null || !('type' in value)) return false
  const { type } = value
  if (!isRecordType(type) || KIND_OF[type] !== kind) return false
  const fields: Readonly<Record<string, unknown>> = { ...value }
  return Object.entries({ ...TIMED, ...REQUIRED[type] }).every(([name, sort]) => typeof fields[name] === sort)
}

/** A record as the document that is written for it: its own members, undefined ones left out. */
export function documentOf(record: HealthRecord): Json {
  return Object.fromEntries(Object.entries(record).filter(([, member]) => member !== undefined))
}

function isRecordType(type: unknown): type is RecordType {
  return typeof type === 'string' && Object.hasOwn(KIND_OF, type)
}
