/**
 * Why a block, a set of seats or a proof is not believed.
 *
 * Law: nothing is half believed: every check either holds or refuses the whole with one of these codes.
 */
import { type Facts, IsletError, isIsletError } from '../vocabulary/index.ts'

const REFUSALS = [
  'PROOF_MALFORMED',
  'ANCHOR_ALTERED',
  'ANCHOR_STALE',
  'CHAIN_DIFFERS',
  'HEADER_ALTERED',
  'HEIGHT_NOT_AFTER',
  'TIME_NOT_AFTER',
  'TIME_IN_FUTURE',
  'SEATS_ALTERED',
  'SEATS_NOT_NEXT',
  'SEATS_UNTRUSTED',
  'SIGNATURE_WRONG',
  'POWER_TOO_SMALL',
  'STATE_DIFFERS',
  'PLACE_DIFFERS',
  'NOT_ABSENT',
  'NODES_DIFFER',
  'CONTENT_ALTERED',
  'OUTCOMES_ALTERED',
  'PAST_DIFFERS',
  'WORD_DIFFERS',
  'WORD_MISSING',
] as const
export type RefusalCode = (typeof REFUSALS)[number]

/** A refusal, to be thrown. */
export function refusal(code: RefusalCode, what: string, facts: Facts = {}): IsletError<RefusalCode> {
  return new IsletError(code, what, facts)
}

/** Bytes that do not have their form. */
export function malformed(what: string, facts: Facts = {}): IsletError<RefusalCode> {
  return refusal('PROOF_MALFORMED', what, facts)
}

export function isRefusal(error: unknown): error is IsletError<RefusalCode> {
  return isIsletError(error, ...REFUSALS)
}
