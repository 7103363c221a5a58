/**
 * Who acts for an institution in care, as its list of staff names them.
 *
 * Law: what only one duty may do is refused to everybody else, however well they sign.
 */
import { type Hash32, IsletError } from '../vocabulary/index.ts'

/** What somebody may do: read patients and sign doses, or release emergency envelopes of others. */
export type Duty = 'clinician' | 'duty-officer'

export interface StaffMember {
  /** The institution's own handle for them, as grants name it. */
  readonly handle: string
  readonly name: string
  /** Ed25519 public key. */
  readonly key: Hash32
  readonly duty: Duty
}

/** Throws `NOT_ON_DUTY` unless somebody has a duty. */
export function requireDuty(member: StaffMember | undefined, duty: Duty): StaffMember {
  if (member?.duty === duty) return member
  throw new IsletError(
    'NOT_ON_DUTY',
    'nobody here with this key has that duty',
    { duty },
    { remedy: 'ask your institution to enter you for it' },
  )
}
