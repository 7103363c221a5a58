/**
 * Prescriptions at an institution: written by its clinicians under a grant, read by them and by the patient.
 *
 * Laws: a prescription rests on a reading that the custodian allowed at that moment, and is recorded with it, so that its hash
 * is anchored and the patient told; a patient's prescriptions are found by the identity key that all their grants name.
 */
import type { Arrival, MessageHandlers, PrescriptionEntry } from '../../api/index.ts'
import {
  checkPrescription,
  type Prescription,
  PrescriptionQuestionSchema,
  PrescriptionSchema,
  requireDuty,
  requireQuestion,
  type SealedBook,
  type StaffMember,
  standing,
} from '../../care/index.ts'
import { asJson, type Institution, parseText } from '../../consent/index.ts'
import type { Ed25519 } from '../../identity/index.ts'
import type { DoseLimits } from '../../learning/index.ts'
import { type Hash32, IsletError, type UnixSeconds } from '../../vocabulary/index.ts'
import type { PatientReading } from './patient-reading.ts'

/** Days of readings that a prescription is recorded with. */
const DAYS = 14

export interface PrescriptionDesk {
  /** The newest version of each prescription of a patient. */
  of(patientKey: Hash32): Promise<PrescriptionEntry[]>
  readonly handlers: Required<Pick<MessageHandlers, 'care-prescribe' | 'my-prescriptions'>>
}

export function prescriptionDesk(parts: {
  readonly staffOf: (arrival: Arrival) => StaffMember | undefined
  /** Who on the staff has a key. */
  readonly nameOf: (key: Hash32) => string | undefined
  readonly institution: Pick<Institution, 'reader' | 'results'>
  readonly readings: PatientReading
  readonly book: SealedBook<Prescription>
  readonly limits: DoseLimits
  readonly ed: Ed25519
  readonly clock: () => UnixSeconds
}): PrescriptionDesk {
  const { book, readings, clock, ed, limits } = parts
  const { reader, results } = parts.institution

  /** Every version of everything, under any grant of the patient. */
  const versions = async (patientKey: Hash32) => {
    const grants = reader.grants().filter(({ opening }) => opening.patientKey === patientKey)
    return (await Promise.all(grants.map(({ consentId }) => book.of(consentId)))).flat()
  }
  const of: PrescriptionDesk['of'] = async (patientKey) =>
    Promise.all(
      standing(await versions(patientKey), ({ signed }) => signed.body).map(async ({ analysis, signed }) => ({
        analysis,
        anchored: (await results.proof(analysis)).proof !== undefined,
        prescriber: parts.nameOf(signed.signer) ?? null,
        prescription: { ...signed },
      })),
    )

  return {
    of,
    handlers: {
      'care-prescribe': async (body, arrival) => {
        const who = requireDuty(parts.staffOf(arrival), 'clinician')
        const signed = parseText(PrescriptionSchema, JSON.stringify(body.prescription), 'prescription')
        const { consentId, id, status } = signed.body
        const grant = readings.grantFor(who, consentId)
        const before = (await versions(grant.opening.patientKey)).map((kept) => kept.signed)
        checkPrescription(signed, { clinician: who, before, mostUnits: limits.mostUnits, at: clock(), ed })
        const reading = await readings.read(who, grant, DAYS)
        const activity = status === 'active' ? 'Prescription' : 'Prescription stopped'
        const inputs = [{ consentId, purpose: 'TREAT', reading } as const]
        // What people decided has no code: it is named by the prescription.
        const { hash } = await results.record({ activity, code: id, inputs }, asJson(signed))
        await book.keep(hash, signed)
        return { analysis: hash }
      },
      'my-prescriptions': async ({ question }) => {
        const asked = parseText(PrescriptionQuestionSchema, JSON.stringify(question), 'question of a patient')
        const grant = reader.grants().find(({ consentId }) => consentId === asked.body.consentId)
        if (grant === undefined)
          throw new IsletError(
            'CONSENT_NOT_HANDED_OVER',
            'no such grant was handed over here',
            {},
            { remedy: 'ask under a grant that this institution has' },
          )
        requireQuestion(asked, grant.opening.patientKey, { ed, clock })
        return { prescriptions: await of(grant.opening.patientKey) }
      },
    },
  }
}
