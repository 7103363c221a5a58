import fc from 'fast-check'
import { expect, test } from 'vitest'
import { nobleHasher } from '../vault/index.ts'
import { type Bytes, compareBytes, toHex, utf8 } from '../vocabulary/index.ts'
import { absence, presence, treeOf } from './testing/tree.ts'
import { readTreeProof } from './tree-proof.ts'

const read = (proof: Bytes, key: Bytes) => readTreeProof(proof, key, 'iavl', nobleHasher)
const code = (proof: Bytes, key: Bytes): string => {
  try {
    return `present: ${read(proof, key).present}`
  } catch (error) {
    return String((error as { code?: string }).code)
  }
}

const keyed = (...numbers: number[]) => numbers.map((n) => [Uint8Array.of(n), Uint8Array.of(n, 1)] as const)
const TREE = treeOf(keyed(10, 20, 30, 40, 50))

test('every entry of any tree is proven by its way up, and every gap by the two entries around it', () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(fc.uint8Array({ minLength: 1, maxLength: 4 }), {
        minLength: 1,
        maxLength: 20,
        selector: toHex,
      }),
      fc.uint8Array({ minLength: 1, maxLength: 4 }),
      fc.integer({ min: 1, max: 7 }),
      (keys, asked, share) => {
        const sorted = keys.map((key) => new Uint8Array(key)).sort(compareBytes)
        const tree = treeOf(
          sorted.map((key) => [key, utf8(toHex(key))]),
          (size) => Math.floor((size * share) / 8),
        )
        const key = new Uint8Array(asked)
        const place = sorted.findIndex((one) => compareBytes(one, key) >= 0)
        const after = place < 0 ? sorted.length : place
        const there = after < sorted.length && compareBytes(sorted[after]!, key) === 0
        const proof = there
          ? presence(tree.entry(after))
          : absence(
              key,
              after === 0 ? undefined : tree.entry(after - 1),
              after === sorted.length ? undefined : tree.entry(after),
            )
        const found = read(proof, key)
        expect(found.present).toBe(there)
        expect(toHex(found.root)).toBe(toHex(tree.root))
      },
    ),
    { numRuns: 60 },
  )
})

test.each([
  { left: 1, right: 3, key: 30, is: 'NOT_ABSENT', why: 'the neighbours leave out the very key' },
  { left: 0, right: 2, key: 25, is: 'NOT_ABSENT', why: 'a key lies between them' },
  { left: 0, right: 4, key: 25, is: 'NOT_ABSENT', why: 'the edges of the tree are no neighbours' },
  { left: undefined, right: 1, key: 15, is: 'NOT_ABSENT', why: 'the right one is not the first' },
  { left: 3, right: undefined, key: 45, is: 'NOT_ABSENT', why: 'the left one is not the last' },
  { left: 1, right: 2, key: 35, is: 'NOT_ABSENT', why: 'the key lies behind both' },
  { left: 2, right: 3, key: 25, is: 'NOT_ABSENT', why: 'the key lies before both' },
  { left: 2, right: 1, key: 25, is: 'NOT_ABSENT', why: 'the neighbours are in the wrong order' },
  { left: 1, right: 1, key: 25, is: 'NOT_ABSENT', why: 'one neighbour stands for both' },
  { left: undefined, right: undefined, key: 25, is: 'PROOF_MALFORMED', why: 'there is no neighbour' },
])('absence is not believed where $why', ({ left, right, key, is }) => {
  const at = (place: number | undefined) => (place === undefined ? undefined : TREE.entry(place))
  expect(code(absence(Uint8Array.of(key), at(left), at(right)), Uint8Array.of(key))).toBe(is)
})

test('neighbours of two trees are no neighbours', () => {
  const other = treeOf(keyed(10, 20, 31, 40, 50))
  const proof = absence(Uint8Array.of(25), TREE.entry(1), other.entry(2))
  expect(code(proof, Uint8Array.of(25))).toBe('NOT_ABSENT')
})

test('a proof is about its own key', () => {
  expect(code(presence(TREE.entry(1)), Uint8Array.of(21))).toBe('PLACE_DIFFERS')
  expect(code(absence(Uint8Array.of(25), TREE.entry(1), TREE.entry(2)), Uint8Array.of(26))).toBe(
    'PLACE_DIFFERS',
  )
})

test('a proof of one tree is not read as one of the other, and no inner node as a leaf', () => {
  const key = Uint8Array.of(20)
  const proof = presence(TREE.entry(1))
  expect(() => readTreeProof(proof, key, 'simple', nobleHasher)).toThrow()
  // Byte 0 of a leaf's prefix is its height: with any other the leaf would be a node's preimage.
  const at = proof.findIndex((byte, i) => byte === 0 && proof[i + 1] === 2 && proof[i + 2] === 18)
  const forged = proof.slice()
  forged[at] = 2
  expect(code(forged, key)).toBe('PROOF_MALFORMED')
})

test('no flipped bit of a proof (every third is tried) leads to the same root with another finding', () => {
  const key = Uint8Array.of(25)
  const proof = absence(key, TREE.entry(1), TREE.entry(2))
  for (let bit = 0; bit < 8 * proof.length; bit += 3) {
    const flipped = proof.slice()
    flipped[bit >> 3] = flipped[bit >> 3]! ^ (1 << (bit & 7))
    let root = ''
    try {
      root = toHex(read(flipped, key).root)
    } catch {}
    expect(root).not.toBe(toHex(TREE.root))
  }
})
