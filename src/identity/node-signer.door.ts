/**
 * Ed25519 over node:crypto, for servers. Node only; browsers use `nobleEd25519`.
 *
 * Law: the same signatures as `nobleEd25519` on the same vectors. Source: RFC 8032; RFC 8410 for the key encodings.
 */
import { createPrivateKey, createPublicKey, type KeyObject, sign, verify } from 'node:crypto'
import { type Bytes, equalBytes, toHex } from '../vocabulary/index.ts'
import { type Ed25519, isSoundKey } from './ed25519.ts'

/** DER around a 32-byte seed or public key: RFC 8410 section 7 and section 4. */
const PKCS8 = Buffer.from('302e020100300506032b657004220420', 'hex')
const SPKI = Buffer.from('302a300506032b6570032100', 'hex')
/** Public keys seen lately are kept parsed: members and devices sign again and again. */
const KEPT_KEYS = 1_024
const kept = new Map<string, KeyObject | undefined>()

export const nodeEd25519: Ed25519 = {
  publicKey: (seed) => publicBytes(createPublicKey(privateKey(seed))),
  sign: (seed, message) => owned(sign(null, message, privateKey(seed))),
  verify: (key, message, signature) => {
    if (key.length !== 32 || signature.length !== 64) return false
    const parsed = publicKey(key)
    return parsed !== undefined && verify(null, message, parsed, signature)
  },
}

/** Parsed once per seed array; should the array be overwritten, it is parsed anew. */
const parsedSeeds = new WeakMap<Uint8Array, { readonly seed: Uint8Array; readonly key: KeyObject }>()

function privateKey(seed: Uint8Array): KeyObject {
  const known = parsedSeeds.get(seed)
  if (known !== undefined && equalBytes(known.seed, seed)) return known.key
  const key = createPrivateKey({ key: Buffer.concat([PKCS8, seed]), format: 'der', type: 'pkcs8' })
  parsedSeeds.set(seed, { seed: seed.slice(), key })
  return key
}

/** The parsed key, or undefined for a point that OpenSSL would take and `nobleEd25519` refuses. */
function publicKey(bytes: Uint8Array): KeyObject | undefined {
  const name = toHex(bytes)
  if (kept.has(name)) return kept.get(name)
  const key = isSoundKey(bytes)
    ? createPublicKey({ key: Buffer.concat([SPKI, bytes]), format: 'der', type: 'spki' })
    : undefined
  if (kept.size >= KEPT_KEYS) kept.clear()
  kept.set(name, key)
  return key
}

function publicBytes(key: KeyObject): Bytes {
  return owned(key.export({ format: 'der', type: 'spki' }).subarray(SPKI.length))
}

function owned(buffer: Buffer): Bytes {
  return Uint8Array.from(buffer)
}
