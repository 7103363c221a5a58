/**
 * The frontier of an append-only tree: the roots of the complete subtrees at its right edge and nothing else.
 * Appending n leaves costs n hashes in all and keeps at most log2(n)+1 of them.
 *
 * Law: the root equals that of the tree built at once over the same leaves.
 * Source: RFC 9162 section 2.1.1; "compact range" in the transparency-log literature.
 */
import { type Bytes, IsletError } from '../vocabulary/index.ts'
import { emptyRoot, HASH_BYTES, nodeHasher, type TreeHasher } from './merkle-hash.ts'

/** What is to be stored: the size and one hash per set bit of it, largest subtree first. */
export interface FrontierState {
  readonly size: number
  readonly hashes: readonly Bytes[]
}

/** A growing tree that knows its size and root. */
export interface Frontier {
  readonly size: number
  append(leafHash: Uint8Array): void
  root(): Bytes
  state(): FrontierState
}

/** Opens a frontier, empty or as stored. Throws `FRONTIER_DAMAGED` when size and hashes disagree. */
export function frontier(hasher: TreeHasher, from: FrontierState = { size: 0, hashes: [] }): Frontier {
  const node = nodeHasher(hasher)
  const stack = from.hashes.map((hash) => hash.slice())
  let size = from.size
  const whole = Number.isSafeInteger(size) && size >= 0
  if (!whole || stack.length !== ones(size) || stack.some((hash) => hash.length !== HASH_BYTES)) {
    throw new IsletError('FRONTIER_DAMAGED', 'the stored edge of the tree does not fit its size', {
      size,
      hashes: stack.length,
    })
  }
  return {
    get size() {
      return size
    },
    append(leafHash) {
      if (leafHash.length !== HASH_BYTES) {
        throw new IsletError('NOT_A_TREE_HASH', 'a hash of the tree has 32 bytes', {
          length: leafHash.length,
        })
      }
      let hash: Bytes = new Uint8Array(leafHash)
      for (let carry = size; carry % 2 === 1; carry = (carry - 1) / 2) {
        const left = stack.pop()
        if (left !== undefined) hash = node(left, hash)
      }
      stack.push(hash)
      size += 1
    },
    root() {
      const [last, ...rest] = stack.toReversed()
      return last === undefined ? emptyRoot(hasher) : rest.reduce((right, left) => node(left, right), last)
    },
    state: () => ({ size, hashes: stack.map((hash) => hash.slice()) }),
  }
}

function ones(n: number): number {
  let count = 0
  for (let rest = n; rest > 0; rest = Math.floor(rest / 2)) count += rest % 2
  return count
}
