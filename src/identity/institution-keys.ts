/**
 * The three keys of an institution, made where they are used: for the ledger, for messages, for what is sealed to it.
 *
 * Laws: the keys are random and independent, so that one can be rotated or lost without the others; only the public
 * parts leave; `Membership` holds address, message key and the SHA-256 of the HPKE key.
 */
import { type Hasher, type HpkeKeyPair, hpkeKeyPair } from '../vault/index.ts'
import {
  type Address,
  type Bytes,
  fromBase64Url,
  fromHex,
  type Hash32,
  hash32,
  IsletError,
  isIsletError,
  toBase64Url,
  toHex,
} from '../vocabulary/index.ts'
import { type Ed25519, type Signer, signer } from './ed25519.ts'
import { ledgerAddress, ledgerPrivateKey } from './ledger-address.ts'

/** What an institution's key file keeps; each 32 bytes. */
export interface InstitutionSecrets {
  readonly ledger: Bytes
  readonly message: Bytes
  readonly hpke: Bytes
}

/** What others know of an institution's keys. */
export type InstitutionPublicKeys = {
  readonly ledgerAddress: Address
  readonly messageKey: Hash32
  /** X-Wing public key, base64url. */
  readonly hpkeKey: string
}

/** An institution's keys, ready for use. */
export interface InstitutionKeys {
  readonly ledgerKey: Bytes
  readonly ledgerAddress: Address
  /** Signs requests, documents and log checkpoints. */
  readonly message: Signer
  readonly hpke: HpkeKeyPair
  readonly public: InstitutionPublicKeys
}

/** Draws fresh secrets. */
export function drawInstitutionSecrets(random: (length: number) => Bytes): InstitutionSecrets {
  return { ledger: ledgerPrivateKey(random(48)), message: random(32), hpke: random(32) }
}

/** The keys of secrets as kept. Throws `HPKE_KEY_MALFORMED`. */
export function institutionKeys(secrets: InstitutionSecrets, ed: Ed25519): InstitutionKeys {
  const message = signer(secrets.message, ed)
  const hpke = hpkeKeyPair(secrets.hpke)
  const address = ledgerAddress(secrets.ledger)
  return {
    ledgerKey: secrets.ledger.slice(),
    ledgerAddress: address,
    message,
    hpke,
    public: {
      ledgerAddress: address,
      messageKey: hash32(toHex(message.publicKey)),
      hpkeKey: toBase64Url(hpke.publicKey),
    },
  }
}

/** The hash of an HPKE key as `Membership` holds it: SHA-256 of the raw public key. Throws `NOT_BASE64URL`. */
export function hpkeKeyHash(hpkeKey: string, hasher: Pick<Hasher, 'sha256'>): Hash32 {
  return hash32(toHex(hasher.sha256(fromBase64Url(hpkeKey))))
}

/** Secrets → text for a key file. */
export function encodeInstitutionSecrets(secrets: InstitutionSecrets): string {
  const { ledger, message, hpke } = secrets
  return JSON.stringify({ ledger: toHex(ledger), message: toHex(message), hpke: toHex(hpke) })
}

/** Text of a key file → secrets. Throws `KEY_FILE_DAMAGED`. */
export function decodeInstitutionSecrets(text: string): InstitutionSecrets {
  try {
    const parsed: unknown = JSON.parse(text)
    return { ledger: part(parsed, 'ledger'), message: part(parsed, 'message'), hpke: part(parsed, 'hpke') }
  } catch (cause) {
    if (isIsletError(cause) || cause instanceof SyntaxError) {
      throw new IsletError('KEY_FILE_DAMAGED', 'the key file does not hold the keys of an institution')
    }
    throw cause
  }
}

function part(parsed: unknown, name: string): Bytes {
  const text: unknown =
    typeof parsed === 'object' && parsed !== null
      ? Object.getOwnPropertyDescriptor(parsed, name)?.value
      : undefined
  return fromHex(hash32(typeof text === 'string' ? text : ''))
}
