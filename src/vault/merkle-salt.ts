/**
 * Salted leaves: SHA-256(0x00 ‖ salt ‖ data), so that small-domain data cannot be guessed from a leaf.
 *
 * Law: salts come from a key that can be destroyed; after that a leaf commits to nothing anyone can find, and one
 * salt shown says nothing about its neighbours.
 * Source: RFC 9162 section 2.1.1 for the shape; HMAC-SHA-256 (RFC 2104) as the salt's pseudorandom function.
 */
import { type Bytes, concat, IsletError, uint64, utf8 } from '../vocabulary/index.ts'
import { leafHash, type TreeHasher } from './merkle-hash.ts'

/** What salts need of a hasher: HMAC-SHA-256, synchronous. */
export interface SaltHasher {
  hmacSha256(key: Uint8Array, message: Uint8Array): Bytes
}

/** Bytes of a salt. */
export const SALT_BYTES = 32
const LABEL = utf8('islet/v1/leaf-salt\0')

/** The salt of leaf `index` in the tree named by `context`, under a destroyable key of 32 bytes or more. Throws `SALT_KEY_SHORT`. */
export function leafSalt(
  key: Uint8Array,
  context: Uint8Array,
  index: number | bigint,
  hasher: SaltHasher,
): Bytes {
  if (key.length < 32) {
    throw new IsletError('SALT_KEY_SHORT', 'a salt key has at least 32 bytes', { length: key.length })
  }
  return hasher.hmacSha256(key, concat(LABEL, uint64(index), context))
}

/** The leaf hash of salted data. Throws `SALT_SHORT` below 32 bytes, which also fixes where the data begin. */
export function saltedLeafHash(salt: Uint8Array, data: Uint8Array, hasher: TreeHasher): Bytes {
  if (salt.length !== SALT_BYTES) {
    throw new IsletError('SALT_SHORT', 'a salt has 32 bytes', { length: salt.length })
  }
  return leafHash(concat(salt, data), hasher)
}
