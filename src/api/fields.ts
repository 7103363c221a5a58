/**
 * The small schemas from which all others are made: hashes, keys, instants, closed lists.
 *
 * Law: a string on the wire has a pattern and a limit; nothing is free text unless it says so.
 */
import Type from 'typebox'
import {
  ACTIONS,
  type Action,
  type Address,
  type Cid,
  type ConsentId,
  type Hash32,
  HOUR_LIMIT,
  INSTITUTION_ROLES,
  type InstitutionId,
  type InstitutionRole,
  KINDS,
  type Kind,
  type PatientId,
  PURPOSES,
  type Purpose,
  type UtcHour,
} from '../vocabulary/index.ts'

const HASH = '^0x[0-9a-f]{64}$'

/** 32 bytes, 0x and lower-case hex. */
export const Hash32Field = Type.Unsafe<Hash32>({ type: 'string', pattern: HASH })
export const ConsentIdField = Type.Unsafe<ConsentId>({ type: 'string', pattern: HASH })
export const InstitutionIdField = Type.Unsafe<InstitutionId>({ type: 'string', pattern: HASH })
/** A ledger account, 20 bytes. */
export const AddressField = Type.Unsafe<Address>({ type: 'string', pattern: '^0x[0-9a-f]{40}$' })
/** The custodian's random handle of a patient. */
export const PatientIdField = Type.Unsafe<PatientId>({ type: 'string', pattern: '^[0-9a-f]{32}$' })
/** CIDv1, raw, sha2-256, base32. */
export const CidField = Type.Unsafe<Cid>({ type: 'string', pattern: '^b[a-z2-7]{20,110}$' })
/** An Ed25519 public key, 32 bytes in base64url. */
export const KeyField = Type.String({ pattern: '^[A-Za-z0-9_-]{43}$' })
/** An Ed25519 signature, 64 bytes in base64url. */
export const SignatureField = Type.String({ pattern: '^[A-Za-z0-9_-]{86}$' })
/** Even digits of lower-case hex after 0x. */
export const HexField = Type.Unsafe<`0x${string}`>({ type: 'string', pattern: '^0x([0-9a-f]{2})*$' })
/** Any bytes in unpadded base64url. */
export const Base64UrlField = Type.String({ pattern: '^[A-Za-z0-9_-]*$' })
/** RFC 3339 with offset. */
export const InstantField = Type.String({
  pattern: '^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d(\\.\\d{1,9})?(Z|[+-]\\d\\d:\\d\\d)$',
})
/** 16 random bytes as 32 hex digits. */
export const RandomIdField = Type.String({ pattern: '^[0-9a-f]{32}$' })
/** Seconds, whole or not, never negative. */
export const SecondsField = Type.Number({ minimum: 0 })
/** A count. */
export const CountField = Type.Integer({ minimum: 0 })
/** An hour of UTC since 1900, or the end of a run of them (PROTOCOL 12). */
export const HourField = Type.Unsafe<UtcHour>({ type: 'integer', minimum: 0, maximum: HOUR_LIMIT })
/** A SCREAMING code. */
export const CodeField = Type.String({ pattern: '^[A-Z][A-Z0-9_]*$', maxLength: 64 })
/** The name of an institution as shown to people. */
export const NameField = Type.String({ minLength: 1, maxLength: 120 })

const listed = <T extends string>(list: readonly T[]) => Type.Unsafe<T>({ type: 'string', enum: [...list] })

export const KindField = listed<Kind>(KINDS)
export const PurposeField = listed<Purpose>(PURPOSES)
export const InstitutionRoleField = listed<InstitutionRole>(INSTITUTION_ROLES)
export const ActionField = listed<Action>(ACTIONS)

/** One of a closed list of strings. */
export { listed as oneOf }
