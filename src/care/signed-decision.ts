/**
 * A decision on a dose as it travels: what a clinician signs with their own key, where they are.
 *
 * Law: it names the consent, the exact proposal and the units; what it is worth is judged where the proposal was made.
 */
import Type from 'typebox'
import { ConsentIdField, Hash32Field } from '../api/index.ts'
import { type Document, record, Seconds, sign, signedSchema } from '../consent/browser.door.ts'
import type { Signer } from '../identity/index.ts'

export const VERDICTS = ['accepted', 'changed', 'rejected'] as const
export type Verdict = (typeof VERDICTS)[number]

export const DoseDecisionSchema = signedSchema(
  'islet.dose-decision/1',
  record({
    consentId: ConsentIdField,
    /** SHA-256 of the proposal (`proposalDigest`). */
    proposal: Hash32Field,
    verdict: Type.Unsafe<Verdict>({ type: 'string', enum: [...VERDICTS] }),
    /** Units decided on; null where the proposal was rejected. */
    units: Type.Union([Type.Number({ minimum: 0, maximum: 100 }), Type.Null()]),
    reason: Type.String({ maxLength: 500 }),
    at: Seconds,
  }),
)
export type DoseDecision = Document<typeof DoseDecisionSchema>

/** Signs a decision with a clinician's own key. */
export function signDecision(body: DoseDecision['body'], by: Signer): DoseDecision {
  return { ...sign('islet.dose-decision/1', body, by), type: 'islet.dose-decision/1' }
}
