/**
 * A grant as an HL7 FHIR R4 Consent.
 *
 * Law: the base rule is opt-in (nothing unless permitted); the root provision has no type and holds one `permit`
 * per kind of data (FHIR R4 Consent: type is "not permitted in root rule, required in all nested rules").
 * `provision.period` is when access is allowed, `dataPeriod` which data; FHIR ends are inclusive, ours are half-open,
 * hence the second taken off. Purposes are v3-ActReason codes. Source: hl7.org/fhir/R4/consent.html; IHE PCF.
 */
import {
  type Action,
  formatInstant,
  type Hash32,
  type HourWindow,
  type InstitutionId,
  type Json,
  type Kind,
  type Purpose,
  quantity,
  startOfHour,
  type UnixSeconds,
} from '../vocabulary/index.ts'
import type { Subject } from './access-request.ts'

export const FHIR_SYSTEMS = {
  scope: 'http://terminology.hl7.org/CodeSystem/consentscope',
  loinc: 'http://loinc.org',
  actCode: 'http://terminology.hl7.org/CodeSystem/v3-ActCode',
  actReason: 'http://terminology.hl7.org/CodeSystem/v3-ActReason',
  participation: 'http://terminology.hl7.org/CodeSystem/v3-ParticipationType',
  action: 'http://terminology.hl7.org/CodeSystem/consentaction',
  resourceTypes: 'http://hl7.org/fhir/resource-types',
  identityKey: 'urn:islet:identity-key',
  institution: 'urn:islet:institution',
  subject: 'urn:islet:subject',
  consentId: 'urn:islet:consent',
} as const

export interface ConsentFacts {
  readonly status: 'active' | 'inactive'
  readonly patientKey: Hash32
  readonly reader: InstitutionId
  readonly readerName: string
  readonly subject: Subject
  readonly custodian: InstitutionId
  readonly kinds: readonly Kind[]
  readonly actions: readonly Action[]
  readonly purposes: readonly Purpose[]
  readonly window: HourWindow
  readonly notBefore: UnixSeconds
  readonly expiresAt: UnixSeconds
  readonly given: UnixSeconds
  /** Left out in the terms that are hashed into the commitment: the id follows from it. */
  readonly consentId?: Hash32
}

/** Which FHIR resources and LOINC codes a kind of data stands for. */
const KIND_CLASSES: Readonly<
  Record<Kind, { readonly types: readonly string[]; readonly loinc: readonly string[] }>
> = {
  glucose: { types: ['Observation'], loinc: ['99504-3', '105272-9', '2339-0', '15074-8'] },
  insulin: { types: ['MedicationAdministration'], loinc: [] },
  meals: { types: ['Observation'], loinc: ['9059-7'] },
  laboratory: { types: ['Observation', 'DiagnosticReport'], loinc: ['4548-4'] },
  conditions: { types: ['Condition', 'MedicationStatement'], loinc: [] },
  notes: { types: ['DocumentReference'], loinc: [] },
  device: { types: ['Device', 'DeviceMetric'], loinc: [] },
}

export function fhirConsent(facts: ConsentFacts): Json {
  const research = facts.purposes.includes('HRESCH')
  return {
    resourceType: 'Consent',
    identifier:
      facts.consentId === undefined
        ? undefined
        : [{ system: FHIR_SYSTEMS.consentId, value: facts.consentId }],
    status: facts.status,
    scope: { coding: [{ system: FHIR_SYSTEMS.scope, code: research ? 'research' : 'patient-privacy' }] },
    category: [{ coding: [{ system: FHIR_SYSTEMS.loinc, code: '59284-0' }] }],
    patient: { identifier: { system: FHIR_SYSTEMS.identityKey, value: facts.patientKey } },
    dateTime: formatInstant(facts.given),
    organization: [{ identifier: { system: FHIR_SYSTEMS.institution, value: facts.custodian } }],
    policyRule: { coding: [{ system: FHIR_SYSTEMS.actCode, code: 'OPTIN' }] },
    provision: {
      period: period(facts.notBefore, facts.expiresAt),
      provision: facts.kinds.map((kind) => permit(facts, kind)),
    },
  }
}

function permit(facts: ConsentFacts, kind: Kind): Json {
  const { types, loinc } = KIND_CLASSES[kind]
  return {
    type: 'permit',
    period: period(facts.notBefore, facts.expiresAt),
    actor: [{ role: recipientRole(), reference: actor(facts) }],
    action: facts.actions.map((action) => ({
      coding: [{ system: FHIR_SYSTEMS.action, code: action === 'read' ? 'access' : 'collect' }],
    })),
    purpose: facts.purposes.map((code) => ({ system: FHIR_SYSTEMS.actReason, code })),
    class: types.map((code) => ({ system: FHIR_SYSTEMS.resourceTypes, code })),
    code:
      loinc.length === 0
        ? undefined
        : [{ coding: loinc.map((code) => ({ system: FHIR_SYSTEMS.loinc, code })) }],
    dataPeriod: period(startOfHour(facts.window.first), startOfHour(facts.window.end)),
  }
}

function recipientRole(): Json {
  return { coding: [{ system: FHIR_SYSTEMS.participation, code: 'IRCP' }] }
}

function actor(facts: ConsentFacts): Json {
  const { subject } = facts
  if (subject.type === 'institution') {
    return {
      identifier: { system: FHIR_SYSTEMS.institution, value: facts.reader },
      display: facts.readerName,
    }
  }
  const value =
    subject.type === 'delegate' ? subject.key : `${facts.reader}/${subject.type}/${subject.handle}`
  return {
    identifier: { system: FHIR_SYSTEMS.subject, value },
    display: `${facts.readerName} – ${subject.name}`,
  }
}

/** Half-open instants as a FHIR Period, whose end is inclusive. */
function period(from: UnixSeconds, until: UnixSeconds): Json {
  return { start: formatInstant(from), end: formatInstant(quantity<UnixSeconds>(until - 1)) }
}
