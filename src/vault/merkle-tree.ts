/**
 * A Merkle tree built at once over leaf hashes that stand one behind the other in one buffer.
 *
 * Law: the root depends on the leaves and their order alone; shape as in RFC 9162 section 2.1.1.
 * Levels are kept as flat buffers (64 bytes per leaf in all), so that a batch makes no small objects of its own.
 */
import { type Bytes, IsletError } from '../vocabulary/index.ts'
import { sha256Rows } from './hash-rows.ts'
import { HASH_BYTES, NODE_PREFIX, type TreeHasher } from './merkle-hash.ts'
import { sharedPaths } from './merkle-paths.ts'
import { consistencyProof, inclusionProof, type NodeReader, treeRoot } from './merkle-proof.ts'

/** A finished tree: its root and every proof in it. */
export interface MerkleTree {
  /** Number of leaves. */
  readonly size: number
  readonly root: Bytes
  /** Path of the leaf at `index`. Throws `LEAF_OUT_OF_TREE`. */
  inclusion(index: number): readonly Bytes[]
  /** Paths of many leaves together, as `verifyShared` takes them. Throws `LEAF_OUT_OF_TREE`. */
  inclusions(indexes: readonly number[]): Bytes
  /** Proof that the first `first` leaves are a prefix of this tree. Throws `LEAF_OUT_OF_TREE`. */
  consistency(first: number): readonly Bytes[]
  /** Root of the first `size` leaves. Throws `LEAF_OUT_OF_TREE`. */
  rootAt(size: number): Bytes
}

/** Builds the tree over leaf hashes of 32 bytes each. Throws `NOT_A_TREE_HASH`. */
export function merkleTree(leafHashes: readonly Uint8Array[], hasher: TreeHasher): MerkleTree {
  const flat = new Uint8Array(leafHashes.length * HASH_BYTES)
  leafHashes.forEach((hash, index) => {
    if (hash.length !== HASH_BYTES) throw notAHash(hash.length)
    flat.set(hash, index * HASH_BYTES)
  })
  return merkleTreeOver(flat, hasher)
}

/** As `merkleTree`, over the leaf hashes concatenated; the buffer is kept, not copied. */
export function merkleTreeOver(leafHashes: Bytes, hasher: TreeHasher): MerkleTree {
  if (leafHashes.length % HASH_BYTES !== 0) throw notAHash(leafHashes.length)
  const levels = completeLevels(leafHashes, hasher)
  const size = leafHashes.length / HASH_BYTES
  const nodes: NodeReader = (level, index) => {
    const hash = levels[level]?.slice(index * HASH_BYTES, (index + 1) * HASH_BYTES)
    if (hash?.length !== HASH_BYTES) {
      throw new IsletError('LEAF_OUT_OF_TREE', 'the tree has no such node', { level, index })
    }
    return hash
  }
  return {
    size,
    root: treeRoot(size, nodes, hasher),
    inclusion: (index) => inclusionProof(index, size, nodes, hasher),
    inclusions: (indexes) => sharedPaths(indexes, size, nodes, hasher),
    consistency: (first) => consistencyProof(first, size, nodes, hasher),
    rootAt: (part) => {
      if (!Number.isSafeInteger(part) || part < 0 || part > size) {
        throw new IsletError('LEAF_OUT_OF_TREE', 'the tree is smaller', { size, asked: part })
      }
      return treeRoot(part, nodes, hasher)
    },
  }
}

/** Every complete subtree's root, level by level; the ragged right edge is recomputed when asked for. */
function completeLevels(leaves: Bytes, hasher: TreeHasher): readonly Bytes[] {
  const levels: Bytes[] = [leaves]
  for (let below = leaves; below.length >= 2 * HASH_BYTES; ) {
    const pairs = below.subarray(0, below.length - (below.length % (2 * HASH_BYTES)))
    below = sha256Rows(hasher, pairs, 2 * HASH_BYTES, NODE_PREFIX)
    levels.push(below)
  }
  return levels
}

function notAHash(length: number): IsletError {
  return new IsletError('NOT_A_TREE_HASH', 'a hash of the tree has 32 bytes', { length })
}
