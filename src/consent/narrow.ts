/**
 * The patient's answer to a request: the whole of it, or less.
 *
 * Law: a choice may leave out kinds, actions and purposes, shorten the window and end earlier; it never widens.
 * Windows are rounded inwards to whole UTC hours (PROTOCOL 12) and end by the expiry (PROTOCOL 2).
 */
import {
  ACTIONS,
  type Action,
  type HourWindow,
  hoursInside,
  IsletError,
  KINDS,
  type Kind,
  PURPOSES,
  type Purpose,
  type UnixSeconds,
} from '../vocabulary/index.ts'
import type { AccessRequest } from './access-request.ts'
import { inOrder, windowEndsByExpiry } from './opening.ts'

/** What the patient changes; a member left out stays as asked. */
export interface Choice {
  readonly kinds?: readonly Kind[]
  readonly actions?: readonly Action[]
  readonly purposes?: readonly Purpose[]
  readonly from?: UnixSeconds
  readonly until?: UnixSeconds
  readonly expiresAt?: UnixSeconds
  /** Access starts here instead of at once. */
  readonly notBefore?: UnixSeconds
}

/** What will be granted. */
export interface Agreement {
  readonly kinds: readonly Kind[]
  readonly actions: readonly Action[]
  readonly purposes: readonly Purpose[]
  readonly window: HourWindow
  readonly notBefore: UnixSeconds
  readonly expiresAt: UnixSeconds
}

/**
 * A request as narrowed by the patient at `now`.
 * Throws `NARROWING_WIDENS` (names the field), `WINDOW_EMPTY`, `WINDOW_AFTER_EXPIRY`, `ACCESS_EMPTY`.
 */
export function narrow(request: AccessRequest, choice: Choice, now: UnixSeconds): Agreement {
  const kinds = subset('kinds', KINDS, request.kinds, choice.kinds)
  const actions = subset('actions', ACTIONS, request.actions, choice.actions)
  const purposes = subset('purposes', PURPOSES, request.purposes, choice.purposes)
  const from = choice.from ?? request.from
  const until = choice.until ?? request.until
  const expiresAt = choice.expiresAt ?? request.expiresAt
  const notBefore = choice.notBefore ?? now
  if (from < request.from) throw widens('from')
  if (until > request.until) throw widens('until')
  if (expiresAt > request.expiresAt) throw widens('expiresAt')
  if (notBefore < now) throw widens('notBefore')
  if (expiresAt <= notBefore) {
    throw new IsletError(
      'ACCESS_EMPTY',
      'the access would end before it starts',
      {},
      {
        at: { field: 'expiresAt' },
        remedy: 'choose a later end',
      },
    )
  }
  const window = hoursInside(from, until)
  if (!windowEndsByExpiry(window, expiresAt)) {
    throw new IsletError(
      'WINDOW_AFTER_EXPIRY',
      'data later than the end of the access cannot be granted',
      {},
      {
        at: { field: 'until' },
        remedy: 'end the data window by the end of the access',
      },
    )
  }
  return { kinds, actions, purposes, window, notBefore, expiresAt }
}

function subset<T extends string>(
  field: string,
  list: readonly T[],
  asked: readonly T[],
  chosen: readonly T[] | undefined,
): readonly T[] {
  if (chosen === undefined) return inOrder(list, asked)
  if (chosen.length === 0 || chosen.some((member) => !asked.includes(member))) throw widens(field)
  return inOrder(list, chosen)
}

function widens(field: string): IsletError {
  return new IsletError(
    'NARROWING_WIDENS',
    'the answer asks for something outside the request',
    { field },
    {
      at: { field },
      remedy: 'leave out or shorten only',
    },
  )
}
