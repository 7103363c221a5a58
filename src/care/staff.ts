/**
 * Who acts for an institution in care, as its list of staff names them.
 *
 * Law: what only one duty may do is refused to everybody else, however well they sign.
 */
import { type Hash32, IsletError } from '../vocabulary/index.ts'

/** What somebody may do: read patients and sign doses, release emergency envelopes of others, review what was done. */
const DUTIES = ['clinician', 'duty-officer', 'committee'] as const
export type Duty = (typeof DUTIES)[number]

/** The duty that an office of an institution is; undefined for an office without one in care. */
export function dutyOf(office: string | undefined): Duty | undefined {
  return DUTIES.find((duty) => duty === office)
}

export interface StaffMember {
  /** The institution's own handle for them, as grants name it. */
  readonly handle: string
  readonly name: string
  /** Ed25519 public key. */
  readonly key: Hash32
  readonly duty: Duty
}

/** Throws `NOT_ON_DUTY` unless somebody has one of the duties. */
export function requireDuty(member: StaffMember | undefined, ...duties: readonly Duty[]): StaffMember {
  if (member !== undefined && duties.includes(member.duty)) return member
  throw new IsletError(
    'NOT_ON_DUTY',
    'nobody here with this key has that duty',
    { duties: duties.join(', ') },
    { remedy: 'ask your institution to enter you for it' },
  )
}
