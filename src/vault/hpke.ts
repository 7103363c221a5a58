/**
 * Sealing bytes to a public key: HPKE base mode, single shot, with X-Wing, so that what is recorded today does not open
 * to a quantum computer tomorrow.
 *
 *   sealed = suite u16 ‖ enc 1,120 ‖ ciphertext ‖ tag 16
 *
 * Laws: `info` is rebuilt by the opener; base mode names no sender, so what matters is signed elsewhere (the envelope's
 * hash stands in the patient's signed intent). The suite is named, and wrapping anew under another is routine.
 * Source: RFC 9180 §5.1.1 and §6.1; X-Wing: draft-connolly-cfrg-xwing-kem-06, KEM id 0x647a.
 */
import { Aes256Gcm, CipherSuite, DecapError, HkdfSha256, OpenError } from '@hpke/core'
import { ml_kem768_x25519 as xWing } from '@noble/post-quantum/hybrid.js'
import { type Bytes, concat, IsletError } from '../vocabulary/index.ts'
import { KEY_BYTES, SUITE, SUITE_BYTES, TAG_BYTES } from './suite.ts'
import { X_WING, XWingKey } from './x-wing.ts'

export const HPKE_PUBLIC_KEY_BYTES = 1216
const ENC_BYTES = 1120
const SUITE_PREFIX = Uint8Array.of(SUITE >> 8, SUITE & 0xff)

const suite = new CipherSuite({ kem: X_WING, kdf: new HkdfSha256(), aead: new Aes256Gcm() })

export interface HpkeKeyPair {
  /** 1,216 bytes. */
  readonly publicKey: Bytes
  /** The 32-byte seed, which is the private key. */
  readonly privateKey: Bytes
}

/** The key pair of a 32-byte seed. Throws `HPKE_KEY_MALFORMED`. */
export function hpkeKeyPair(seed: Uint8Array): HpkeKeyPair {
  if (seed.length !== KEY_BYTES) throw badKey(seed.length)
  return { publicKey: new Uint8Array(xWing.keygen(seed).publicKey), privateKey: new Uint8Array(seed) }
}

/** Seals to a public key. Throws `HPKE_KEY_MALFORMED`. */
export async function hpkeSeal(
  publicKey: Uint8Array,
  info: Uint8Array,
  plaintext: Uint8Array,
): Promise<Bytes> {
  if (publicKey.length !== HPKE_PUBLIC_KEY_BYTES) throw badKey(publicKey.length)
  try {
    const recipientPublicKey = new XWingKey('public', publicKey)
    const { enc, ct } = await suite.seal({ recipientPublicKey, info }, plaintext)
    return concat(SUITE_PREFIX, new Uint8Array(enc), new Uint8Array(ct))
  } catch (cause) {
    // The public key came from outside; anything the library refuses here is that key.
    throw badKey(publicKey.length, cause)
  }
}

export type HpkeOpened =
  | { readonly code: 'OPENED'; readonly plaintext: Bytes }
  /** Sealed to another key, for another `info`, or altered: the three look the same by design. */
  | { readonly code: 'SEAL_DOES_NOT_OPEN' }
  | { readonly code: 'SUITE_UNKNOWN' }

/** Opens what was sealed to this key for this `info`. Throws `HPKE_KEY_MALFORMED` unless the private key has 32 bytes. */
export async function hpkeOpen(
  privateKey: Uint8Array,
  info: Uint8Array,
  sealed: Uint8Array,
): Promise<HpkeOpened> {
  if (privateKey.length !== KEY_BYTES) throw badKey(privateKey.length)
  if (sealed.length < SUITE_BYTES + ENC_BYTES + TAG_BYTES) return { code: 'SEAL_DOES_NOT_OPEN' }
  if (sealed[0] !== SUITE_PREFIX[0] || sealed[1] !== SUITE_PREFIX[1]) return { code: 'SUITE_UNKNOWN' }
  const recipientKey = new XWingKey('private', privateKey)
  const enc = sealed.slice(SUITE_BYTES, SUITE_BYTES + ENC_BYTES)
  const ciphertext = sealed.slice(SUITE_BYTES + ENC_BYTES)
  try {
    const plaintext = await suite.open({ recipientKey, enc, info }, ciphertext)
    return { code: 'OPENED', plaintext: new Uint8Array(plaintext) }
  } catch (error) {
    if (error instanceof OpenError || error instanceof DecapError) return { code: 'SEAL_DOES_NOT_OPEN' }
    throw error
  }
}

function badKey(length: number, cause?: unknown): IsletError {
  const message = 'an X-Wing public key has 1,216 sound bytes, a private key 32'
  return new IsletError('HPKE_KEY_MALFORMED', message, { length }, cause === undefined ? {} : { cause })
}
