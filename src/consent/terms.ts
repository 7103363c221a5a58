/**
 * The terms of a grant: the exact sentence shown, its language, the FHIR Consent, and the hash of the envelope.
 *
 * Law: the signed intent commits to all of it through `Opening.terms`, so that nobody can later say that another
 * sentence was shown or another cover was sealed (DESIGN 5: the envelope's hash is inside the signed intent).
 */
import Type from 'typebox'
import { Hash32Field } from '../api/index.ts'
import { canonicalJson, type Hash32, type Json, utf8 } from '../vocabulary/index.ts'
import { keccak } from './abi-words.ts'
import { asJson, type Document, record } from './document.ts'

/** Version of the notice a person can read behind the sentence; a new one asks again (GDPR Art. 13). */
export const NOTICE = 'islet-notice/1'

export const TermsSchema = record({
  schema: Type.Literal('islet.terms/1'),
  notice: Type.String({ maxLength: 64 }),
  language: Type.String({ pattern: '^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$' }),
  sentence: Type.String({ minLength: 1, maxLength: 2000 }),
  /** SHA-256 of the first sealed envelope. */
  envelope: Hash32Field,
  /** Hash of the halves of an emergency envelope (`emergencyHash`). */
  emergency: Type.Optional(Hash32Field),
  /** FHIR R4 Consent without the consent's id, which follows from the commitment. */
  consent: Type.Unsafe<Json>({ type: 'object' }),
})
export type Terms = Document<typeof TermsSchema>

export function termsHash(terms: Terms): Hash32 {
  return keccak(utf8('islet/v1/terms\0'), utf8(canonicalJson(asJson(terms))))
}
