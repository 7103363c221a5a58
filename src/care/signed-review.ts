/**
 * What is said afterwards about an emergency: the patient's word, and the finding of a named reviewer, each signed where they sit.
 *
 * Law: both name one call by its hash; neither is changed once it was taken.
 */
import Type from 'typebox'
import { Hash32Field } from '../api/index.ts'
import { type Document, record, Seconds, sign, signedSchema } from '../consent/browser.door.ts'
import type { Signer } from '../identity/index.ts'

/** A verdict on a call with a few words, as documents of both kinds carry it. */
function verdictSchema<Verdict extends string>(verdicts: readonly Verdict[]) {
  return record({
    call: Hash32Field,
    verdict: Type.Unsafe<Verdict>({ type: 'string', enum: [...verdicts] }),
    note: Type.String({ maxLength: 500 }),
    at: Seconds,
  })
}

/** The patient's word on what was done in an emergency. */
export const ReviewSchema = signedSchema(
  'islet.emergency-review/1',
  verdictSchema(['justified', 'questioned']),
)
export type Review = Document<typeof ReviewSchema>

/** What a reviewer of an institution found of its own part in an emergency. */
export const FindingSchema = signedSchema(
  'islet.emergency-finding/1',
  verdictSchema(['justified', 'unjustified']),
)
export type Finding = Document<typeof FindingSchema>

/** A patient asks what became of an emergency about them. */
export const QuestionSchema = signedSchema(
  'islet.emergency-question/1',
  record({ call: Hash32Field, at: Seconds }),
)
export type Question = Document<typeof QuestionSchema>

export function signReview(body: Review['body'], by: Signer): Review {
  return { ...sign('islet.emergency-review/1', body, by), type: 'islet.emergency-review/1' }
}

export function signFinding(body: Finding['body'], by: Signer): Finding {
  return { ...sign('islet.emergency-finding/1', body, by), type: 'islet.emergency-finding/1' }
}

export function signQuestion(body: Question['body'], by: Signer): Question {
  return { ...sign('islet.emergency-question/1', body, by), type: 'islet.emergency-question/1' }
}
