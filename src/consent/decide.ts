/**
 * Whether a request is allowed under a consent: the local twin of `ConsentLedger.checkAccess`.
 *
 * Law: the opening never leaves for an RPC endpoint (PROTOCOL 4), so the judgement is made here, in the same order and
 * with the same codes as the contract; a differential test holds the two together. Expiry follows from the instant
 * alone, without a transaction (PROTOCOL 5).
 */
import {
  type Action,
  type Address,
  type ConsentId,
  EPOCH_1900_SECONDS,
  type Hash32,
  type HourWindow,
  type InstitutionId,
  type Kind,
  type Purpose,
  type UnixSeconds,
} from '../vocabulary/index.ts'
import { ANY_SUBJECT, commitmentOf, consentIdOf, expiryDayOf, type Opening } from './opening.ts'

/** Codes of `checkAccess` in its order: index = number in the contract. */
export const ACCESS_CODES = [
  'ALLOWED',
  'OPENING_MISMATCH',
  'CONSENT_UNKNOWN',
  'CONSENT_REVOKED',
  'EXPIRY_MISMATCH',
  'WINDOW_AFTER_EXPIRY',
  'READER_MISMATCH',
  'READER_SUSPENDED',
  'NOT_YET_VALID',
  'CONSENT_EXPIRED',
  'SUBJECT_MISMATCH',
  'KIND_NOT_GRANTED',
  'ACTION_NOT_GRANTED',
  'PURPOSE_NOT_GRANTED',
  'HOURS_NOT_GRANTED',
] as const
export type AccessCode = (typeof ACCESS_CODES)[number]
export type RefusalCode = Exclude<AccessCode, 'ALLOWED'>

/** What is asked for: one kind, one action, one purpose, a run of hours. */
export interface AccessQuestion {
  readonly reader: InstitutionId
  readonly subject: Hash32
  readonly kind: Kind
  readonly action: Action
  readonly purpose: Purpose
  readonly window: HourWindow
}

/** A consent as those entitled to its opening hold it. */
export interface ConsentClaim {
  readonly consentId: ConsentId
  readonly signer: Address
  readonly opening: Opening
}

/** What the ledger says about a consent and its reader, read at one block. */
export interface ConsentStanding {
  readonly state: 'NONE' | 'ACTIVE' | 'REVOKED'
  /** Days since 1970; 0 when there is none. */
  readonly expiryDay: number
  /** Whether the opening's reader institution is an active member. */
  readonly readerActive: boolean
}

export type Decision =
  | { readonly allowed: true; readonly code: 'ALLOWED' }
  | { readonly allowed: false; readonly code: RefusalCode }

/** Judges a request at an instant; the first refusal in the contract's order. Throws `NOT_A_WORD` on an impossible opening. */
export function decide(
  claim: ConsentClaim,
  question: AccessQuestion,
  standing: ConsentStanding,
  at: UnixSeconds,
): Decision {
  const code = judgeConsent(claim, standing) ?? judgeRequest(claim.opening, question, standing, at)
  return code === undefined ? { allowed: true, code: 'ALLOWED' } : { allowed: false, code }
}

/** What holds or fails whatever is asked for. */
function judgeConsent(claim: ConsentClaim, standing: ConsentStanding): RefusalCode | undefined {
  const { opening } = claim
  if (consentIdOf(commitmentOf(opening), claim.signer) !== claim.consentId) return 'OPENING_MISMATCH'
  if (standing.state === 'NONE') return 'CONSENT_UNKNOWN'
  if (standing.state === 'REVOKED') return 'CONSENT_REVOKED'
  if (expiryDayOf(opening.expiresAt) !== standing.expiryDay) return 'EXPIRY_MISMATCH'
  if (opening.window.end * 3600 > opening.expiresAt + EPOCH_1900_SECONDS) return 'WINDOW_AFTER_EXPIRY'
  return undefined
}

function judgeRequest(
  opening: Opening,
  question: AccessQuestion,
  standing: ConsentStanding,
  at: UnixSeconds,
): RefusalCode | undefined {
  if (question.reader !== opening.reader) return 'READER_MISMATCH'
  if (!standing.readerActive) return 'READER_SUSPENDED'
  if (at < opening.notBefore) return 'NOT_YET_VALID'
  if (at >= opening.expiresAt) return 'CONSENT_EXPIRED'
  if (opening.subject !== ANY_SUBJECT && question.subject !== opening.subject) return 'SUBJECT_MISMATCH'
  if (!opening.kinds.includes(question.kind)) return 'KIND_NOT_GRANTED'
  if (!opening.actions.includes(question.action)) return 'ACTION_NOT_GRANTED'
  if (!opening.purposes.includes(question.purpose)) return 'PURPOSE_NOT_GRANTED'
  const { first, end } = question.window
  if (first >= end || first < opening.window.first || end > opening.window.end) return 'HOURS_NOT_GRANTED'
  return undefined
}
