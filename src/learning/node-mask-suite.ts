/** The platform's own primitives for masks: the same bytes as the pure suite, some ten times as fast. */
import { createHash, createPrivateKey, createPublicKey, diffieHellman, type KeyObject } from 'node:crypto'
import { concat, fromBase64Url, fromHex, toBase64Url } from '../vocabulary/index.ts'
import { badKey, type MaskSuite } from './masking/suite.ts'

/** DER before an X25519 secret (RFC 8410). Public keys pass as JWK (RFC 8037): read in a third, written in a thirtieth of DER's time. */
const PRIVATE = fromHex('302e020100300506032b656e04220420')
const KEY_BYTES = 32

export const nodeMaskSuite: MaskSuite = {
  publicKey: (secret) => {
    const { x = '' } = createPublicKey(privateKey(secret)).export({ format: 'jwk' })
    return fromBase64Url(x)
  },
  agree: (secret, peer) => {
    if (peer.length !== KEY_BYTES) throw badKey(undefined)
    const key = { kty: 'OKP', crv: 'X25519', x: toBase64Url(peer) }
    try {
      const publicKey = createPublicKey({ key, format: 'jwk' })
      return new Uint8Array(diffieHellman({ privateKey: privateKey(secret), publicKey }))
    } catch (cause) {
      throw badKey(cause)
    }
  },
  stream: (key, length) =>
    new Uint8Array(createHash('shake128', { outputLength: length }).update(key).digest()),
}

/** Reading a secret costs more than agreeing on a key; a secret's array is read once while somebody holds it. */
const read = new WeakMap<Uint8Array, KeyObject>()

function privateKey(secret: Uint8Array): KeyObject {
  const known = read.get(secret)
  if (known !== undefined) return known
  const key = createPrivateKey({ key: Buffer.from(concat(PRIVATE, secret)), format: 'der', type: 'pkcs8' })
  read.set(secret, key)
  return key
}
