/**
 * What lies inside messages, by type. The meaning of each payload belongs to the room that signs it; here is its shape.
 */
import Type, { type Static } from 'typebox'
import { InstantField, InstitutionIdField, KeyField, PatientIdField, SignatureField } from './fields.ts'

const closed = { additionalProperties: false } as const

/** A document whose shape its own signature and reader settle. */
export const Open = Type.Unsafe<Readonly<Record<string, unknown>>>({ type: 'object' })
export const Empty = Type.Object({}, closed)

export const Enrolment = Open
export const EnrolmentReceipt = Open

/** Where a member is reached: signed by its message key, so that a certificate authority has no say. */
export const AddressRecord = Type.Object(
  {
    schema: Type.Literal('islet.address/1'),
    institution: InstitutionIdField,
    /** Origin under which the inbox lies, as in https://10.0.0.7:7443. */
    url: Type.String({ pattern: '^https://[A-Za-z0-9.:\\[\\]-]{1,255}$' }),
    /** SHA-256 of the certificate (DER), base64url; null where no TLS is spoken. */
    certificate: Type.Union([KeyField, Type.Null()]),
    /** Rises with every new record; a lower one never replaces a higher. */
    sequence: Type.Integer({ minimum: 1 }),
    from: InstantField,
  },
  closed,
)
export type AddressRecord = Static<typeof AddressRecord>

export const SignedAddress = Type.Object(
  { record: AddressRecord, key: KeyField, signature: SignatureField },
  closed,
)
export type SignedAddress = Static<typeof SignedAddress>

/** Names a patient at their custodian. */
export const PatientReference = Type.Object({ patient: PatientIdField }, closed)
