/** What the tests of the trees share: a hasher of Node's own and a naive Merkle tree straight from RFC 9162 section 2.1. */
import { createHash, createHmac } from 'node:crypto'
import { type Bytes, concat } from '../vocabulary/index.ts'

export const testHasher = {
  sha256: (bytes: Uint8Array): Bytes => new Uint8Array(createHash('sha256').update(bytes).digest()),
  hmacSha256: (key: Uint8Array, message: Uint8Array): Bytes =>
    new Uint8Array(createHmac('sha256', key).update(message).digest()),
}

/** MTH(D[n]) by the letter of the RFC, over leaf data. */
export function naiveRoot(leaves: readonly Uint8Array[]): Bytes {
  const { sha256 } = testHasher
  const [only] = leaves
  if (only === undefined) return sha256(new Uint8Array(0))
  if (leaves.length === 1) return sha256(concat(Uint8Array.of(0), only))
  const split = naiveSplit(leaves.length)
  return sha256(concat(Uint8Array.of(1), naiveRoot(leaves.slice(0, split)), naiveRoot(leaves.slice(split))))
}

/** PATH(m, D[n]) by the letter of the RFC. */
export function naivePath(index: number, leaves: readonly Uint8Array[]): Bytes[] {
  if (leaves.length === 1) return []
  const split = naiveSplit(leaves.length)
  return index < split
    ? [...naivePath(index, leaves.slice(0, split)), naiveRoot(leaves.slice(split))]
    : [...naivePath(index - split, leaves.slice(split)), naiveRoot(leaves.slice(0, split))]
}

/** SUBPROOF(m, D[n], b) by the letter of the RFC; PROOF(m, D[n]) is SUBPROOF(m, D[n], true). */
export function naiveSubproof(first: number, leaves: readonly Uint8Array[], known = true): Bytes[] {
  if (first === leaves.length) return known ? [] : [naiveRoot(leaves)]
  const split = naiveSplit(leaves.length)
  return first <= split
    ? [...naiveSubproof(first, leaves.slice(0, split), known), naiveRoot(leaves.slice(split))]
    : [...naiveSubproof(first - split, leaves.slice(split), false), naiveRoot(leaves.slice(0, split))]
}

function naiveSplit(n: number): number {
  let power = 1
  while (power * 2 < n) power *= 2
  return power
}
