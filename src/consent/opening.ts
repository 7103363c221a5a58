/**
 * The opening of a consent: everything a grant says, known to those entitled to it and to nobody else.
 *
 * Law: the ledger holds keccak256 of the opening only, and `consentId = H(commitment, signer)` (PROTOCOL 4, 7).
 * The field order is the one of `ConsentLedger`'s struct; the salt makes the commitment hide what it says.
 */
import {
  ACTIONS,
  type Action,
  type Address,
  type Bytes,
  type ConsentId,
  concat,
  consentId,
  type Hash32,
  type HourWindow,
  hash32,
  type InstitutionId,
  IsletError,
  KINDS,
  type Kind,
  maskOf,
  PURPOSES,
  type Purpose,
  startOfHour,
  type UnixSeconds,
} from '../vocabulary/index.ts'
import { hexWord, keccak, uintWord } from './abi-words.ts'

/** What a grant says. Lists are in the order of the vocabulary, without repeats. */
export interface Opening {
  /** The institution whose node the grant is sealed to (PROTOCOL 3). */
  readonly reader: InstitutionId
  /** Names a person or a study at that institution (`subjectOf…`); `ANY_SUBJECT` is the institution itself. */
  readonly subject: Hash32
  readonly kinds: readonly Kind[]
  readonly actions: readonly Action[]
  readonly purposes: readonly Purpose[]
  /** Data window: which hour keys the cover holds (PROTOCOL 2). */
  readonly window: HourWindow
  /** Access from this instant on, and refused from `expiresAt` on; whole seconds. */
  readonly notBefore: UnixSeconds
  readonly expiresAt: UnixSeconds
  /** The patient's enrolled identity key, Ed25519 (PROTOCOL 9). */
  readonly patientKey: Hash32
  /** 0 = granted by the patient to a reader; see `DELEGATION`. */
  readonly delegation: number
  /** Hash of the terms shown: the sentence, the envelope and the FHIR Consent (`termsHash`). */
  readonly terms: Hash32
  /** 32 random bytes; destroyed on erasure. */
  readonly salt: Hash32
}

/** The subject of a grant that names the institution itself. */
export const ANY_SUBJECT: Hash32 = hash32(`0x${'00'.repeat(32)}`)

/** Bits of `Opening.delegation`: who granted, and whether the reader is a delegate of the patient. */
export const DELEGATION = { byGuardian: 1, toDelegate: 2 } as const

const DAY_SECONDS = 86_400

/** keccak256(abi.encode(opening)), as `ConsentLedger` computes it. Throws `NOT_A_WORD`. */
export function commitmentOf(opening: Opening): Hash32 {
  return keccak(encodeOpening(opening))
}

/** The thirteen words of an opening, whatever it says. */
export function encodeOpening(opening: Opening): Bytes {
  return concat(
    hexWord(opening.reader),
    hexWord(opening.subject),
    uintWord(maskOf(KINDS, opening.kinds), 16),
    uintWord(maskOf(ACTIONS, opening.actions), 8),
    uintWord(maskOf(PURPOSES, opening.purposes), 16),
    uintWord(opening.window.first, 32),
    uintWord(opening.window.end, 32),
    uintWord(opening.notBefore, 64),
    uintWord(opening.expiresAt, 64),
    hexWord(opening.patientKey),
    uintWord(opening.delegation, 8),
    hexWord(opening.terms),
    hexWord(opening.salt),
  )
}

/** keccak256(abi.encode(commitment, signer)). */
export function consentIdOf(commitment: Hash32, signer: Address): ConsentId {
  return consentId(keccak(hexWord(commitment), hexWord(signer)))
}

/** The expiry that stands on the ledger: the day, counted from 1970, at whose start the consent is surely over. */
export function expiryDayOf(expiresAt: UnixSeconds): number {
  return Math.ceil(expiresAt / DAY_SECONDS)
}

/**
 * Whether the data window ends by the access expiry (PROTOCOL 2).
 * An hour that begins at the expiry or later would be data for which no key may exist.
 */
export function windowEndsByExpiry(window: HourWindow, expiresAt: UnixSeconds): boolean {
  return startOfHour(window.end) <= expiresAt
}

/** Throws `OPENING_REFUSED` when an opening says something that no patient may be asked to sign. */
export function checkOpening(opening: Opening): void {
  const refuse = (field: string, message: string): never => {
    throw new IsletError('OPENING_REFUSED', message, { field })
  }
  inListOrder(KINDS, opening.kinds) ||
    refuse('kinds', 'kinds must be known, in order, each once, at least one')
  inListOrder(ACTIONS, opening.actions) || refuse('actions', 'actions must be known, in order, each once')
  inListOrder(PURPOSES, opening.purposes) || refuse('purposes', 'purposes must be known, in order, each once')
  opening.window.end > opening.window.first || refuse('window', 'the data window holds no hour')
  opening.expiresAt > opening.notBefore || refuse('expiresAt', 'the grant ends before it starts')
  windowEndsByExpiry(opening.window, opening.expiresAt) ||
    refuse('window', 'the data window ends after the access expiry')
}

/** Members of a closed list in the list's order, each once, at least one: one spelling per set. */
function inListOrder<T extends string>(list: readonly T[], members: readonly T[]): boolean {
  if (members.length === 0) return false
  let last = -1
  for (const member of members) {
    const index = list.indexOf(member)
    if (index <= last) return false
    last = index
  }
  return true
}

/** The same members in the order of their list, each once. */
export function inOrder<T extends string>(list: readonly T[], members: readonly T[]): readonly T[] {
  return list.filter((member) => members.includes(member))
}
