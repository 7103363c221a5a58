/**
 * A patient enrols at the custodian they chose: the identity key signs which keys are theirs and who keeps their data.
 *
 * Laws: the document names one custodian and one random handle, never a person; a later one (higher `sequence`)
 * replaces an earlier one, an equal or lower one never does, so that an old choice cannot be played again.
 */

import { HPKE_PUBLIC_KEY_BYTES, hpkeKeyPair } from '../vault/index.ts'
import {
  formatInstant,
  fromBase64Url,
  type Hash32,
  hash32,
  type InstitutionId,
  isIsletError,
  type PatientId,
  toBase64Url,
  toHex,
  type UnixSeconds,
} from '../vocabulary/index.ts'
import type { Ed25519 } from './ed25519.ts'
import type { PatientKeys } from './patient-keys.ts'
import { type SignedDocument, signDocument, verifyDocument } from './sign-document.ts'

export const PATIENT_ENROLMENT_TYPE = 'islet.patient-enrolment/1'

export type PatientEnrolmentBody = {
  /** Random handle at this custodian. */
  readonly patient: PatientId
  readonly identityKey: Hash32
  /** X-Wing public key of the inbox, base64url. */
  readonly inboxKey: string
  /** Name of the patient's streams inside sealed objects. */
  readonly streamCommitment: Hash32
  readonly custodian: InstitutionId
  /** 0 for the first choice of a custodian, then counting up. */
  readonly sequence: number
  readonly at: string
}
export type PatientEnrolment = SignedDocument<PatientEnrolmentBody>

/** Signs the enrolment at a custodian. */
export function enrolPatient(
  keys: PatientKeys,
  choice: {
    readonly patient: PatientId
    readonly custodian: InstitutionId
    readonly sequence: number
    readonly at: UnixSeconds
  },
): PatientEnrolment {
  const body: PatientEnrolmentBody = {
    patient: choice.patient,
    identityKey: keys.identityKey,
    inboxKey: toBase64Url(hpkeKeyPair(keys.inboxSeed).publicKey),
    streamCommitment: hash32(toHex(keys.streamCommitment)),
    custodian: choice.custodian,
    sequence: choice.sequence,
    at: formatInstant(choice.at),
  }
  return signDocument(PATIENT_ENROLMENT_TYPE, body, keys.identity)
}

export type EnrolmentVerdict =
  | { readonly ok: true }
  | {
      readonly ok: false
      readonly code: 'ENROLMENT_FORGED' | 'ENROLMENT_ELSEWHERE' | 'ENROLMENT_KEY_WRONG' | 'ENROLMENT_STALE'
    }

/** Whether a custodian may take an enrolment; `current` is the one it holds for the same handle. */
export function checkPatientEnrolment(
  enrolment: PatientEnrolment,
  custodian: InstitutionId,
  current: PatientEnrolment | undefined,
  ed: Ed25519,
): EnrolmentVerdict {
  const { body } = enrolment
  const expected = { type: PATIENT_ENROLMENT_TYPE, signer: body.identityKey } as const
  if (!verifyDocument(enrolment, expected, ed)) return { ok: false, code: 'ENROLMENT_FORGED' }
  if (body.custodian !== custodian) return { ok: false, code: 'ENROLMENT_ELSEWHERE' }
  if (!isInboxKey(body.inboxKey)) return { ok: false, code: 'ENROLMENT_KEY_WRONG' }
  if (current === undefined) return { ok: true }
  if (current.body.identityKey !== body.identityKey) return { ok: false, code: 'ENROLMENT_FORGED' }
  const again = current.signature === enrolment.signature
  return again || body.sequence > current.body.sequence
    ? { ok: true }
    : { ok: false, code: 'ENROLMENT_STALE' }
}

function isInboxKey(text: string): boolean {
  try {
    return fromBase64Url(text).length === HPKE_PUBLIC_KEY_BYTES
  } catch (error) {
    if (isIsletError(error)) return false
    throw error
  }
}
