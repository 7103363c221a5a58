/**
 * Whether what a clinician signed is a prescription.
 *
 * Laws: nothing is prescribed but under the signature of a clinician who is on the staff at that instant, within minutes of
 * writing it; a dose stays below the largest that may be given at once; what is stopped was prescribed before.
 */

import { requireSigned } from '../consent/browser.door.ts'
import type { Ed25519 } from '../identity/index.ts'
import { type InsulinUnits, IsletError, type UnixSeconds } from '../vocabulary/index.ts'
import type { Prescription } from './signed-prescription.ts'
import { requireDuty, type StaffMember } from './staff.ts'

/** A prescription is taken in within this of being written. */
const FRESH_SECONDS = 600
/** The longest that a prescription holds: it is written anew at least once a year. */
const LONGEST_SECONDS = 366 * 86_400

export interface PrescribingGround {
  /** Who has the key that signed, on the staff at `at`. */
  readonly clinician: StaffMember | undefined
  /** Prescriptions under the same consent, in any version. */
  readonly before: readonly Prescription[]
  /** The largest dose of fast insulin. */
  readonly mostUnits: InsulinUnits
  readonly at: UnixSeconds
  readonly ed: Ed25519
}

/** Throws `NOT_ON_DUTY`, `SIGNATURE_REFUSED`, `PRESCRIPTION_OLD`, `PRESCRIPTION_UNSOUND`, `PRESCRIPTION_UNKNOWN`. */
export function checkPrescription(prescription: Prescription, ground: PrescribingGround): void {
  const { key } = requireDuty(ground.clinician, 'clinician')
  requireSigned(prescription, ground.ed, 'prescription', key)
  const { id, status, delivery, dose, start, end, authoredOn } = prescription.body
  if (Math.abs(ground.at - authoredOn) > FRESH_SECONDS)
    throw new IsletError(
      'PRESCRIPTION_OLD',
      'a prescription is taken in within minutes of being signed',
      { allowed_seconds: FRESH_SECONDS },
      { remedy: 'look at it again and sign it anew' },
    )
  if (end <= start || end > authoredOn + LONGEST_SECONDS)
    throw unsound('end', 'it ends after it begins, within a year')
  if (delivery === 'bolus' && dose !== null && dose > ground.mostUnits)
    throw unsound('dose', 'the dose lies above the largest that may be given at once')
  const known = ground.before.filter(({ body }) => body.id === id)
  const last = known.reduce((newest, { body }) => Math.max(newest, body.authoredOn), -Infinity)
  if ((status === 'stopped' && known.length === 0) || authoredOn < last)
    throw new IsletError(
      'PRESCRIPTION_UNKNOWN',
      'there is no such prescription to stop, or a newer version of it',
      {},
      { remedy: 'look at the newest prescriptions' },
    )
}

function unsound(field: string, message: string): IsletError {
  return new IsletError('PRESCRIPTION_UNSOUND', message, {}, { at: { field }, remedy: 'write it again' })
}
