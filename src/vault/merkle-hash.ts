/**
 * The two hashes of a Merkle tree: a leaf is SHA-256(0x00 ‖ data), a node SHA-256(0x01 ‖ left ‖ right).
 *
 * Law: the prefixes keep a node from passing as a leaf (second preimages).
 * Source: RFC 9162 section 2.1.1, the same shape as RFC 6962.
 */
import { type Bytes, concat, IsletError } from '../vocabulary/index.ts'
import type { RowHasher } from './hash-rows.ts'

/** What a tree needs of a hasher: SHA-256, synchronous. */
export interface TreeHasher {
  sha256(bytes: Uint8Array): Bytes
  readonly rows?: RowHasher | undefined
}

/** Bytes of one hash of the tree. */
export const HASH_BYTES = 32

/** The byte before the data of a leaf, and before the two children of a node. */
export const LEAF_PREFIX = 0x00
export const NODE_PREFIX = 0x01
const LEAF = Uint8Array.of(LEAF_PREFIX)

/** The hash of a leaf's data. */
export function leafHash(data: Uint8Array, hasher: TreeHasher): Bytes {
  return hasher.sha256(concat(LEAF, data))
}

/** The hash of an inner node over its two 32-byte children. */
export function nodeHash(left: Uint8Array, right: Uint8Array, hasher: TreeHasher): Bytes {
  return nodeHasher(hasher)(left, right)
}

/** The root of the tree without leaves: SHA-256 of nothing. */
export function emptyRoot(hasher: TreeHasher): Bytes {
  return hasher.sha256(new Uint8Array(0))
}

/** A node hash that reuses one 65-byte buffer, for trees of many nodes. Throws `NOT_A_TREE_HASH`. */
export function nodeHasher(hasher: TreeHasher): (left: Uint8Array, right: Uint8Array) => Bytes {
  const buffer = new Uint8Array(1 + 2 * HASH_BYTES)
  buffer[0] = NODE_PREFIX
  return (left, right) => {
    if (left.length !== HASH_BYTES || right.length !== HASH_BYTES) {
      throw new IsletError('NOT_A_TREE_HASH', 'a hash of the tree has 32 bytes', {
        left: left.length,
        right: right.length,
      })
    }
    buffer.set(left, 1)
    buffer.set(right, 1 + HASH_BYTES)
    return hasher.sha256(buffer)
  }
}
