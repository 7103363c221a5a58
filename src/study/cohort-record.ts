/**
 * What a site keeps of its cohort of one round: ids of consents and codes, no reading and no name.
 *
 * Law: it is written before the root goes to the ledger, so that after a crash the site trains on exactly those whom the
 * root stands for, or takes itself out of the round.
 */
import Type, { type Static } from 'typebox'
import { Compile, type Validator } from 'typebox/compile'
import { ConsentIdField, Hash32Field } from '../api/index.ts'
import { type Bytes, canonicalJson, fromUtf8, IsletError, utf8 } from '../vocabulary/index.ts'

const CohortRecord = Type.Object(
  {
    schema: Type.Literal('islet.study.cohort/1'),
    study: Hash32Field,
    round: Type.Integer({ minimum: 1 }),
    opened_block: Type.Integer({ minimum: 0 }),
    root: Hash32Field,
    included: Type.Array(ConsentIdField),
    left_out: Type.Array(
      Type.Object(
        { consent: ConsentIdField, code: Type.String({ pattern: '^[A-Z][A-Z0-9_]*$' }) },
        { additionalProperties: false },
      ),
    ),
  },
  { additionalProperties: false },
)
export type CohortRecord = Static<typeof CohortRecord>

let validator: Validator<Record<never, never>, typeof CohortRecord> | undefined

export function writeCohortRecord(record: CohortRecord): Bytes {
  return utf8(canonicalJson(record))
}

/** Throws `JOURNAL_DAMAGED`. */
export function readCohortRecord(bytes: Bytes): CohortRecord {
  let value: unknown
  try {
    value = JSON.parse(fromUtf8(bytes))
  } catch (cause) {
    throw damaged(cause)
  }
  validator ??= Compile(CohortRecord)
  if (!validator.Check(value)) throw damaged()
  return value
}

function damaged(cause?: unknown): IsletError {
  return new IsletError('JOURNAL_DAMAGED', 'a site’s note on a cohort cannot be read', {}, { cause })
}
