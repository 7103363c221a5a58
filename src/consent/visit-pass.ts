/**
 * A visit pass: what a patient shows across a desk so that one clinician may ask for a short look at their data.
 *
 * Laws: the text holds the custodian, a mailbox made for this pass alone, and an end: no name, no health value, no key, so
 * that a photograph of it lets nobody read anything; what is granted on it stays inside what the patient set (kinds, days
 * back, end) and goes to one reader, the first whom the patient lets in; a pass ends within a day.
 */
import {
  type InstitutionId,
  IsletError,
  institutionId,
  type Kind,
  quantity,
  type UnixSeconds,
} from '../vocabulary/index.ts'
import type { AccessRequest } from './access-request.ts'
import type { Choice } from './narrow.ts'

/** What a patient sets for a visit. */
export interface PassTerms {
  readonly kinds: readonly Kind[]
  /** Whole days of the past that may be read, 1–400. */
  readonly days: number
  /** End of the pass and of whatever is granted on it. */
  readonly until: UnixSeconds
}

/** What the text of a pass says. */
export interface VisitPass {
  readonly custodian: InstitutionId
  /** The mailbox made for it, 32 hex digits. */
  readonly mailbox: string
  readonly until: UnixSeconds
}

/** A pass outlives no working day. */
export const LONGEST_PASS_SECONDS = 86_400
const MOST_DAYS = 400
const DAY_SECONDS = 86_400
const HOUR_SECONDS = 3_600
const PASS = /^ISLET1:([0-9A-F]{64}):([0-9A-F]{32}):([0-9]{1,10})$/

/** The pass as text: capitals, digits and colons only, which a QR code packs tightest (ISO/IEC 18004, alphanumeric mode). */
export function passText({ custodian, mailbox, until }: VisitPass): string {
  return `ISLET1:${custodian.slice(2)}:${mailbox}:${until}`.toUpperCase()
}

/** Reads the text of a pass at an instant. Throws `PASS_UNREADABLE`, `PASS_OVER`. */
export function readPass(text: string, at: UnixSeconds): VisitPass {
  const parts = PASS.exec(text.trim().toUpperCase())
  const [, custodian, mailbox, until] = parts ?? []
  if (custodian === undefined || mailbox === undefined || until === undefined) {
    throw new IsletError(
      'PASS_UNREADABLE',
      'this is not the text of a visit pass',
      { length: text.length },
      { remedy: 'scan it again, or paste all of it' },
    )
  }
  const end = quantity<UnixSeconds>(Number(until))
  if (end <= at) throw over()
  return { custodian: institutionId(`0x${custodian}`), mailbox: mailbox.toLowerCase(), until: end }
}

/** Throws `PASS_TERMS_REFUSED` unless a pass may have these terms at this instant. */
export function checkPassTerms({ kinds, days, until }: PassTerms, at: UnixSeconds): void {
  const field =
    kinds.length === 0
      ? 'kinds'
      : !Number.isInteger(days) || days < 1 || days > MOST_DAYS
        ? 'days'
        : until <= at || until > at + LONGEST_PASS_SECONDS
          ? 'until'
          : undefined
  if (field === undefined) return
  throw new IsletError(
    'PASS_TERMS_REFUSED',
    'a visit pass names kinds of data, 1 to 400 days back, and an end within a day',
    { field },
    { at: { field }, remedy: 'choose again' },
  )
}

/**
 * What of a request is granted on a pass: never more than was asked, nor than the pass says.
 * Throws `PASS_OVER`, `PASS_COVERS_NOTHING`.
 */
export function choiceOnPass(request: AccessRequest, terms: PassTerms, at: UnixSeconds): Choice {
  if (terms.until <= at) throw over()
  const kinds = request.kinds.filter((kind) => terms.kinds.includes(kind))
  const forCare = request.purposes.includes('TREAT') && request.actions.includes('read')
  const expiresAt = quantity<UnixSeconds>(Math.min(request.expiresAt, terms.until))
  const from = quantity<UnixSeconds>(Math.max(request.from, at - terms.days * DAY_SECONDS))
  // The window is rounded inwards to whole hours and ends by the access: the hour that is running is not in it.
  const until = quantity<UnixSeconds>(Math.min(request.until, expiresAt))
  if (kinds.length === 0 || !forCare || until - from < HOUR_SECONDS || expiresAt <= at) {
    throw new IsletError(
      'PASS_COVERS_NOTHING',
      'nothing that was asked for lies inside this pass',
      {},
      { remedy: 'ask for reading, for care, of kinds and days that the pass covers' },
    )
  }
  return { kinds, actions: ['read'], purposes: ['TREAT'], from, until, expiresAt }
}

function over(): IsletError {
  return new IsletError(
    'PASS_OVER',
    'this visit pass is over',
    {},
    { remedy: 'ask the patient for a new one' },
  )
}
