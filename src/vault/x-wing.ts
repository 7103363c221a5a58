/**
 * X-Wing as the key encapsulation of an HPKE suite: the one implementation that also makes the key pairs.
 *
 * Laws: a public key whose ML-KEM part is not reduced is refused, as is a point that leads to an all-zero secret; an
 * encapsulation that does not belong to the key gives another secret and no sign of it (implicit rejection).
 * Source: draft-connolly-cfrg-xwing-kem-06, KEM id 0x647a; RFC 9180 §4 for what a suite asks of it.
 */
import { DecapError, EncapError, KemId, type KemInterface, NotSupportedError } from '@hpke/core'
import { ml_kem768_x25519 as xWing } from '@noble/post-quantum/hybrid.js'

/** A key of the suite: its bytes, as X-Wing spells them. */
export class XWingKey implements CryptoKey {
  readonly algorithm = { name: 'X-Wing' }
  readonly extractable = true
  readonly usages = []
  readonly type: 'private' | 'public'
  readonly bytes: Uint8Array

  constructor(type: 'private' | 'public', bytes: Uint8Array) {
    this.type = type
    this.bytes = bytes
  }
}

/** Encapsulates and opens; keys come from `XWingKey`, and nothing else of a KEM is offered. */
export const X_WING: KemInterface = {
  id: KemId.XWing,
  secretSize: 32,
  encSize: 1120,
  publicKeySize: 1216,
  privateKeySize: 32,
  encap: async ({ recipientPublicKey }) => {
    try {
      const { sharedSecret, cipherText } = xWing.encapsulate(bytesOf(recipientPublicKey))
      return { sharedSecret: bufferOf(sharedSecret), enc: bufferOf(cipherText) }
    } catch (cause) {
      throw new EncapError(cause)
    }
  },
  decap: async ({ recipientKey, enc }) => {
    try {
      const given = ArrayBuffer.isView(enc)
        ? new Uint8Array(enc.buffer, enc.byteOffset, enc.byteLength)
        : new Uint8Array(enc)
      return bufferOf(xWing.decapsulate(given, bytesOf(recipientKey)))
    } catch (cause) {
      throw new DecapError(cause)
    }
  },
  serializePublicKey: notOffered,
  deserializePublicKey: notOffered,
  serializePrivateKey: notOffered,
  deserializePrivateKey: notOffered,
  importKey: notOffered,
  generateKeyPair: notOffered,
  deriveKeyPair: notOffered,
}

function bytesOf(key: CryptoKey | CryptoKeyPair): Uint8Array {
  if (key instanceof XWingKey) return key.bytes
  throw new NotSupportedError('not a key of X-Wing')
}

function bufferOf(bytes: Uint8Array): ArrayBuffer {
  return new Uint8Array(bytes).buffer
}

async function notOffered(): Promise<never> {
  throw new NotSupportedError('keys are made by hpkeKeyPair')
}
