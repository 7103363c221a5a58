/**
 * What lies inside messages, by type. The meaning of each payload belongs to the room that signs it; here is its shape.
 */
import Type, { type Static } from 'typebox'
import { Hash32Field, InstantField, InstitutionIdField, SignatureField } from './fields.ts'

const closed = { additionalProperties: false } as const

/** A document whose shape its own signature and reader settle. */
export const Open = Type.Unsafe<Readonly<Record<string, unknown>>>({ type: 'object' })
export const Empty = Type.Object({}, closed)

/** Where a member is reached; signed by its message key, so that no certificate authority has a say. */
export const AddressRecord = Type.Object(
  {
    institution: InstitutionIdField,
    /** Origin below which the inbox lies, as in https://10.0.0.7:7443. */
    origin: Type.String({ pattern: '^https://[A-Za-z0-9.:\\[\\]-]{1,255}$' }),
    /** SHA-256 of the certificate (DER) shown there, lower-case hex. */
    certificate: Hash32Field,
    /** Rises with every new record; a lower one never replaces a higher. */
    sequence: Type.Integer({ minimum: 1 }),
    from: InstantField,
  },
  closed,
)
export type AddressRecord = Static<typeof AddressRecord>

/** An address record as a signed document (detached Ed25519 over canonical JSON). */
export const SignedAddress = Type.Object(
  {
    type: Type.Literal('islet.address/1'),
    body: AddressRecord,
    signer: Hash32Field,
    signature: SignatureField,
  },
  closed,
)
export type SignedAddress = Static<typeof SignedAddress>

/** Where the answering member knows others to be; each record vouches for itself. */
export const KnownAddresses = Type.Object(
  { addresses: Type.Array(SignedAddress, { maxItems: 1_000 }) },
  closed,
)
