/**
 * A prescription of insulin as it travels: what a clinician signs with their own key, where they are.
 *
 * Laws: it names the consent under which the patient is known, never the patient; its members are named as those of FHIR R4
 * MedicationRequest; what changes it is a newer document with the same `id`, and the newest of a signed kind stands.
 * Source: http://hl7.org/fhir/R4/medicationrequest.html; http://hl7.org/fhir/R4/dosage.html; UCUM `[iU]`.
 */
import Type from 'typebox'
import { ConsentIdField, Hash32Field } from '../api/index.ts'
import { type Document, record, Seconds, ShownName, sign, signedSchema } from '../consent/browser.door.ts'
import type { Signer } from '../identity/index.ts'
import { formatInstant, type Json } from '../vocabulary/index.ts'

/** How the insulin is given, as records of it say (`series`). */
export const PRESCRIBED = ['bolus', 'long-acting'] as const
export type Prescribed = (typeof PRESCRIBED)[number]

export const PrescriptionSchema = signedSchema(
  'islet.prescription/1',
  record({
    /** The same in every version of one prescription. */
    id: Hash32Field,
    consentId: ConsentIdField,
    status: Type.Union([Type.Literal('active'), Type.Literal('stopped')]),
    /** What is given, in words: `medicationCodeableConcept.text`. */
    medication: ShownName,
    delivery: Type.Unsafe<Prescribed>({ type: 'string', enum: [...PRESCRIBED] }),
    /** Times a day. */
    frequency: Type.Integer({ minimum: 1, maximum: 12 }),
    /** Units each time; null where each dose is worked out for the meal. */
    dose: Type.Union([Type.Number({ exclusiveMinimum: 0, maximum: 100 }), Type.Null()]),
    /** From when until when it is taken (`boundsPeriod`). */
    start: Seconds,
    end: Seconds,
    authoredOn: Seconds,
    note: Type.String({ maxLength: 500 }),
  }),
)
export type Prescription = Document<typeof PrescriptionSchema>

/** A patient asks for what was prescribed to them under a consent. */
export const PrescriptionQuestionSchema = signedSchema(
  'islet.prescription-question/1',
  record({ consentId: ConsentIdField, at: Seconds }),
)

export function signPrescription(body: Prescription['body'], by: Signer): Prescription {
  return { ...sign('islet.prescription/1', body, by), type: 'islet.prescription/1' }
}

export function signPrescriptionQuestion(
  body: Document<typeof PrescriptionQuestionSchema>['body'],
  by: Signer,
): Document<typeof PrescriptionQuestionSchema> {
  return { ...sign('islet.prescription-question/1', body, by), type: 'islet.prescription-question/1' }
}

/** The newest version of each prescription, in the order in which they were begun. */
export function standing<Entry>(
  kept: readonly Entry[],
  bodyOf: (entry: Entry) => Prescription['body'],
): readonly Entry[] {
  const newest = new Map<string, Entry>()
  for (const entry of kept) {
    const { id, authoredOn } = bodyOf(entry)
    const before = newest.get(id)
    if (before === undefined || bodyOf(before).authoredOn <= authoredOn) newest.set(id, entry)
  }
  return [...newest.values()]
}

/** The same as a FHIR R4 MedicationRequest; `prescriber` is the name of who signed. */
export function medicationRequest(
  { body, signer, signature }: Prescription,
  prescriber: string,
): { readonly [name: string]: Json } {
  return {
    resourceType: 'MedicationRequest',
    identifier: [{ system: 'urn:islet:prescription', value: body.id }],
    status: body.status,
    intent: 'order',
    medicationCodeableConcept: { text: body.medication },
    subject: { identifier: { system: 'urn:islet:consent', value: body.consentId } },
    authoredOn: formatInstant(body.authoredOn),
    requester: { identifier: { system: 'urn:islet:staff-key', value: signer }, display: prescriber },
    ...(body.note === '' ? {} : { note: [{ text: body.note }] }),
    dosageInstruction: [
      {
        timing: {
          repeat: {
            boundsPeriod: { start: formatInstant(body.start), end: formatInstant(body.end) },
            frequency: body.frequency,
            period: 1,
            periodUnit: 'd',
          },
        },
        ...(body.dose === null
          ? {}
          : {
              doseAndRate: [
                {
                  doseQuantity: {
                    value: body.dose,
                    unit: 'U',
                    system: 'http://unitsofmeasure.org',
                    code: '[iU]',
                  },
                },
              ],
            }),
      },
    ],
    extension: [{ url: 'urn:islet:signature', valueString: signature }],
  }
}
