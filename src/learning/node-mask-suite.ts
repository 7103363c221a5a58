/** The platform's own primitives for masks: the same bytes as the pure suite, some ten times as fast. */
import { createHash, createPrivateKey, createPublicKey, diffieHellman, type KeyObject } from 'node:crypto'
import { concat, fromHex } from '../vocabulary/index.ts'
import { badKey, type MaskSuite } from './masking/suite.ts'

/** DER before an X25519 key (RFC 8410). */
const PRIVATE = fromHex('302e020100300506032b656e04220420')
const PUBLIC = fromHex('302a300506032b656e032100')
const KEY_BYTES = 32

export const nodeMaskSuite: MaskSuite = {
  publicKey: (secret) => {
    const spki = createPublicKey(privateKey(secret)).export({ type: 'spki', format: 'der' })
    return new Uint8Array(spki.subarray(PUBLIC.length))
  },
  agree: (secret, peer) => {
    if (peer.length !== KEY_BYTES) throw badKey(undefined)
    const key = Buffer.from(concat(PUBLIC, peer))
    try {
      const publicKey = createPublicKey({ key, format: 'der', type: 'spki' })
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
