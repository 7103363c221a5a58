/**
 * Proofs that a key has a value in one of the engine's two trees, or that it has none: ICS-23 existence and
 * non-existence proofs, for IAVL trees (a store) and for the simple Merkle tree over the stores.
 *
 * Law: only the exact encodings of these two trees are taken, narrower than ICS-23's bounds, so that no inner node
 * passes as a leaf nor a leaf as an inner node; what lies between two neighbours that stand side by side is absent.
 * Source: ICS-23 v0.11 (IavlSpec, TendermintSpec, IsLeftNeighbor); cosmos/iavl v1.2 (node.go, `writeHashBytes`).
 */
import type { TreeHasher } from '../vault/index.ts'
import { type Bytes, compareBytes, concat, equalBytes } from '../vocabulary/index.ts'
import { malformed, refusal } from './refusal.ts'
import { type Message, readMessage, readVarint, varint } from './wire.ts'

/** Which tree: `iavl` nodes carry height, size and version, `simple` nodes one byte. */
export type TreeKind = 'iavl' | 'simple'

/** A key with its value, and the way up to the root. */
interface Entry {
  readonly key: Bytes
  readonly value: Bytes
  readonly root: Bytes
  /** From the leaf up: the sibling's side, and the step's own bytes, which tell whether two ways have met. */
  readonly steps: readonly Step[]
}

interface Step {
  readonly prefix: Bytes
  readonly suffix: Bytes
  /** On which side of its parent the way comes up. */
  readonly side: 'left' | 'right'
}

const SHA256 = 1
const NO_HASH = 0
const LENGTH_VARINT = 1
const HASH_BYTES = 32
/** ICS-23's own bound; an AVL tree of 2^60 leaves is less than 90 deep. */
const DEEPEST = 128

/** What a proof says of a key. */
export type TreeFinding =
  | { readonly present: true; readonly value: Bytes; readonly root: Bytes }
  | { readonly present: false; readonly root: Bytes }

/**
 * Reads `ics23.CommitmentProof` and folds it up to its root; whether that root is the right one is for the caller.
 * Throws `PROOF_MALFORMED`, `PLACE_DIFFERS` (it is about another key), `NOT_ABSENT` (its neighbours leave room).
 */
export function readTreeProof(
  bytes: Uint8Array,
  key: Uint8Array,
  kind: TreeKind,
  hasher: TreeHasher,
): TreeFinding {
  const proof = readMessage(bytes, [1, 2])
  const [present, absent] = [proof.bytes(1), proof.bytes(2)]
  if (present.length > 0 && absent.length > 0) throw malformed('a proof is of presence or of absence')
  if (present.length > 0) {
    const { value, root, ...entry } = readEntry(present, kind, hasher)
    if (!equalBytes(entry.key, key)) throw refusal('PLACE_DIFFERS', 'the proof is of another place')
    return { present: true, value, root }
  }
  const { left, right } = readNeighbours(absent, key, kind, hasher)
  const root = left?.root ?? right?.root
  if (root === undefined) throw malformed('a proof of absence has no neighbour')
  if (!leaveNoRoom(left, right, key)) {
    throw refusal('NOT_ABSENT', 'the neighbours shown do not stand side by side around the place')
  }
  return { present: false, root }
}

function readNeighbours(
  bytes: Uint8Array,
  key: Uint8Array,
  kind: TreeKind,
  hasher: TreeHasher,
): { readonly left: Entry | undefined; readonly right: Entry | undefined } {
  const message = readMessage(bytes, [1, 2, 3])
  if (!equalBytes(message.bytes(1), key)) throw refusal('PLACE_DIFFERS', 'the proof is of another place')
  const [left, right] = [2, 3].map((field) => {
    const entry = message.bytes(field)
    return entry.length === 0 ? undefined : readEntry(entry, kind, hasher)
  })
  return { left, right }
}

