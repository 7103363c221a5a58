/**
 * A patient's question to an institution that holds something about them: their own signature is the authority.
 *
 * Law: it is answered to nobody but the person whom the grant names, and only for minutes after it was signed.
 */
import { requireSigned, type Signed } from '../consent/browser.door.ts'
import type { Ed25519 } from '../identity/index.ts'
import { type Hash32, IsletError, type UnixSeconds } from '../vocabulary/index.ts'

/** A question is answered within this of being asked, by either clock. */
const QUESTION_SECONDS = 300

/** Throws `SIGNATURE_REFUSED`, `QUESTION_OLD`. */
export function requireQuestion(
  question: Signed<{ readonly at: number }>,
  patientKey: Hash32,
  { ed, clock }: { readonly ed: Ed25519; readonly clock: () => UnixSeconds },
): void {
  requireSigned(question, ed, 'question of a patient', patientKey)
  if (Math.abs(clock() - question.body.at) > QUESTION_SECONDS)
    throw new IsletError('QUESTION_OLD', 'the question is too old', {}, { remedy: 'ask again' })
}
