/**
 * Which sealed objects each consent covers that a custodian serves, so that the institutions named in it can hold copies.
 *
 * Law: a consent that was revoked, as far as this custodian knows, or that has ended covers none; objects are named as
 * they lie here, never opened. What an object holds beside the hours of the consent stays shut by their own keys.
 */
import type { Cid, ConsentId, InstitutionId, UnixSeconds } from '../vocabulary/index.ts'
import type { ConsentBook } from './consent-book.ts'
import type { ObjectIndex } from './object-index.ts'
import type { PatientBook } from './patient-book.ts'
import type { RevokeRegister } from './revoke-register.ts'

export interface GrantedObjects {
  readonly consentId: ConsentId
  readonly reader: InstitutionId
  /** In the order of their names. */
  readonly objects: readonly Cid[]
}

/** Of every consent that this institution serves for another one. */
export function grantedObjects(
  own: InstitutionId,
  at: UnixSeconds,
  books: {
    readonly consents: Pick<ConsentBook, 'all'>
    readonly patients: Pick<PatientBook, 'byKey'>
    readonly index: Pick<ObjectIndex, 'find'>
    readonly revokes: Pick<RevokeRegister, 'has'>
  },
): readonly GrantedObjects[] {
  return books.consents
    .all()
    .filter(({ opening }) => opening.reader !== own)
    .map(({ consentId, opening }) => {
      const patient = books.patients.byKey(opening.patientKey)
      const isOver = books.revokes.has(consentId) || opening.expiresAt <= at
      const chunks =
        patient === undefined || isOver
          ? []
          : books.index.find(patient.id, opening.kinds, opening.window, false)
      const objects = [...new Set(chunks.map(({ cid }) => cid))].sort()
      return { consentId, reader: opening.reader, objects }
    })
}
