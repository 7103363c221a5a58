/**
 * The receipt a patient keeps of every grant and every stop.
 *
 * Law: it holds the sentence that was shown, the FHIR Consent and the record a court or another program can read,
 * and it is signed. Its `status` follows the ledger (an ended consent never reads `active`).
 * Source: FHIR R4 Consent; ISO/IEC TS 27560:2023 consent record (header, processing, parties, events);
 * GDPR Art. 7(1) and 9(2)(a).
 */
import Type from 'typebox'
import { AddressField, ConsentIdField, Hash32Field } from '../api/index.ts'
import {
  type ConsentId,
  formatInstant,
  type Json,
  startOfHour,
  type UnixSeconds,
} from '../vocabulary/index.ts'
import type { Subject } from './access-request.ts'
import { type Document, record, Seconds, signedSchema } from './document.ts'
import { type ConsentFacts, fhirConsent } from './fhir-consent.ts'
import type { Opening } from './opening.ts'
import { LANGUAGE } from './sentence.ts'
import { NOTICE } from './terms.ts'

export const ReceiptSchema = record({
  schema: Type.Literal('islet.receipt/1'),
  event: Type.Union([Type.Literal('granted'), Type.Literal('revoked')]),
  at: Seconds,
  consentId: ConsentIdField,
  signer: AddressField,
  terms: Hash32Field,
  sentence: Type.String({ maxLength: 2000 }),
  /** FHIR R4 Consent with the consent's id. */
  fhir: Type.Unsafe<Json>({ type: 'object' }),
  /** Consent record in the groups of ISO/IEC TS 27560. */
  record: Type.Unsafe<Json>({ type: 'object' }),
})
export type Receipt = Document<typeof ReceiptSchema>
export const SignedReceiptSchema = signedSchema('islet.receipt/1', ReceiptSchema)
export type SignedReceipt = Document<typeof SignedReceiptSchema>

export interface ReceiptFacts {
  readonly event: 'granted' | 'revoked'
  readonly at: UnixSeconds
  readonly given: UnixSeconds
  readonly consentId: ConsentId
  readonly signer: Receipt['signer']
  readonly opening: Opening
  readonly sentence: string
  readonly readerName: string
  readonly subject: Subject
  readonly custodian: ConsentFacts['custodian']
  /** Who gave the consent when it was not the patient. */
  readonly guardian?: string
}

/** The unsigned receipt of a grant or of its end. */
export function receiptOf(facts: ReceiptFacts): Receipt {
  return {
    schema: 'islet.receipt/1',
    event: facts.event,
    at: facts.at,
    consentId: facts.consentId,
    signer: facts.signer,
    terms: facts.opening.terms,
    sentence: facts.sentence,
    fhir: fhirConsent({
      ...consentFacts(facts),
      status: facts.event === 'granted' ? 'active' : 'inactive',
      consentId: facts.consentId,
    }),
    record: consentRecord(facts),
  }
}

/** The FHIR status of a consent at an instant, given the ledger's state (invariant: status ≡ ledger). */
export function fhirStatus(
  state: 'none' | 'active' | 'revoked',
  expiresAt: UnixSeconds,
  at: UnixSeconds,
): 'active' | 'inactive' {
  return state === 'active' && at < expiresAt ? 'active' : 'inactive'
}

function consentFacts(facts: ReceiptFacts): Omit<ConsentFacts, 'status' | 'consentId'> {
  const { opening } = facts
  return {
    patientKey: opening.patientKey,
    reader: opening.reader,
    readerName: facts.readerName,
    subject: facts.subject,
    custodian: facts.custodian,
    kinds: opening.kinds,
    actions: opening.actions,
    purposes: opening.purposes,
    window: opening.window,
    notBefore: opening.notBefore,
    expiresAt: opening.expiresAt,
    given: facts.given,
  }
}

function consentRecord(facts: ReceiptFacts): Json {
  const { opening } = facts
  return {
    header: {
      schema_version: 'ISO/IEC TS 27560:2023',
      record_id: facts.consentId,
      pii_principal_id: opening.patientKey,
    },
    processing: {
      privacy_notice: NOTICE,
      language: LANGUAGE,
      purposes: opening.purposes.map((purpose) => ({
        purpose,
        purpose_code_system: 'http://terminology.hl7.org/CodeSystem/v3-ActReason',
        lawful_basis: 'consent (GDPR Art. 6(1)(a)), explicit consent for health data (Art. 9(2)(a))',
        pii_information: opening.kinds,
        processing_method: opening.actions,
        recipients: [opening.reader],
        storage_location: facts.custodian,
        data_from: formatInstant(startOfHour(opening.window.first)),
        data_until: formatInstant(startOfHour(opening.window.end)),
        access_from: formatInstant(opening.notBefore),
        access_until: formatInstant(opening.expiresAt),
        withdrawal_method: 'stop sharing in Islet; any member institution accepts the signed stop',
      })),
    },
    parties: [
      { role: 'pii_principal', id: opening.patientKey },
      { role: 'pii_controller', id: facts.custodian },
      { role: 'recipient', id: opening.reader, name: facts.readerName },
      ...(facts.guardian === undefined ? [] : [{ role: 'guardian', id: facts.guardian }]),
    ],
    events: [
      {
        event_time: formatInstant(facts.given),
        event_type: 'explicit',
        event_state: 'given',
        validity_until: formatInstant(opening.expiresAt),
      },
      ...(facts.event === 'revoked'
        ? [{ event_time: formatInstant(facts.at), event_type: 'explicit', event_state: 'withdrawn' }]
        : []),
    ],
  }
}

/** Names the reader as the terms and the receipt do. */
export function termsConsent(facts: Omit<ConsentFacts, 'status' | 'consentId'>): Json {
  return fhirConsent({ ...facts, status: 'active' })
}
