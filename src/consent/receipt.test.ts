import { Fhir } from 'fhir'
import { describe, expect, it } from 'vitest'
import {
  address,
  consentId,
  hash32,
  hourOf,
  institutionId,
  type Json,
  KINDS,
  PURPOSES,
  quantity,
  type UnixSeconds,
} from '../vocabulary/index.ts'
import { ANY_SUBJECT, type Opening } from './opening.ts'
import { fhirStatus, receiptOf } from './receipt.ts'

const NOW = quantity<UnixSeconds>(1_788_220_800)
const word = (digit: string) => hash32(`0x${digit.repeat(64)}`)
const opening: Opening = {
  reader: institutionId(word('1')),
  subject: ANY_SUBJECT,
  kinds: KINDS,
  actions: ['read', 'write'],
  purposes: PURPOSES,
  window: { first: hourOf(quantity<UnixSeconds>(NOW - 13 * 86_400)), end: hourOf(NOW) },
  notBefore: NOW,
  expiresAt: quantity<UnixSeconds>(NOW + 86_400),
  patientKey: word('2'),
  delegation: 0,
  terms: word('3'),
  salt: word('4'),
}
const facts = {
  at: NOW,
  given: NOW,
  consentId: consentId(word('5')),
  signer: address(`0x${'6'.repeat(40)}`),
  opening,
  sentence: 'North Clinic can read your glucose.',
  readerName: 'North Clinic',
  subject: { type: 'person', handle: 'dr-lee', name: 'Dr Lee' },
  custodian: institutionId(word('7')),
} as const

function member(value: Json | undefined, ...path: readonly (string | number)[]): Json | undefined {
  let at: unknown = value
  for (const name of path) at = (at as Record<string | number, unknown>)[name]
  return at as Json
}

describe('a receipt', () => {
  it.each(['granted', 'revoked'] as const)('of a consent that was %s is a valid FHIR R4 Consent', (event) => {
    const { fhir } = receiptOf({ ...facts, event })
    const verdict = new Fhir().validate(JSON.parse(JSON.stringify(fhir)), { errorOnUnexpected: true })
    const errors = verdict.messages.filter(({ severity }) => severity === 'fatal' || severity === 'error')
    expect(errors).toEqual([])
    expect(verdict.valid).toBe(true)
    // The validator sees what is wrong: a Consent without its status is refused.
    const { status: _, ...without } = JSON.parse(JSON.stringify(fhir))
    expect(new Fhir().validate(without).valid).toBe(false)
  })

  it('permits inside a base rule of opt-in: the root provision has no type, each kind is a permit', () => {
    const { fhir } = receiptOf({ ...facts, event: 'granted' })
    expect(member(fhir, 'policyRule', 'coding', 0, 'code')).toBe('OPTIN')
    expect(member(fhir, 'provision', 'type')).toBeUndefined()
    const permits = member(fhir, 'provision', 'provision')
    expect(Array.isArray(permits) && permits.map((permit) => member(permit, 'type'))).toEqual(
      KINDS.map(() => 'permit'),
    )
    const [glucose] = permits as readonly Json[]
    expect(member(glucose, 'purpose', 0)).toEqual({
      system: 'http://terminology.hl7.org/CodeSystem/v3-ActReason',
      code: 'TREAT',
    })
    expect(member(glucose, 'actor', 0, 'reference', 'display')).toBe('North Clinic – Dr Lee')
    // When access holds and which data it is about are two things; FHIR ends are inclusive.
    expect(member(glucose, 'period')).toEqual({ start: '2026-09-01T00:00:00Z', end: '2026-09-01T23:59:59Z' })
    expect(member(glucose, 'dataPeriod')).toEqual({
      start: '2026-08-19T00:00:00Z',
      end: '2026-08-31T23:59:59Z',
    })
  })

  it('reads active only while the ledger does and the access has not ended', () => {
    expect(fhirStatus('active', opening.expiresAt, NOW)).toBe('active')
    expect(fhirStatus('active', opening.expiresAt, opening.expiresAt)).toBe('inactive')
    expect(fhirStatus('revoked', opening.expiresAt, NOW)).toBe('inactive')
    expect(fhirStatus('none', opening.expiresAt, NOW)).toBe('inactive')
    expect(member(receiptOf({ ...facts, event: 'revoked' }).fhir, 'status')).toBe('inactive')
  })

  it('holds the record of ISO/IEC TS 27560: header, processing, parties, events', () => {
    const { record } = receiptOf({ ...facts, event: 'revoked', guardian: 'key' })
    expect(Object.keys(record as object)).toEqual(['header', 'processing', 'parties', 'events'])
    expect(member(record, 'header', 'record_id')).toBe(facts.consentId)
    expect(member(record, 'events', 1, 'event_state')).toBe('withdrawn')
    expect(member(record, 'parties', 3, 'role')).toBe('guardian')
  })
})