function leaveNoRoom(left: Entry | undefined, right: Entry | undefined, key: Uint8Array): boolean {
  if (left !== undefined && compareBytes(left.key, key) >= 0) return false
  if (right !== undefined && compareBytes(key, right.key) >= 0) return false
  if (left === undefined) return right?.steps.every(({ side }) => side === 'left') === true
  if (right === undefined) return left.steps.every(({ side }) => side === 'right')
  if (!equalBytes(left.root, right.root)) return false
  // The two ways go down together, part to the left and to the right, and keep to the inner edges from there.
  const up = left.steps.length - 1
  const across = right.steps.length - 1
  let shared = 0
  while (
    shared <= up &&
    shared <= across &&
    sameStep(left.steps[up - shared], right.steps[across - shared])
  ) {
    shared += 1
  }
  return (
    left.steps[up - shared]?.side === 'left' &&
    right.steps[across - shared]?.side === 'right' &&
    left.steps.slice(0, up - shared).every(({ side }) => side === 'right') &&
    right.steps.slice(0, across - shared).every(({ side }) => side === 'left')
  )
}

function sameStep(a: Step | undefined, b: Step | undefined): boolean {
  return (
    a !== undefined && b !== undefined && equalBytes(a.prefix, b.prefix) && equalBytes(a.suffix, b.suffix)
  )
}

/** Reads `ics23.ExistenceProof`. */
function readEntry(bytes: Uint8Array, kind: TreeKind, hasher: TreeHasher): Entry {
  const message = readMessage(bytes, [1, 2, 3], [4])
  const [key, value] = [message.bytes(1), message.bytes(2)]
  const leaf = readMessage(message.bytes(3), [1, 2, 3, 4, 5])
  const operations = [1, 2, 3, 4].map((field) => leaf.number(field))
  const wanted = [SHA256, NO_HASH, SHA256, LENGTH_VARINT]
  if (key.length === 0 || value.length === 0 || !operations.every((one, i) => one === wanted[i])) {
    throw malformed('a leaf of the tree does not have its form')
  }
  const prefix = leaf.bytes(5)
  checkLeafPrefix(prefix, kind)
  const hashed = hasher.sha256(value)
  let root = hasher.sha256(concat(prefix, varint(key.length), key, varint(HASH_BYTES), hashed))
  const steps = message.all(4).map((step, i) => readStep(readMessage(step, [1, 2, 3]), kind, i + 1))
  if (steps.length > DEEPEST) throw malformed('a way through the tree is too long')
  for (const step of steps) root = hasher.sha256(concat(step.prefix, root, step.suffix))
  return { key, value, root, steps }
}

/** IAVL: height 0, size 1, the version; simple: RFC 6962's byte of a leaf. */
function checkLeafPrefix(prefix: Uint8Array, kind: TreeKind): void {
  const sound =
    kind === 'simple'
      ? equalBytes(prefix, Uint8Array.of(0))
      : prefix[0] === 0 && prefix[1] === zigzag(1) && readVarint(prefix, 2).next === prefix.length
  if (!sound) throw malformed('a leaf of the tree does not have its form')
}

/** IAVL: height, size, version, then each child behind its length; simple: RFC 6962's byte of a node, then the children. */
function readStep(message: Message, kind: TreeKind, layer: number): Step {
  const [prefix, suffix] = [message.bytes(2), message.bytes(3)]
  const lengthByte = kind === 'iavl' ? 1 : 0
  const start = kind === 'iavl' ? iavlStart(prefix, layer) : 1
  const child = lengthByte + HASH_BYTES
  const before = prefix.length - start
  const side = before === lengthByte && suffix.length === child ? 'left' : 'right'
  const whole = side === 'left' || (before === child + lengthByte && suffix.length === 0)
  const lengths = side === 'left' ? [prefix[start], suffix[0]] : [prefix[start], prefix[start + child]]
  const marked = kind === 'simple' ? prefix[0] === 1 : lengths.every((length) => length === HASH_BYTES)
  if (message.number(1) !== SHA256 || !whole || !marked) {
    throw malformed('a step of the tree does not have its form')
  }
  return { prefix, suffix, side }
}

function iavlStart(prefix: Uint8Array, layer: number): number {
  const height = readVarint(prefix, 0)
  const size = readVarint(prefix, height.next)
  const version = readVarint(prefix, size.next)
  const numbers = [height, size, version].map(({ value }) => value)
  // Signed varints whose lowest bit is the sign: none of the three is ever negative.
  const sound = numbers.every((value) => value % 2 === 0) && height.value >= zigzag(layer)
  if (!sound) throw malformed('a step of the tree does not have its form')
  return version.next
}

function zigzag(value: number): number {
  return 2 * value
}
