/** Refusals of access as errors: the code of `checkAccess`, in words, with what to do. */
import { IsletError } from '../vocabulary/index.ts'
import type { RefusalCode } from './decide.ts'
import { notAllowed } from './delegations.ts'
import type { GlassTrouble } from './emergency.ts'
import type { DelegationRefusal } from './gatekeeper.ts'

const WORDS: Readonly<Record<RefusalCode | GlassTrouble, readonly [string, string]>> = {
  OPENING_MISMATCH: ['the opening is not the one committed to', 'Hand over the opening that was signed.'],
  CONSENT_UNKNOWN: ['there is no such consent here', 'Ask the patient for access.'],
  CONSENT_REVOKED: ['the patient has stopped this consent', 'Ask the patient for a new one.'],
  EXPIRY_MISMATCH: ['the ledger names another expiry', 'Ask the patient for a new grant.'],
  WINDOW_AFTER_EXPIRY: ['the data window ends after the access', 'Ask the patient for a new grant.'],
  READER_MISMATCH: ['the consent names another reader', 'Sign with the key of the reader that it names.'],
  READER_SUSPENDED: ['the reader is not an active member', 'Wait until the members reinstate it.'],
  NOT_YET_VALID: ['the access has not begun', 'Ask again when it has.'],
  CONSENT_EXPIRED: ['the access has ended', 'Ask the patient for a new one.'],
  SUBJECT_MISMATCH: ['the consent names another person or study', 'Ask as the one it names.'],
  KIND_NOT_GRANTED: ['this kind of data was not granted', 'Ask for the kinds that were.'],
  ACTION_NOT_GRANTED: ['this action was not granted', 'Ask for what was.'],
  PURPOSE_NOT_GRANTED: ['this purpose was not granted', 'State a purpose that was.'],
  HOURS_NOT_GRANTED: ['these hours were not granted', 'Ask for hours inside the data window.'],
  RELEASE_MISSING: ['an emergency envelope opens with a second party only', 'Call the second party first.'],
  RELEASE_REFUSED: [
    'call and release are not those of this emergency envelope',
    'Show the release of this call, signed by its second party.',
  ],
  RELEASE_OVER: ['the release has ended', 'Call the second party again.'],
}

export function refusal(code: RefusalCode | GlassTrouble | DelegationRefusal): IsletError {
  if (!isAccessCode(code)) return notAllowed(code)
  const [message, remedy] = WORDS[code]
  return new IsletError(code, message, {}, { remedy })
}

function isAccessCode(code: string): code is RefusalCode | GlassTrouble {
  return Object.hasOwn(WORDS, code)
}
