/**
 * The tree of one anchor slot: the slot's leaves, padded to a power of two so that the count says little.
 *
 * Law: whoever does not hold the pad key cannot tell padding from leaves; the ledger sees a root and the padded
 * count only, for empty slots too (DESIGN law 3, PROTOCOL 13).
 */
import { type Bytes, IsletError } from '../vocabulary/index.ts'
import { HASH_BYTES, type TreeHasher } from './merkle-hash.ts'
import { leafSalts, type SaltHasher, saltedLeafHashes } from './merkle-salt.ts'
import { type MerkleTree, merkleTreeOver } from './merkle-tree.ts'

/** How a slot is padded. */
export interface SlotPadding {
  /** Secret key from which padding is drawn, 32 bytes. */
  readonly key: Uint8Array
  /** Names the slot, so that no two slots share padding. */
  readonly slot: Uint8Array
  /** Least number of leaves, a power of two; 16 by default. */
  readonly minimum?: number
}

/** A slot's tree and how many of its leaves are real. */
export interface SlotTree extends MerkleTree {
  /** Leaves that stand for something; the first ones of the tree. Never leaves the institution. */
  readonly real: number
}

const NOTHING = new Uint8Array(0)

/** The padded number of leaves: the next power of two, at least `minimum`. */
export function paddedCount(real: number, minimum = 16): number {
  if (!Number.isSafeInteger(real) || real < 0 || !Number.isInteger(Math.log2(minimum))) {
    throw new IsletError('SLOT_COUNT_WRONG', 'a count is whole and the minimum a power of two', {
      real,
      minimum,
    })
  }
  let count = minimum
  while (count < real) count *= 2
  return count
}

/** Builds the padded tree of a slot over its leaf hashes. Throws `NOT_A_TREE_HASH`, `SLOT_COUNT_WRONG`, `SALT_KEY_SHORT`. */
export function slotTree(
  leafHashes: readonly Uint8Array[],
  padding: SlotPadding,
  hasher: TreeHasher & SaltHasher,
): SlotTree {
  const real = leafHashes.length
  const flat: Bytes = new Uint8Array(paddedCount(real, padding.minimum) * HASH_BYTES)
  leafHashes.forEach((hash, index) => {
    if (hash.length !== HASH_BYTES) {
      throw new IsletError('NOT_A_TREE_HASH', 'a hash of the tree has 32 bytes', { length: hash.length })
    }
    flat.set(hash, index * HASH_BYTES)
  })
  const spare = Array.from({ length: flat.length / HASH_BYTES - real }, (_, i) => real + i)
  const salts = leafSalts(padding.key, padding.slot, spare, hasher)
  flat.set(saltedLeafHashes(salts, NOTHING, hasher), real * HASH_BYTES)
  return { ...merkleTreeOver(flat, hasher), real }
}
