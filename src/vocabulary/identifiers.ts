/**
 * Identifiers as types of their own. All are public commitments, keys or random numbers; none is derived from a person.
 */
import { IsletError } from './errors.ts'

declare const name: unique symbol
/** Brands add up: a consent id is also a 32-byte hash. */
type Named<Kind extends string, Base = string> = Base & { readonly [name]: { readonly [K in Kind]: true } }

/** 0x-prefixed lower-case hex. */
export type Hex = `0x${string}`
/** 32 bytes as hex. */
export type Hash32 = Named<'hash32', Hex>
/** A ledger account, 20 bytes as lower-case hex. */
export type Address = Named<'address', Hex>
/** keccak256(commitment ‖ signer), computed by the contract (PROTOCOL 7). */
export type ConsentId = Named<'consent', Hash32>
/** A member institution: 32 bytes chosen at enrolment, stable over key rotations. */
export type InstitutionId = Named<'institution', Hash32>
/** Random 16-byte handle of a patient at their custodian, as 32 hex digits; never on the ledger. */
export type PatientId = Named<'patient', string>
/** CIDv1 (raw, sha2-256, base32) of a stored object. */
export type Cid = Named<'cid', string>

const HEX_32 = /^0x[0-9a-f]{64}$/
const HEX_20 = /^0x[0-9a-f]{40}$/

/** Parses 32 bytes of lower- or upper-case hex. Throws `NOT_A_HASH`. */
export function hash32(text: string): Hash32 {
  const lower = text.toLowerCase()
  if (!HEX_32.test(lower))
    throw new IsletError('NOT_A_HASH', 'expected 0x and 64 hex digits', { length: text.length })
  return lower as Hash32
}

/** Parses a 20-byte account address. Throws `NOT_AN_ADDRESS`. */
export function address(text: string): Address {
  const lower = text.toLowerCase()
  if (!HEX_20.test(lower)) {
    throw new IsletError('NOT_AN_ADDRESS', 'expected 0x and 40 hex digits', { length: text.length })
  }
  return lower as Address
}

export function consentId(text: string): ConsentId {
  return hash32(text) as ConsentId
}

export function institutionId(text: string): InstitutionId {
  return hash32(text) as InstitutionId
}

/** Parses 32 hex digits. Throws `NOT_A_PATIENT_ID`. */
export function patientId(text: string): PatientId {
  if (!/^[0-9a-f]{32}$/.test(text)) {
    throw new IsletError('NOT_A_PATIENT_ID', 'expected 32 lower-case hex digits', { length: text.length })
  }
  return text as PatientId
}

/** Marks text as a CID; `vault` checks its digest. Throws `NOT_A_CID` when it is no CIDv1 in base32. */
export function cid(text: string): Cid {
  if (!/^b[a-z2-7]{20,110}$/.test(text)) {
    throw new IsletError('NOT_A_CID', 'expected a CIDv1 in base32', { length: text.length })
  }
  return text as Cid
}
