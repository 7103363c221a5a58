/**
 * Inclusion and consistency proofs of an append-only Merkle tree: made from its nodes, checked without it.
 *
 * Law: a proof that verifies means that the leaf stands at that place under that root, or that the smaller tree is
 * a prefix of the larger one; every malformed proof is false, never an exception.
 * Source: RFC 9162 sections 2.1.3 (inclusion) and 2.1.4 (consistency).
 */
import { type Bytes, equalBytes, IsletError } from '../vocabulary/index.ts'
import { emptyRoot, HASH_BYTES, nodeHasher, type TreeHasher } from './merkle-hash.ts'

/**
 * Reads a node of a tree: the root of the complete subtree over leaves [index·2^level, (index+1)·2^level).
 * Asked for complete subtrees only.
 */
export type NodeReader = (level: number, index: number) => Bytes

/** The root of the first `size` leaves. */
export function treeRoot(size: number, nodes: NodeReader, hasher: TreeHasher): Bytes {
  return size === 0 ? emptyRoot(hasher) : rangeRoot(0, size, nodes, hasher)
}

/** The path from leaf `index` to the root of the first `size` leaves. Throws `LEAF_OUT_OF_TREE`. */
export function inclusionProof(
  index: number,
  size: number,
  nodes: NodeReader,
  hasher: TreeHasher,
): readonly Bytes[] {
  requireWhole(index, size)
  if (index >= size) throw outside(index, size)
  const path: Bytes[] = []
  let start = 0
  let end = size
  while (end - start > 1) {
    const split = start + largestPowerBelow(end - start)
    if (index < split) {
      path.push(rangeRoot(split, end, nodes, hasher))
      end = split
    } else {
      path.push(rangeRoot(start, split, nodes, hasher))
      start = split
    }
  }
  return path.reverse()
}

/** The proof that the first `first` leaves are a prefix of the first `second`. Throws `LEAF_OUT_OF_TREE`. */
export function consistencyProof(
  first: number,
  second: number,
  nodes: NodeReader,
  hasher: TreeHasher,
): readonly Bytes[] {
  requireWhole(first, second)
  if (first > second) throw outside(first, second)
  if (first === 0 || first === second) return []
  const path: Bytes[] = []
  let start = 0
  let end = second
  while (first !== end) {
    const split = start + largestPowerBelow(end - start)
    if (first <= split) {
      path.push(rangeRoot(split, end, nodes, hasher))
      end = split
    } else {
      path.push(rangeRoot(start, split, nodes, hasher))
      start = split
    }
  }
  // The old root itself is known to the verifier unless the last step went right.
  if (start !== 0) path.push(rangeRoot(start, end, nodes, hasher))
  return path.reverse()
}

/** A claim that a leaf stands in a tree. */
export interface InclusionClaim {
  readonly leaf: Uint8Array
  readonly index: number
  readonly size: number
  readonly path: readonly Uint8Array[]
  readonly root: Uint8Array
}

/** Whether the leaf hash stands at `index` of the tree with `size` leaves and that root. */
export function verifyInclusion(claim: InclusionClaim, hasher: TreeHasher): boolean {
  const { leaf, index, size, path, root } = claim
  if (!isSize(index) || !isSize(size) || index >= size) return false
  if (![leaf, root, ...path].every(isHash)) return false
  const node = nodeHasher(hasher)
  let at = index
  let last = size - 1
  let hash = leaf
  for (const sibling of path) {
    if (last === 0) return false
    if (at % 2 === 1 || at === last) {
      hash = node(sibling, hash)
      while (at % 2 === 0 && at !== 0) {
        at = at / 2
        last = Math.floor(last / 2)
      }
    } else {
      hash = node(hash, sibling)
    }
    at = Math.floor(at / 2)
    last = Math.floor(last / 2)
  }
  return last === 0 && equalBytes(hash, root)
}

/** A claim that one tree is a prefix of another. */
export interface ConsistencyClaim {
  readonly first: number
  readonly second: number
  readonly firstRoot: Uint8Array
  readonly secondRoot: Uint8Array
  readonly path: readonly Uint8Array[]
}

/** Whether the tree of `first` leaves is a prefix of the tree of `second` leaves. */
export function verifyConsistency(claim: ConsistencyClaim, hasher: TreeHasher): boolean {
  const { first, second, firstRoot, secondRoot } = claim
  if (!isSize(first) || !isSize(second) || first > second) return false
  if (![firstRoot, secondRoot, ...claim.path].every(isHash)) return false
  if (first === 0) return claim.path.length === 0 && equalBytes(firstRoot, emptyRoot(hasher))
  if (first === second) return claim.path.length === 0 && equalBytes(firstRoot, secondRoot)
  const path = isPowerOfTwo(first) ? [firstRoot, ...claim.path] : claim.path
  const [seed, ...rest] = path
  if (seed === undefined) return false
  const node = nodeHasher(hasher)
  let at = first - 1
  let last = second - 1
  while (at % 2 === 1) {
    at = Math.floor(at / 2)
    last = Math.floor(last / 2)
  }
  let firstHash = seed
  let secondHash = seed
  for (const sibling of rest) {
    if (last === 0) return false
    if (at % 2 === 1 || at === last) {
      firstHash = node(sibling, firstHash)
      secondHash = node(sibling, secondHash)
      while (at % 2 === 0 && at !== 0) {
        at = at / 2
        last = Math.floor(last / 2)
      }
    } else {
      secondHash = node(secondHash, sibling)
    }
    at = Math.floor(at / 2)
    last = Math.floor(last / 2)
  }
  return last === 0 && equalBytes(firstHash, firstRoot) && equalBytes(secondHash, secondRoot)
}

/** The root of the subtree over leaves [index·2^level, (index+1)·2^level), as far as the tree reaches. */
export function subtreeRoot(
  level: number,
  index: number,
  size: number,
  nodes: NodeReader,
  hasher: TreeHasher,
): Bytes {
  const start = index * 2 ** level
  return rangeRoot(start, Math.min(size, start + 2 ** level), nodes, hasher)
}

/** The root over leaves [start, end), where start is a multiple of the largest power of two below the length. */
function rangeRoot(start: number, end: number, nodes: NodeReader, hasher: TreeHasher): Bytes {
  const length = end - start
  if (isPowerOfTwo(length)) return nodes(Math.log2(length), start / length)
  const split = start + largestPowerBelow(length)
  const node = nodeHasher(hasher)
  return node(rangeRoot(start, split, nodes, hasher), rangeRoot(split, end, nodes, hasher))
}

/** The largest power of two strictly below n, for n ≥ 2; sizes reach beyond 32 bits, so no bit tricks. */
function largestPowerBelow(n: number): number {
  let power = 1
  while (power * 2 < n) power *= 2
  return power
}

function isPowerOfTwo(n: number): boolean {
  return n > 0 && Number.isInteger(Math.log2(n)) && 2 ** Math.log2(n) === n
}

function isSize(n: number): boolean {
  return Number.isSafeInteger(n) && n >= 0
}

function isHash(bytes: Uint8Array): boolean {
  return bytes.length === HASH_BYTES
}

function requireWhole(index: number, size: number): void {
  if (!isSize(index) || !isSize(size)) throw outside(index, size)
}

function outside(index: number, size: number): IsletError {
  return new IsletError('LEAF_OUT_OF_TREE', 'the place lies outside the tree', { index, size })
}
