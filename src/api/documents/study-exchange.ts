/**
 * What leaves a study or comes into it beside its rounds: extracts, vouchers, daily data.
 */
import { type Static, Type } from 'typebox'
import { CodeField, Hash32Field, InstantField, InstitutionIdField, oneOf } from '../fields.ts'
import { orNull } from '../shapes.ts'
import { EXTRACT_MODES } from '../study/plan-document.ts'

const count = Type.Integer({ minimum: 0 })
const Sha256 = Type.String({ pattern: '^[0-9a-f]{64}$' })
const Counted = Type.Array(Type.Object({ code: CodeField, count }))
const words = Type.String({ minLength: 1, maxLength: 200 })

const at = { at_seconds: Type.Number() }
const ExtractRow = Type.Union([
  Type.Object({
    ...at,
    type: Type.Literal('glucose'),
    value: Type.Number(),
    unit: words,
    text: Type.Optional(oneOf(['high', 'low'] as const)),
  }),
  Type.Object({ ...at, type: Type.Literal('insulin'), units: Type.Number(), delivery: words }),
  Type.Object({ ...at, type: Type.Literal('meal'), carbs: Type.Number() }),
  Type.Object({ ...at, type: Type.Literal('activity') }),
  Type.Object({ ...at, type: Type.Literal('laboratory'), code: words, value: Type.Number(), unit: words }),
])

/** The file of an extract: no date of a person as it was, no name, no words of their own. */
export const StudyExtractFile = Type.Object(
  {
    schema: Type.Literal('islet.study.extract-file/1'),
    study: Hash32Field,
    plan_hash: Hash32Field,
    /** `shifted`: instants moved by whole days of each person's own. `safe-harbor`: seconds from a person's first record. */
    mode: oneOf(EXTRACT_MODES),
    k: Type.Integer({ minimum: 2 }),
    sites: Type.Array(
      Type.Object({
        site: InstitutionIdField,
        people: Type.Array(
          Type.Object({
            pseudonym: Type.String({ pattern: '^[0-9a-f]{32}$' }),
            age_band: orNull(Type.String()),
            sex: orNull(Type.String()),
            region: orNull(Type.String()),
            rows: Type.Array(ExtractRow),
          }),
        ),
      }),
    ),
  },
  { $id: 'islet.study.extract-file/1', title: 'A de-identified extract' },
)
export type StudyExtractFile = Static<typeof StudyExtractFile>

export const StudyExtractDocument = Type.Object(
  {
    schema: Type.Literal('islet.study.extract/1'),
    study: Hash32Field,
    mode: oneOf(EXTRACT_MODES),
    k: Type.Integer({ minimum: 2 }),
    file: Type.String(),
    sha256: Sha256,
    sites: Type.Array(
      Type.Object({
        key: Type.String(),
        people: count,
        rows: count,
        /** People of whom too few are alike. */
        left_out: count,
        /** Grants for the study that opened nothing, by why. */
        refused: Counted,
      }),
    ),
  },
  { $id: 'islet.study.extract/1', title: 'An extract that was written' },
)
export type StudyExtractDocument = Static<typeof StudyExtractDocument>

export const StudyCreditsDocument = Type.Object(
  {
    schema: Type.Literal('islet.study.credits/1'),
    study: Hash32Field,
    sites: Type.Array(
      Type.Object({
        id: InstitutionIdField,
        key: Type.String(),
        /** People who gave the site a voucher's commitment; null where this node does not know. */
        claimed: orNull(count),
        /** The batch on the ledger, padded to a power of two; null before it is issued. */
        batch: orNull(Type.Object({ root: Hash32Field, size: count, redeemed: count })),
      }),
    ),
    /** The voucher of the person who was named, at the site that was named; null where none was, or there is none. */
    voucher: orNull(
      Type.Object({
        site: Type.String(),
        state: oneOf(['CLAIMED', 'ISSUED', 'REDEEMED'] as const),
        /** Block of a redemption made just now. */
        block: orNull(count),
      }),
    ),
  },
  { $id: 'islet.study.credits/1', title: 'Vouchers for taking part in a study' },
)
export type StudyCreditsDocument = Static<typeof StudyCreditsDocument>

export const StudyExchangeDocument = Type.Object(
  {
    schema: Type.Literal('islet.study.exchange/1'),
    study: Hash32Field,
    state: oneOf(['RUNNING', 'ENDED', 'NOT_PLANNED', 'NOT_OPEN'] as const),
    sites: Type.Array(
      Type.Object({
        key: Type.String(),
        /** Consents of whom days are kept. */
        people: count,
        /** Days of people that came in just now. */
        now: count,
        /** Why grants or days bring nothing now. */
        refused: Counted,
        days: Type.Array(
          Type.Object({
            day: Type.String({ pattern: '^\\d{4}-\\d\\d-\\d\\d$', description: 'a day of UTC' }),
            /** People whose day is kept, and the records that it holds. */
            received: count,
            records: count,
          }),
        ),
      }),
    ),
    /** First instant at which another day is complete; null when none will come. */
    next: orNull(InstantField),
  },
  { $id: 'islet.study.exchange/1', title: 'Daily data of a study' },
)
export type StudyExchangeDocument = Static<typeof StudyExchangeDocument>
