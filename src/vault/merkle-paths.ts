/**
 * The paths of many leaves of one tree, each node once: what a custodian sends with a thousand chunks.
 *
 *   for every level from the leaves up: for every distinct node on the way of a leaf, in order of first appearance, the
 *   hash of its sibling; a node at the right edge that has no sibling is passed over
 *
 * Laws: a leaf is found included exactly if its own path (`inclusionProof`) leads to the root; a wrong leaf spoils no
 * other one; equal pairs are hashed once, so that neighbours cost some two hashes each instead of one a level.
 * Source: RFC 9162 sections 2.1.1 and 2.1.3.
 */
import { type Bytes, equalBytes, IsletError } from '../vocabulary/index.ts'
import { sha256Rows } from './hash-rows.ts'
import { HASH_BYTES, NODE_PREFIX, type TreeHasher } from './merkle-hash.ts'
import { type NodeReader, subtreeRoot } from './merkle-proof.ts'

const PAIR_BYTES = 2 * HASH_BYTES

/** The siblings on the ways of the leaves at `indexes`, joined. Throws `LEAF_OUT_OF_TREE`. */
export function sharedPaths(
  indexes: readonly number[],
  size: number,
  nodes: NodeReader,
  hasher: TreeHasher,
): Bytes {
  if (!indexes.every((index) => isIndex(index, size))) {
    throw new IsletError('LEAF_OUT_OF_TREE', 'the place lies outside the tree', { size })
  }
  const siblings: Bytes[] = []
  let at = distinct(indexes)
  for (let level = 0, count = size; count > 1; level++, count = Math.ceil(count / 2)) {
    for (const node of at) {
      if (hasSibling(node, count)) siblings.push(subtreeRoot(level, siblingOf(node), size, nodes, hasher))
    }
    at = distinct(at.map(parentOf))
  }
  const joined = new Uint8Array(siblings.length * HASH_BYTES)
  siblings.forEach((hash, i) => {
    joined.set(hash, i * HASH_BYTES)
  })
  return joined
}

/** A claim that leaves stand in a tree. */
export interface SharedClaim {
  /** Leaf hashes, joined. */
  readonly leaves: Uint8Array
  /** Their places, in the same order. */
  readonly indexes: readonly number[]
  readonly size: number
  /** As `sharedPaths` gives it. */
  readonly paths: Uint8Array
  readonly root: Uint8Array
}

/** Which of the leaves stand where they are said to; none where the paths are not those of these places. */
export function verifyShared(claim: SharedClaim, hasher: TreeHasher): readonly boolean[] {
  const { leaves, indexes, size, paths, root } = claim
  const none = indexes.map(() => false)
  const sound =
    Number.isSafeInteger(size) &&
    leaves.length === indexes.length * HASH_BYTES &&
    root.length === HASH_BYTES &&
    indexes.every((index) => isIndex(index, size))
  if (!sound) return none
  let ways: Ways = { nodes: indexes, hashes: leaves }
  let wayOf = indexes.map((_, i) => i)
  let rest = paths
  for (let count = size; count > 1; count = Math.ceil(count / 2)) {
    const climbed = climb(ways, count, rest, hasher)
    if (climbed === undefined) return none
    ways = climbed.ways
    rest = rest.subarray(climbed.used)
    wayOf = wayOf.map((way) => climbed.to[way] ?? 0)
  }
  if (rest.length > 0) return none
  const reached = ways.nodes.map((_, way) => equalBytes(hashAt(ways.hashes, way), root))
  return wayOf.map((way) => reached[way] ?? false)
}

/** Nodes of one level and what leaves claim their hashes to be; the same node twice where they differ. */
interface Ways {
  readonly nodes: readonly number[]
  /** 32 bytes each, joined. */
  readonly hashes: Uint8Array
}

interface Climbed {
  readonly ways: Ways
  /** Where each way of the level below leads. */
  readonly to: readonly number[]
  /** Bytes of siblings that the level took. */
  readonly used: number
}

/** One level up, every different pair hashed once; undefined where siblings are missing. */
function climb(below: Ways, count: number, siblings: Uint8Array, hasher: TreeHasher): Climbed | undefined {
  const nodes: number[] = []
  const to: number[] = []
  const pairs = new Uint8Array(below.nodes.length * PAIR_BYTES)
  const placeOf = new Map<number, number>()
  /** By parent the last way to it, and by way the one before it to the same parent, or −1. */
  const lastTo = new Map<number, number>()
  const before = new Int32Array(below.nodes.length).fill(-1)
  const passed: { readonly from: number; readonly way: number }[] = []
  let used = 0
  for (const [from, node] of below.nodes.entries()) {
    const parent = parentOf(node)
    if (!hasSibling(node, count)) {
      passed.push({ from, way: nodes.length })
      to.push(nodes.length)
      nodes.push(parent)
      continue
    }
    const place = placeOf.get(node) ?? used
    if (place === used) {
      used += HASH_BYTES
      if (used > siblings.length) return undefined
      placeOf.set(node, place)
    }
    const pair = nodes.length * PAIR_BYTES
    const side = (node % 2) * HASH_BYTES
    copyHash(pairs, pair + side, below.hashes, from * HASH_BYTES)
    copyHash(pairs, pair + HASH_BYTES - side, siblings, place)
    // The last two only: a flood of different claims for one node costs hashes, not comparisons of each with each.
    const last = lastTo.get(parent) ?? -1
    const earlier = last < 0 ? -1 : (before[last] ?? -1)
    const same = isSame(pairs, last, pair) ? last : isSame(pairs, earlier, pair) ? earlier : -1
    to.push(same < 0 ? nodes.length : same)
    if (same >= 0) continue
    before[nodes.length] = last
    lastTo.set(parent, nodes.length)
    nodes.push(parent)
  }
  const hashes = sha256Rows(hasher, pairs.subarray(0, nodes.length * PAIR_BYTES), PAIR_BYTES, NODE_PREFIX)
  for (const { from, way } of passed) hashes.set(hashAt(below.hashes, from), way * HASH_BYTES)
  return { ways: { nodes, hashes }, to, used }
}

function hashAt(hashes: Uint8Array, i: number): Uint8Array {
  return hashes.subarray(i * HASH_BYTES, (i + 1) * HASH_BYTES)
}

/** Byte by byte: views for two hashes of every node cost more than the bytes. */
function copyHash(target: Uint8Array, at: number, source: Uint8Array, from: number): void {
  for (let i = 0; i < HASH_BYTES; i++) target[at + i] = source[from + i] ?? 0
}

/** Whether a way, if it is one, hashes the pair that stands at `pair`. */
function isSame(pairs: Uint8Array, way: number, pair: number): boolean {
  if (way < 0) return false
  const at = way * PAIR_BYTES
  for (let i = 0; i < PAIR_BYTES; i++) if (pairs[at + i] !== pairs[pair + i]) return false
  return true
}

/** Whether a node of a level of `count` nodes is one of two; the last of an odd number is passed up as it is. */
function hasSibling(node: number, count: number): boolean {
  return node % 2 === 1 || node + 1 < count
}

function siblingOf(node: number): number {
  return node % 2 === 1 ? node - 1 : node + 1
}

function parentOf(node: number): number {
  return Math.floor(node / 2)
}

function isIndex(index: number, size: number): boolean {
  return Number.isSafeInteger(index) && index >= 0 && index < size
}

/** The same numbers, each once, in order of first appearance. */
function distinct(numbers: readonly number[]): readonly number[] {
  return [...new Set(numbers)]
}
