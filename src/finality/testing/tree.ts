/** Trees as cosmos/iavl hashes them, made for tests, with proofs of what they hold and of what they do not. */
import { nobleHasher } from '../../vault/index.ts'
import { type Bytes, compareBytes, concat } from '../../vocabulary/index.ts'
import { bytesField, messageField, numberField, varint } from '../wire.ts'

type Node =
  | { readonly height: 0; readonly hash: Bytes; readonly key: Bytes; readonly value: Bytes }
  | {
      readonly height: number
      readonly size: number
      readonly hash: Bytes
      readonly left: Node
      readonly right: Node
    }

const VERSION = varint(2 * 9)
const LEAF_PREFIX = concat(Uint8Array.of(0, 2), VERSION)
const LENGTH = Uint8Array.of(32)

export interface TestTree {
  readonly root: Bytes
  /** `ics23.ExistenceProof` of the entry at a place. */
  entry(place: number): Bytes
}

/** A tree over entries in the order of their keys, split where `cut` says. */
export function treeOf(entries: readonly (readonly [key: Bytes, value: Bytes])[], cut = halves): TestTree {
  const sorted = [...entries].sort(([a], [b]) => compareBytes(a, b))
  const root = build(sorted, cut)
  return {
    root: root.hash,
    entry: (place) => {
      const steps: Bytes[] = []
      let node = root
      let at = place
      while ('left' in node) {
        const before = concat(varint(2 * node.height), varint(2 * node.size), VERSION)
        const goesLeft = at < sizeOf(node.left)
        const prefix = goesLeft ? concat(before, LENGTH) : concat(before, LENGTH, node.left.hash, LENGTH)
        const suffix = goesLeft ? concat(LENGTH, node.right.hash) : new Uint8Array(0)
        steps.unshift(
          messageField(4, concat(numberField(1, 1), bytesField(2, prefix), bytesField(3, suffix))),
        )
        if (!goesLeft) at -= sizeOf(node.left)
        node = goesLeft ? node.left : node.right
      }
      const leaf = concat(numberField(1, 1), numberField(3, 1), numberField(4, 1), bytesField(5, LEAF_PREFIX))
      if (!('key' in node)) throw new Error('no leaf')
      return concat(bytesField(1, node.key), bytesField(2, node.value), messageField(3, leaf), ...steps)
    },
  }
}

function halves(size: number): number {
  return size >> 1
}

function sizeOf(node: Node): number {
  return 'left' in node ? node.size : 1
}

function build(entries: readonly (readonly [Bytes, Bytes])[], cut: (size: number) => number): Node {
  const [first] = entries
  if (first === undefined) throw new Error('a tree has an entry')
  const { sha256 } = nobleHasher
  if (entries.length === 1) {
    const [key, value] = first
    const data = concat(LEAF_PREFIX, varint(key.length), key, LENGTH, sha256(value))
    return { height: 0, hash: sha256(data), key, value }
  }
  const place = Math.min(entries.length - 1, Math.max(1, cut(entries.length)))
  const left = build(entries.slice(0, place), cut)
  const right = build(entries.slice(place), cut)
  const height = 1 + Math.max(left.height, right.height)
  const size = sizeOf(left) + sizeOf(right)
  const data = concat(varint(2 * height), varint(2 * size), VERSION, LENGTH, left.hash, LENGTH, right.hash)
  return { height, size, left, right, hash: sha256(data) }
}

/** `ics23.CommitmentProof` that a key is there. */
export function presence(entry: Bytes): Bytes {
  return messageField(1, entry)
}

/** `ics23.CommitmentProof` that a key is not there. */
export function absence(key: Bytes, left: Bytes | undefined, right: Bytes | undefined): Bytes {
  const parts = [
    bytesField(1, key),
    left === undefined ? new Uint8Array(0) : messageField(2, left),
    right === undefined ? new Uint8Array(0) : messageField(3, right),
  ]
  return messageField(2, concat(...parts))
}
