/**
 * Salted leaves: SHA-256(0x00 ‖ salt ‖ data), so that small-domain data cannot be guessed from a leaf.
 *
 * Law: salts come from a key that can be destroyed; after that a leaf commits to nothing anyone can find, and one
 * salt shown says nothing about its neighbours.
 * Source: RFC 9162 section 2.1.1 for the shape; HMAC-SHA-256 (RFC 2104) as the salt's pseudorandom function.
 */
import { type Bytes, concat, IsletError, uint64, utf8 } from '../vocabulary/index.ts'
import { hmacRows, type RowHasher, sha256Pairs, sha256Rows } from './hash-rows.ts'
import { LEAF_PREFIX, leafHash, type TreeHasher } from './merkle-hash.ts'

/** What salts need of a hasher: HMAC-SHA-256, synchronous. */
export interface SaltHasher {
  hmacSha256(key: Uint8Array, message: Uint8Array): Bytes
  readonly rows?: RowHasher | undefined
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
  requireKey(key)
  return hasher.hmacSha256(key, concat(LABEL, uint64(index), context))
}

/** The leaf hash of salted data. Throws `SALT_SHORT` below 32 bytes, which also fixes where the data begin. */
export function saltedLeafHash(salt: Uint8Array, data: Uint8Array, hasher: TreeHasher): Bytes {
  if (salt.length !== SALT_BYTES) {
    throw new IsletError('SALT_SHORT', 'a salt has 32 bytes', { length: salt.length })
  }
  return leafHash(concat(salt, data), hasher)
}

/** The salts of many leaves, 32 bytes each, joined: as `leafSalt` one by one. Throws `SALT_KEY_SHORT`. */
export function leafSalts(
  key: Uint8Array,
  context: Uint8Array,
  indexes: readonly number[],
  hasher: SaltHasher,
): Bytes {
  requireKey(key)
  const count = indexes.length
  const length = LABEL.length + 8 + context.length
  const rows = new Uint8Array(count * length)
  const view = new DataView(rows.buffer)
  indexes.forEach((index, i) => {
    rows.set(LABEL, i * length)
    view.setBigUint64(i * length + LABEL.length, BigInt(index))
    rows.set(context, i * length + LABEL.length + 8)
  })
  // Keys of a block or more are hashed by the rule of HMAC, which rows do not know.
  if (key.length === SALT_BYTES) return hmacRows(hasher, key, rows, length)
  const salts = new Uint8Array(count * SALT_BYTES)
  for (let i = 0; i < count; i++) {
    salts.set(hasher.hmacSha256(key, rows.subarray(i * length, (i + 1) * length)), i * SALT_BYTES)
  }
  return salts
}

/**
 * The leaf hashes of many salted data of one length, 32 bytes each, joined: as `saltedLeafHash` one by one. Salts and data
 * are joined. Throws `SALT_SHORT`, `ROWS_RAGGED`.
 */
export function saltedLeafHashes(salts: Uint8Array, data: Uint8Array, hasher: TreeHasher): Bytes {
  const count = salts.length / SALT_BYTES
  if (!Number.isInteger(count)) {
    throw new IsletError('SALT_SHORT', 'a salt has 32 bytes', { length: salts.length % SALT_BYTES })
  }
  if (data.length === 0) return sha256Rows(hasher, salts, SALT_BYTES, LEAF_PREFIX)
  return sha256Pairs(hasher, salts, SALT_BYTES, data, data.length / count, LEAF_PREFIX)
}

function requireKey(key: Uint8Array): void {
  if (key.length < 32) {
    throw new IsletError('SALT_KEY_SHORT', 'a salt key has at least 32 bytes', { length: key.length })
  }
}
