/** The platform's own primitives for masks: the same bytes as the pure suite, some ten times as fast. */
import {
  createHash,
  createHmac,
  createPrivateKey,
  createPublicKey,
  diffieHellman,
  type KeyObject,
} from 'node:crypto'
import { fromBase64Url, toBase64Url } from '../vocabulary/index.ts'
import { badKey, type MaskSuite } from './masking/suite.ts'

const KEY_BYTES = 32
/** Keys pass as JWK (RFC 8037): DER takes eight times as long to read. The platform reads a secret's `d` alone; `x` has to be there. */
const OKP = { kty: 'OKP', crv: 'X25519', x: toBase64Url(new Uint8Array(KEY_BYTES)) } as const

export const nodeMaskSuite: MaskSuite = {
  publicKey: (secret) => {
    const { x = '' } = createPublicKey(privateKey(secret)).export({ format: 'jwk' })
    return fromBase64Url(x)
  },
  agree: (secret, peer) => {
    if (peer.length !== KEY_BYTES) throw badKey(undefined)
    try {
      return new Uint8Array(diffieHellman({ privateKey: privateKey(secret), publicKey: peerKey(peer) }))
    } catch (cause) {
      throw badKey(cause)
    }
  },
  stream: (key, length) => {
    // Long streams are not copied: a round under masks makes some two hundred.
    const { buffer, byteOffset } = createHash('shake128', { outputLength: length }).update(key).digest()
    return new Uint8Array(buffer, byteOffset, length)
  },
  hmac: (key, message) => new Uint8Array(createHmac('sha256', key).update(message).digest()),
  digest: (bytes) => new Uint8Array(createHash('sha256').update(bytes).digest()),
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

const MOST_PEERS = 512
const peers = new Map<string, KeyObject>()

/** Every member of a sum agrees with the same peers. */
function peerKey(peer: Uint8Array): KeyObject {
  const x = toBase64Url(peer)
  const key = peers.get(x) ?? createPublicKey({ key: { ...OKP, x }, format: 'jwk' })
  if (peers.size >= MOST_PEERS) peers.clear()
  peers.set(x, key)
  return key
}
