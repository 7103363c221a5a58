/**
 * What a writer left in the patient's inbox: judged record by record before any of it becomes the patient's.
 *
 * Law: a writer adds what its grant names and nothing else: every record has the closed form of its type (`series`),
 * finite numbers, a kind of the grant and an instant in its window. What does not is counted and dropped, never repeated.
 */
import Type from 'typebox'
import type { HealthRecord } from '../series/index.ts'
import { kindOfRecord } from '../vault/index.ts'
import { fromUtf8, holds, hourOf } from '../vocabulary/index.ts'
import { isOf, Moment, record } from './document.ts'
import type { Opening } from './opening.ts'

/** Far beyond every quantity a record holds; keeps infinities out, which JSON spells 1e999. */
const LARGEST = 1_000_000_000
const Finite = Type.Number({ minimum: -LARGEST, maximum: LARGEST })
const Amount = Type.Number({ minimum: 0, maximum: LARGEST })
const Words = Type.String({ maxLength: 10_000 })
const Word = Type.String({ maxLength: 200 })

function oneOf<const Names extends readonly string[]>(...names: Names) {
  return Type.Union(names.map((name) => Type.Literal(name)))
}

const TIMED = {
  at: Moment,
  local: Moment,
  tick: Type.Optional(Finite),
  device: Type.Optional(Type.Integer({ minimum: 0, maximum: LARGEST })),
}

const RecordSchema = Type.Unsafe<HealthRecord>(
  Type.Union([
    record({
      ...TIMED,
      type: Type.Literal('glucose'),
      value: Amount,
      unit: oneOf('mg/dL', 'mmol/L'),
      text: Type.Optional(oneOf('low', 'high')),
      method: oneOf('cgm', 'scan', 'smbg'),
    }),
    record({
      ...TIMED,
      type: Type.Literal('insulin'),
      units: Amount,
      delivery: oneOf('bolus', 'basal', 'long-acting', 'rapid-acting', 'correction'),
      seconds: Type.Optional(Amount),
    }),
    record({ ...TIMED, type: Type.Literal('meal'), carbs: Amount }),
    record({
      ...TIMED,
      type: Type.Literal('activity'),
      seconds: Type.Optional(Amount),
      intensity: Type.Optional(Word),
    }),
    record({ ...TIMED, type: Type.Literal('laboratory'), code: Word, value: Finite, unit: Word }),
    record({ ...TIMED, type: Type.Literal('note'), text: Words }),
    record({ ...TIMED, type: Type.Literal('device'), event: Words }),
  ]),
)

/** What came of a deposit. */
export interface Judged {
  readonly records: readonly HealthRecord[]
  /** Records left out; 1 for a deposit that is no list of records at all. */
  readonly refused: number
}

/** Judges the opened bytes of a deposit against the grant of its writer. */
export function judgeDeposit(plaintext: Uint8Array, opening: Pick<Opening, 'kinds' | 'window'>): Judged {
  const given = listIn(plaintext)
  if (given === undefined) return { records: [], refused: 1 }
  const records = given.filter(
    (value): value is HealthRecord =>
      isOf(RecordSchema, value) &&
      opening.kinds.includes(kindOfRecord(value)) &&
      holds(opening.window, hourOf(value.at)),
  )
  return { records, refused: given.length - records.length }
}

function listIn(plaintext: Uint8Array): readonly unknown[] | undefined {
  try {
    const value: unknown = JSON.parse(fromUtf8(plaintext))
    return Array.isArray(value) ? value : undefined
  } catch {
    return undefined
  }
}
