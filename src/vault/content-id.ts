/**
 * Names of stored objects: CIDv1, raw codec, sha2-256, base32, as IPFS writes them.
 *
 * Law: the name is the hash, so whoever reads an object checks it.
 * Source: github.com/multiformats/cid, by way of multiformats.
 */
import { CID } from 'multiformats/cid'
import * as raw from 'multiformats/codecs/raw'
import { create } from 'multiformats/hashes/digest'
import { type Cid, cid, equalBytes, IsletError } from '../vocabulary/index.ts'
import type { Hasher } from './suite.ts'

const SHA2_256 = 0x12

/** The name of an object. */
export function cidOf(hasher: Hasher, bytes: Uint8Array): Cid {
  return cid(CID.createV1(raw.code, create(SHA2_256, hasher.sha256(bytes))).toString())
}

/** The SHA-256 that a name stands for. Throws `NOT_A_CID` for any name but CIDv1 raw sha2-256 in base32. */
export function digestOf(name: string): Uint8Array {
  let parsed: CID
  try {
    parsed = CID.parse(name)
  } catch (cause) {
    throw notACid(name, cause)
  }
  const { version, code, multihash } = parsed
  if (version !== 1 || code !== raw.code || multihash.code !== SHA2_256 || multihash.digest.length !== 32) {
    throw notACid(name)
  }
  if (parsed.toString() !== name) throw notACid(name)
  return multihash.digest
}

/** Gives the bytes back if they are what the name says; `digest` is its `digestOf`. Throws `OBJECT_TAMPERED`, `NOT_A_CID`. */
export function checked<B extends Uint8Array>(
  hasher: Hasher,
  name: Cid,
  bytes: B,
  digest: Uint8Array = digestOf(name),
): B {
  if (!equalBytes(hasher.sha256(bytes), digest)) {
    throw new IsletError(
      'OBJECT_TAMPERED',
      'a stored object is not what its name says',
      { cid: name, length: bytes.length },
      { remedy: 'Restore the object from another copy; the readings in it cannot be trusted as they are.' },
    )
  }
  return bytes
}

function notACid(name: string, cause?: unknown): IsletError {
  return new IsletError(
    'NOT_A_CID',
    'expected a CIDv1 (raw, sha2-256) in base32',
    { length: name.length },
    { cause },
  )
}
