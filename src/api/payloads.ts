/**
 * What lies inside messages, by type. The meaning of each payload belongs to the room that signs it; here is its shape.
 */
import Type, { type Static } from 'typebox'
import { CountField, Hash32Field, InstantField, InstitutionIdField, oneOf, SignatureField } from './fields.ts'
import { closed } from './shapes.ts'

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

/** Longest part of an object in one answer, in bytes; all parts but the last are so long. */
export const STUDY_PART_BYTES = 1 << 20
const base64Url = (bytes: number) =>
  Type.String({ pattern: '^[A-Za-z0-9_-]*$', maxLength: Math.ceil((bytes * 4) / 3) })

/** An object of a study by the hash that the ledger has of it, from a byte on. */
export const StudyObjectAsk = Type.Object(
  {
    study: Hash32Field,
    object: Hash32Field,
    offset: Type.Integer({ minimum: 0, maximum: 0xffff_ffff }),
  },
  closed,
)
export const StudyObjectPart = Type.Object({ length: CountField, part: base64Url(STUDY_PART_BYTES) }, closed)

/** What a site said in a round, whoever is asked for it. */
export const StudyWordsAsk = Type.Object(
  {
    study: Hash32Field,
    round: Type.Integer({ minimum: 1, maximum: 0xffff_ffff }),
    site: InstitutionIdField,
  },
  closed,
)
/** Signed words as they lie on a shelf (`islet.study-word/1`, canonical JSON); each vouches for itself. */
export const StudyWordsKnown = Type.Object(
  { words: Type.Array(base64Url(24 << 10), { maxItems: 6 }) },
  closed,
)

/** Which words of a round a site has heard: what others compare with what they heard. */
export const StudyHeardAsk = Type.Object(
  { study: Hash32Field, round: Type.Integer({ minimum: 1, maximum: 0xffff_ffff }) },
  closed,
)
export const StudyHeard = Type.Object(
  {
    heard: Type.Array(
      Type.Object(
        {
          site: InstitutionIdField,
          kind: oneOf(['advert', 'shares', 'unmask'] as const),
          /** Of the signed word as it lies on the shelf. */
          sha256: Hash32Field,
        },
        closed,
      ),
      { maxItems: 1_536 },
    ),
  },
  closed,
)
