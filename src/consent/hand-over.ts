/**
 * The hand-over of a grant: what the custodian and the reader's institution get, and nobody else.
 *
 * Law: an institution cannot invent a consent: the opening carries a signature of the patient's enrolled identity key
 * over the consent's address (PROTOCOL 9). Everything in a hand-over is held against the commitment; the sentence is
 * made again from the opening, so that what was signed is what was shown.
 */
import Type from 'typebox'
import {
  ActionField,
  AddressField,
  Base64UrlField,
  ConsentIdField,
  Hash32Field,
  InstitutionIdField,
  KindField,
  PurposeField,
} from '../api/index.ts'
import type { Ed25519, Signer } from '../identity/index.ts'
import type { Hasher } from '../vault/index.ts'
import { canonicalJson, type InstitutionId, IsletError } from '../vocabulary/index.ts'
import { type Subject, SubjectSchema, subjectHash } from './access-request.ts'
import { DelegationSchema, notAllowed, requireGuardian } from './delegations.ts'
import {
  asJson,
  type Document,
  listOf,
  record,
  requireSigned,
  Seconds,
  ShownName,
  sign,
  signedSchema,
  Window,
} from './document.ts'
import { EmergencySchema, emergencyHash, isForEmergency } from './emergency.ts'
import { fhirConsent } from './fhir-consent.ts'
import type { IntentDomain } from './intents.ts'
import { checkOpening, commitmentOf, consentIdOf, DELEGATION, type Opening } from './opening.ts'
import { grantSentence } from './sentence.ts'
import { SignedEnvelopeSchema, sealedBytes } from './signed-envelope.ts'
import { type Terms, TermsSchema, termsHash } from './terms.ts'

export const OpeningSchema = record({
  reader: InstitutionIdField,
  subject: Hash32Field,
  kinds: listOf(KindField, 7),
  actions: listOf(ActionField, 2),
  purposes: listOf(PurposeField, 8),
  window: Window,
  notBefore: Seconds,
  expiresAt: Seconds,
  patientKey: Hash32Field,
  delegation: Type.Integer({ minimum: 0, maximum: 255 }),
  terms: Hash32Field,
  salt: Hash32Field,
})

/** The identity key's word that a consent address is the patient's. */
export const OwnershipSchema = signedSchema(
  'islet.consent-ownership/1',
  record({
    address: AddressField,
    chainId: Type.String({ pattern: '^[1-9][0-9]{0,18}$' }),
    consentLedger: AddressField,
    patientKey: Hash32Field,
    custodian: InstitutionIdField,
    /** Name of the patient's streams inside sealed objects, 32 bytes. */
    stream: Type.String({ pattern: '^[A-Za-z0-9_-]{43}$' }),
    /** X-Wing public key of the patient's inbox, for writers. */
    inboxKey: Base64UrlField,
  }),
)
export type Ownership = Document<typeof OwnershipSchema>

export const HandOverSchema = record({
  consentId: ConsentIdField,
  signer: AddressField,
  opening: OpeningSchema,
  terms: TermsSchema,
  readerName: ShownName,
  subject: SubjectSchema,
  /** Who keeps the ciphertext. */
  custodian: InstitutionIdField,
  ownership: OwnershipSchema,
  /** The patient's word for the guardian, where a guardian granted. */
  authority: Type.Optional(DelegationSchema),
  /** The halves of the key that the envelope is sealed to, where it is sealed for an emergency. */
  emergency: Type.Optional(EmergencySchema),
  envelope: SignedEnvelopeSchema,
  given: Seconds,
})
export type HandOver = Document<typeof HandOverSchema>

/** Signs that a consent address belongs to a patient. `by` is the patient's identity key, or their guardian's. */
export function signOwnership(
  domain: IntentDomain,
  of: Pick<Ownership['body'], 'address' | 'patientKey' | 'custodian' | 'stream' | 'inboxKey'>,
  by: Signer,
): Ownership {
  const body = {
    ...of,
    chainId: domain.chainId.toString(),
    consentLedger: domain.consentLedger,
  }
  return { ...sign('islet.consent-ownership/1', body, by), type: 'islet.consent-ownership/1' }
}

