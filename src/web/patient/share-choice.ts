/**
 * From what a person picks in the wizard to the choice that is signed.
 *
 * Laws: a preset never gives more than was asked (PROTOCOL 2, 12): past days end at the last whole hour that is over, and
 * nothing that is still to come is given unless the person says so; the data window ends by the end of the access.
 */
import type { AccessRequest, Choice } from '../../consent/browser.door.ts'
import {
  hourOf,
  type Kind,
  quantity,
  startOfHour,
  type UnixSeconds,
  type UtcHour,
} from '../../vocabulary/index.ts'

/** Days back from now, or all that was asked for. */
export type Span = 3 | 14 | 'asked'
export const SPANS: readonly Span[] = [3, 14, 'asked']
/** Days of access on offer. */
export const ACCESS_DAYS = [1, 7, 30] as const
export type AccessDays = (typeof ACCESS_DAYS)[number]

export interface Picked {
  readonly span: Span
  readonly kinds: readonly Kind[]
  readonly accessDays: AccessDays
}

/** What most people want: three days, all kinds that were asked for, readable for a week. */
export function firstPick(request: AccessRequest): Picked {
  return { span: 3, kinds: request.kinds, accessDays: 7 }
}

const DAY = 86_400

/** The choice at `now`, whole seconds. */
export function choiceOf(request: AccessRequest, picked: Picked, now: UnixSeconds): Choice {
  // Whole minutes, so that the sentence stays easy to read.
  const ends = Math.ceil(now / 60) * 60 + picked.accessDays * DAY
  const expiresAt = quantity<UnixSeconds>(Math.min(request.expiresAt, ends))
  const { kinds, span } = picked
  if (span === 'asked') {
    return { kinds, expiresAt, until: quantity<UnixSeconds>(Math.min(request.until, expiresAt)) }
  }
  const thisHour = hourOf(now)
  const until = Math.min(request.until, startOfHour(thisHour))
  const from = Math.max(request.from, startOfHour(quantity<UtcHour>(thisHour - span * 24)))
  return { kinds, expiresAt, from: quantity<UnixSeconds>(from), until: quantity<UnixSeconds>(until) }
}
