/** The platform's own primitives for masks: the same bytes as the pure suite, some ten times as fast. */
import {
  createHash,
  createHmac,
  createPrivateKey,
  createPublicKey,
  diffieHellman,
  type KeyObject,
} from 'node:crypto'
import { concat, fromBase64Url, toBase64Url } from '../vocabulary/index.ts'
import { badKey, type MaskSuite } from './masking/suite.ts'

const KEY_BYTES = 32
/** RFC 5869: no salt is as many zeros as the hash has bytes; one block of it is all that is taken. */
const NO_SALT = new Uint8Array(KEY_BYTES)
const FIRST_BLOCK = Uint8Array.of(1)
/** Keys pass as JWK (RFC 8037): DER takes eight times as long to read. The platform reads a secret's `d` alone; `x` has to be there. */
const OKP = { kty: 'OKP', crv: 'X25519', x: toBase64Url(new Uint8Array(KEY_BYTES)) } as const

export const nodeMaskSuite: MaskSuite = {
  publicKey: (secret) => {
    const { x = '' } = createPublicKey(privateKey(secret)).export({ format: 'jwk' })
    return fromBase64Url(x)
  },
  agree: (secret, peer) => {
    if (peer.length !== KEY_BYTES) throw badKey(undefined)
    const key = { ...OKP, x: toBase64Url(peer) }
    try {
      const publicKey = createPublicKey({ key, format: 'jwk' })
      return new Uint8Array(diffieHellman({ privateKey: privateKey(secret), publicKey }))
    } catch (cause) {
      throw badKey(cause)
    }
  },
  stream: (key, length) => {
    // Long streams are not copied: a round under masks makes some two hundred.
    const { buffer, byteOffset } = createHash('shake128', { outputLength: length }).update(key).digest()
    return new Uint8Array(buffer, byteOffset, length)
  },
  expand: (secret, info) => new Uint8Array(hmac(hmac(NO_SALT, secret), concat(info, FIRST_BLOCK))),
  digest: (bytes) => new Uint8Array(createHash('sha256').update(bytes).digest()),
}

/** `hkdfSync` takes four times as long for 32 bytes. */
function hmac(key: Uint8Array, message: Uint8Array): Uint8Array {
  return createHmac('sha256', key).update(message).digest()
}

/** Reading a secret costs more than agreeing on a key; a secret's array is read once while somebody holds it. */
const read = new WeakMap<Uint8Array, KeyObject>()

function privateKey(secret: Uint8Array): KeyObject {
  const known = read.get(secret)
  if (known !== undefined) return known
  const key = createPrivateKey({ key: { ...OKP, d: toBase64Url(secret) }, format: 'jwk' })
  read.set(secret, key)
  return key
}