/** The terms of a grant, as shown, signed over and stored. */
export function termsOf(
  grant: {
    readonly opening: Omit<Opening, 'terms' | 'salt'>
    readonly readerName: string
    readonly subject: Subject
    readonly custodian: InstitutionId
    readonly given: HandOver['given']
    readonly emergency?: HandOver['emergency']
  },
  notice: string,
  language: string,
  envelope: Terms['envelope'],
  hasher: Pick<Hasher, 'sha256'>,
): Terms {
  const { opening, readerName, subject, custodian, given, emergency } = grant
  return {
    schema: 'islet.terms/1',
    notice,
    language,
    sentence: grantSentence(readerName, subject, opening, emergency?.secondName),
    envelope,
    ...(emergency === undefined ? {} : { emergency: emergencyHash(emergency, hasher) }),
    consent: fhirConsent({ ...opening, status: 'active', readerName, subject, custodian, given }),
  }
}

/**
 * Holds every part of a hand-over against the commitment.
 * Throws `HAND_OVER_REFUSED` (names the part), `SIGNATURE_REFUSED`, `ENVELOPE_REFUSED`, `OPENING_REFUSED`, `DELEGATION_…`.
 */
export function checkHandOver(
  handOver: HandOver,
  domain: IntentDomain,
  ports: { readonly hasher: Hasher; readonly ed: Ed25519 },
): void {
  const { opening, terms, ownership, envelope, signer } = handOver
  checkOpening(opening)
  requireSigned(ownership, ports.ed, 'ownership of the consent address')
  sealedBytes(ports.hasher, envelope, signer)
  const byGuardian = (opening.delegation & DELEGATION.byGuardian) !== 0
  if (byGuardian) {
    const { authority, given } = handOver
    if (authority === undefined) throw notAllowed('DELEGATION_MISSING')
    const grant = { given, expiresAt: opening.expiresAt }
    requireGuardian(authority, ownership.signer, opening.patientKey, grant, ports.ed)
  }
  const parts: readonly (readonly [string, boolean])[] = [
    ['consentId', consentIdOf(commitmentOf(opening), signer) === handOver.consentId],
    ['terms', termsHash(terms) === opening.terms],
    ['subject', subjectHash(opening.reader, handOver.subject) === opening.subject],
    ['ownership', ownership.body.address === signer],
    ['ownership', ownership.body.patientKey === opening.patientKey],
    ['ownership', ownership.body.custodian === handOver.custodian],
    ['ownership', ownership.body.chainId === domain.chainId.toString()],
    ['ownership', ownership.body.consentLedger === domain.consentLedger],
    ['ownership', byGuardian || ownership.signer === opening.patientKey],
    ['envelope', envelope.notice.sequence > 0 || envelope.notice.envelope === terms.envelope],
    ['envelope', envelope.notice.consentId === handOver.consentId],
    ['envelope', envelope.notice.chainId === domain.chainId.toString()],
    ['emergency', isSound(handOver)],
    ['sentence', saysTheSame(terms, handOver, ports.hasher)],
  ]
  const broken = parts.find(([, holds]) => !holds)
  if (broken !== undefined) {
    throw new IsletError('HAND_OVER_REFUSED', 'a part of the grant is not what was committed to', {
      part: broken[0],
    })
  }
}

function isSound({ emergency, opening }: HandOver): boolean {
  return emergency === undefined || (isForEmergency(opening) && emergency.second !== opening.reader)
}

/** Whether sentence, halves and FHIR Consent are what the opening and the hand-over say. */
function saysTheSame(terms: Terms, handOver: HandOver, hasher: Hasher): boolean {
  const again = termsOf(handOver, terms.notice, terms.language, terms.envelope, hasher)
  return (
    again.sentence === terms.sentence &&
    again.emergency === terms.emergency &&
    canonicalJson(again.consent) === canonicalJson(asJson(Object(terms.consent)))
  )
}
