/**
 * Every key of a patient, derived from one random root R.
 *
 * Laws: R is random and never derived from a passkey or passphrase, which only wrap it; labels are those of
 * docs/architecture.md, so that R alone brings every key, grant and reading back; each consent signs with a fresh
 * ledger address, so that two consents share nothing (DESIGN 5, PROTOCOL 7–9).
 * Source: HKDF-SHA-256 (RFC 5869); a scalar from 48 bytes as in FIPS 186-5 appendix A.2.1.
 */
import { type Hasher, hkdf } from '../vault/index.ts'
import {
  type Address,
  type Bytes,
  concat,
  type Hash32,
  hash32,
  IsletError,
  toHex,
  uint32,
  utf8,
} from '../vocabulary/index.ts'
import { type Ed25519, type Signer, signer } from './ed25519.ts'
import { ledgerAddress, ledgerPrivateKey } from './ledger-address.ts'

/** Bytes of a patient's root. */
export const ROOT_BYTES = 32

const LABELS = {
  identity: 'islet/v1/identity',
  inbox: 'islet/v1/inbox',
  consent: 'islet/v1/consent',
  consentSalt: 'islet/v1/consent-salt',
  stream: 'islet/v1/stream-commitment',
  tag: 'islet/v1/root-tag',
} as const

/** The key that signs one consent on the ledger, and nothing else. */
export interface ConsentKey {
  /** Number of the consent, from 0. */
  readonly index: number
  readonly privateKey: Bytes
  readonly address: Address
  /** Salt of the consent's commitment, 32 bytes. */
  readonly salt: Hash32
}

/** The keys of a patient; secrets stay inside this object until asked for. */
export interface PatientKeys {
  /** R itself, from which the vault derives stream roots. */
  readonly root: Bytes
  /** Ed25519, enrolled at the custodian; signs documents. */
  readonly identity: Signer
  /** Public identity key as it stands in documents and openings. */
  readonly identityKey: Hash32
  /** Seed of the X-Wing inbox key. */
  readonly inboxSeed: Bytes
  /** 16 bytes that tell whether two routes lead to the same R, and nothing else. */
  readonly rootTag: Bytes
  /** Random-looking name of the patient's streams inside sealed objects, 32 bytes, told to writers and readers. */
  readonly streamCommitment: Bytes
  /** Key, address and salt of consent n, 0 ≤ n < 2^32. Throws `NOT_A_CONSENT_INDEX`. */
  consent(index: number): ConsentKey
}

/** Derives a patient's keys. Throws `NOT_A_ROOT`. */
export function patientKeys(root: Uint8Array, hasher: Hasher, ed: Ed25519): PatientKeys {
  if (root.length !== ROOT_BYTES) {
    throw new IsletError('NOT_A_ROOT', 'a root key has 32 bytes', { length: root.length })
  }
  const kept = root.slice()
  const derive = (label: string, length: number, number?: number): Bytes => {
    const info = number === undefined ? utf8(label) : concat(utf8(label), uint32(number))
    return hkdf(hasher, kept, { info, length })
  }
  const identity = signer(derive(LABELS.identity, 32), ed)
  return {
    root: kept,
    identity,
    identityKey: hash32(toHex(identity.publicKey)),
    inboxSeed: derive(LABELS.inbox, 32),
    rootTag: derive(LABELS.tag, 16),
    streamCommitment: derive(LABELS.stream, 32),
    consent: (index) => {
      if (!Number.isInteger(index) || index < 0 || index >= 2 ** 32) {
        throw new IsletError('NOT_A_CONSENT_INDEX', 'consents are numbered from 0 to 2^32 − 1', { index })
      }
      const privateKey = ledgerPrivateKey(derive(LABELS.consent, 48, index))
      const salt = hash32(toHex(derive(LABELS.consentSalt, 32, index)))
      return { index, privateKey, address: ledgerAddress(privateKey), salt }
    },
  }
}
