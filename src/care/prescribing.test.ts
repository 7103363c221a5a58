/** Nothing is prescribed but under a clinician's own signature, and the newest version of it stands. */
import { describe, expect, test } from 'vitest'
import { memoryShelf } from '../consent/index.ts'
import { codeOf } from '../consent/testing/scene.ts'
import { signer } from '../identity/index.ts'
import { nodeEd25519 } from '../identity/node-signer.door.ts'
import { hpkeKeyPair } from '../vault/index.ts'
import {
  consentId,
  hash32,
  type InsulinUnits,
  quantity,
  toHex,
  type UnixSeconds,
} from '../vocabulary/index.ts'
import { checkPrescription, type PrescribingGround } from './prescribing.ts'
import { prescriptionBook } from './sealed-book.ts'
import { medicationRequest, type Prescription, signPrescription, standing } from './signed-prescription.ts'
import type { StaffMember } from './staff.ts'

const NOW = quantity<UnixSeconds>(1_788_220_800)
const DAY = 86_400
const later = (days: number) => quantity<UnixSeconds>(NOW + days * DAY)
const own = signer(new Uint8Array(32).fill(7), nodeEd25519)
const LEE: StaffMember = {
  handle: 'dr-lee',
  name: 'Dr Lee',
  key: hash32(toHex(own.publicKey)),
  duty: 'clinician',
}
const BODY: Prescription['body'] = {
  id: hash32(`0x${'1d'.repeat(32)}`),
  consentId: consentId(`0x${'c0'.repeat(32)}`),
  status: 'active',
  medication: 'insulin glargine 100 U/mL',
  delivery: 'long-acting',
  frequency: 1,
  dose: 18,
  start: NOW,
  end: later(90),
  authoredOn: NOW,
  note: '',
}
const GROUND: PrescribingGround = {
  clinician: LEE,
  before: [],
  mostUnits: quantity<InsulinUnits>(15),
  at: NOW,
  ed: nodeEd25519,
}
const signed = (body: Partial<Prescription['body']> = {}) => signPrescription({ ...BODY, ...body }, own)
const outcome = async (prescription: Prescription, ground: Partial<PrescribingGround> = {}) =>
  codeOf((async () => checkPrescription(prescription, { ...GROUND, ...ground }))())
const TAKEN = 'NO_ERROR'

describe('a prescription', () => {
  test.each<readonly [Partial<Prescription['body']>, string, string]>([
    [{ end: NOW }, 'PRESCRIPTION_UNSOUND', 'that ends when it begins'],
    [{ end: later(367) }, 'PRESCRIPTION_UNSOUND', 'for longer than a year'],
    [{ delivery: 'bolus', dose: 15.5 }, 'PRESCRIPTION_UNSOUND', 'of more than may be given at once'],
    [{ delivery: 'bolus', dose: null }, TAKEN, 'of doses that are worked out for each meal'],
    [{ start: later(-30) }, TAKEN, 'of what is taken already'],
    [{ authoredOn: quantity<UnixSeconds>(NOW - 601) }, 'PRESCRIPTION_OLD', 'signed too long ago'],
    [{ authoredOn: quantity<UnixSeconds>(NOW + 601) }, 'PRESCRIPTION_OLD', 'signed in the future'],
    [{ status: 'stopped' }, 'PRESCRIPTION_UNKNOWN', 'that stops what was never begun'],
  ])('%j gives %s: %s', async (body, expected) => {
    expect(await outcome(signed(body))).toBe(expected)
  })

  test.each<readonly [Partial<PrescribingGround>, string, string]>([
    [{ clinician: undefined }, 'NOT_ON_DUTY', 'of a stranger'],
    [{ clinician: { ...LEE, duty: 'duty-officer' } }, 'NOT_ON_DUTY', 'of no clinician'],
    [{ clinician: { ...LEE, key: BODY.id } }, 'SIGNATURE_REFUSED', 'with somebody else’s key'],
  ])('%j gives %s: %s', async (ground, expected) => {
    expect(await outcome(signed(), ground)).toBe(expected)
  })

  test('in which any member was changed after it was signed is none', async () => {
    for (const [name, value] of Object.entries({
      dose: 80,
      frequency: 4,
      medication: 'other',
      end: later(1),
    })) {
      const forged = { ...signed(), body: { ...BODY, [name]: value } }
      expect(await outcome(forged), name).toBe('SIGNATURE_REFUSED')
    }
  })

  test('is stopped by a newer version, and no older one comes back', async () => {
    const first = signed()
    const stop = signed({ status: 'stopped', authoredOn: quantity<UnixSeconds>(NOW + 60) })
    expect(await outcome(stop, { before: [first] })).toBe(TAKEN)
    expect(await outcome(signed(), { before: [first, stop] })).toBe('PRESCRIPTION_UNKNOWN')
    const another = signed({ id: hash32(`0x${'2d'.repeat(32)}`) })
    expect(standing([first, another, stop], ({ body }) => body)).toEqual([stop, another])
    expect(standing([stop, first], ({ body }) => body)).toEqual([stop])
  })

  test('is kept sealed, oldest first, and opens to the institution that keeps it alone', async () => {
    const shelf = memoryShelf()
    const keys = hpkeKeyPair(new Uint8Array(32).fill(9))
    const stop = signed({ status: 'stopped', authoredOn: quantity<UnixSeconds>(NOW + 60) })
    const book = prescriptionBook(shelf, keys)
    await book.keep(hash32(`0x${'aa'.repeat(32)}`), stop)
    await book.keep(hash32(`0x${'bb'.repeat(32)}`), signed())
    const kept = await prescriptionBook(shelf, keys).of(BODY.consentId)
    expect(kept.map((one) => one.signed)).toEqual([signed(), stop])
    for (const name of await shelf.list(''))
      expect(Buffer.from((await shelf.get(name)) ?? []).includes('glargine')).toBe(false)
    const other = prescriptionBook(shelf, hpkeKeyPair(new Uint8Array(32).fill(8)))
    expect(await codeOf(other.of(BODY.consentId))).toBe('SEALED_OTHERWISE')
  })

  test('is a FHIR MedicationRequest with its dose, its times and who signed', () => {
    expect(medicationRequest(signed({ note: 'at bedtime' }), 'Dr Lee')).toMatchObject({
      resourceType: 'MedicationRequest',
      status: 'active',
      intent: 'order',
      medicationCodeableConcept: { text: BODY.medication },
      authoredOn: '2026-09-01T00:00:00Z',
      requester: { display: 'Dr Lee' },
      note: [{ text: 'at bedtime' }],
      dosageInstruction: [
        {
          timing: { repeat: { frequency: 1, period: 1, periodUnit: 'd' } },
          doseAndRate: [{ doseQuantity: { value: 18, code: '[iU]' } }],
        },
      ],
    })
    const [instruction] = Object(medicationRequest(signed({ dose: null }), 'Dr Lee')).dosageInstruction
    expect(instruction).not.toHaveProperty('doseAndRate')
  })
})
