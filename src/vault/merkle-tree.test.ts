import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import vectors from '../../test-vectors/merkle.json' with { type: 'json' }
import { compareBytes, concat, fromHex, toHex, utf8 } from '../vocabulary/index.ts'
import { testHasher as hasher, naivePath, naiveRoot, naiveSubproof } from './merkle.suite.ts'
import { frontier } from './merkle-frontier.ts'
import { emptyRoot, leafHash } from './merkle-hash.ts'
import { verifyShared } from './merkle-paths.ts'
import { verifyConsistency, verifyInclusion } from './merkle-proof.ts'
import { leafSalt, leafSalts, saltedLeafHash, saltedLeafHashes } from './merkle-salt.ts'
import { paddedCount, slotTree } from './merkle-slot.ts'
import { merkleTree, merkleTreeOver } from './merkle-tree.ts'
import { nodeHasher } from './node-cipher.door.ts'

const hex = (list: readonly Uint8Array[]): string[] => list.map((bytes) => toHex(bytes).slice(2))
const treeOf = (leaves: readonly Uint8Array[]) =>
  merkleTree(
    leaves.map((leaf) => leafHash(leaf, hasher)),
    hasher,
  )
const numbered = (size: number): Uint8Array[] => Array.from({ length: size }, (_, i) => utf8(`leaf ${i}`))
const anyLeaves = fc.array(fc.uint8Array({ maxLength: 40 }), { minLength: 1, maxLength: 40 })

describe('a Merkle tree', () => {
  const leaves = vectors.leaves.map(fromHex)

  it('is the same whether its levels are hashed at once or node by node', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ minLength: 32, maxLength: 32 }), { maxLength: 70 }), (hashes) => {
        const [at, by] = [merkleTree(hashes, nodeHasher), merkleTree(hashes, hasher)]
        expect(toHex(at.root)).toBe(toHex(by.root))
        hashes.forEach((_, i) => {
          expect(hex(at.inclusion(i))).toEqual(hex(by.inclusion(i)))
        })
      }),
      { numRuns: 30 },
    )
  })

  it('has the roots of the certificate-transparency reference tree', () => {
    expect(hex([emptyRoot(hasher)])).toEqual([vectors.emptyRoot])
    expect(hex(leaves.map((_, i) => treeOf(leaves.slice(0, i + 1)).root))).toEqual(vectors.roots)
    expect(hex(leaves.map((_, i) => treeOf(leaves).rootAt(i + 1)))).toEqual(vectors.roots)
  })

  it.each(vectors.inclusion)(
    'gives the reference inclusion path of $index in $size',
    ({ index, size, path }) => {
      expect(hex(treeOf(leaves.slice(0, size)).inclusion(index))).toEqual(path)
    },
  )

  it.each(vectors.consistency)('gives the reference consistency path $first → $second', (vector) => {
    expect(hex(treeOf(leaves.slice(0, vector.second)).consistency(vector.first))).toEqual(vector.path)
  })

  it('equals the naive tree of the RFC in roots, paths and proofs', () => {
    fc.assert(
      fc.property(anyLeaves, fc.nat(), fc.nat(), (data, a, b) => {
        const tree = treeOf(data)
        const index = a % data.length
        const first = 1 + (b % data.length)
        expect(tree.root).toEqual(naiveRoot(data))
        expect(hex(tree.inclusion(index))).toEqual(hex(naivePath(index, data)))
        expect(hex(tree.consistency(first))).toEqual(hex(naiveSubproof(first, data)))
        expect(tree.rootAt(first)).toEqual(naiveRoot(data.slice(0, first)))
      }),
    )
  })

  it('proves every leaf and every prefix up to 70 leaves', () => {
    for (let size = 1; size <= 70; size++) {
      const tree = treeOf(numbered(size))
      for (let i = 0; i < size; i++) {
        const leaf = leafHash(utf8(`leaf ${i}`), hasher)
        const claim = { leaf, index: i, size, path: tree.inclusion(i), root: tree.root }
        expect(verifyInclusion(claim, hasher)).toBe(true)
      }
      for (let first = 0; first <= size; first++) {
        const claim = {
          first,
          second: size,
          firstRoot: tree.rootAt(first),
          secondRoot: tree.root,
          path: tree.consistency(first),
        }
        expect(verifyConsistency(claim, hasher)).toBe(true)
      }
    }
  })

  it('refuses to prove what lies outside it', () => {
    const tree = treeOf(numbered(3))
    for (const call of [
      () => tree.inclusion(3),
      () => tree.inclusion(-1),
      () => tree.inclusion(0.5),
      () => tree.consistency(4),
      () => tree.rootAt(4),
    ]) {
      expect(call).toThrow(expect.objectContaining({ code: 'LEAF_OUT_OF_TREE' }))
    }
    expect(() => merkleTree([new Uint8Array(31)], hasher)).toThrow(
      expect.objectContaining({ code: 'NOT_A_TREE_HASH' }),
    )
    expect(() => merkleTreeOver(new Uint8Array(33), hasher)).toThrow(
      expect.objectContaining({ code: 'NOT_A_TREE_HASH' }),
    )
  })
})

describe('a proof', () => {
  it('of inclusion fails for any other leaf, place, size, root or path', () => {
    fc.assert(
      fc.property(anyLeaves, fc.nat(), fc.nat(), fc.integer({ min: 0, max: 255 }), (data, a, which, bit) => {
        const tree = treeOf(data)
        const index = a % data.length
        const leaf = leafHash(data[index] ?? utf8(''), hasher)
        const claim = { leaf, index, size: tree.size, path: tree.inclusion(index), root: tree.root }
        expect(verifyInclusion(claim, hasher)).toBe(true)
        const flip = (bytes: Uint8Array): Uint8Array =>
          bytes.map((byte, i) => (i === bit >> 3 ? byte ^ (1 << (bit & 7)) : byte))
        const spoiled = [
          { ...claim, leaf: flip(leaf) },
          { ...claim, root: flip(tree.root) },
          { ...claim, path: [...claim.path, tree.root] },
          { ...claim, index: tree.size },
          { ...claim, index: -1 },
          { ...claim, size: 0 },
          { ...claim, leaf: leaf.subarray(1) },
          ...(claim.path.length > 0
            ? [
                { ...claim, path: claim.path.slice(1) },
                {
                  ...claim,
                  path: claim.path.map((hash, i) => (i === which % claim.path.length ? flip(hash) : hash)),
                },
              ]
            : []),
        ]
        for (const wrong of spoiled) expect(verifyInclusion(wrong, hasher)).toBe(false)
      }),
    )
  })

  it('of inclusion holds for one place only, where leaves differ', () => {
    const tree = treeOf(numbered(13))
    const leaf = leafHash(utf8('leaf 4'), hasher)
    const places = Array.from({ length: 13 }, (_, index) => index).filter((index) =>
      verifyInclusion({ leaf, index, size: 13, path: tree.inclusion(4), root: tree.root }, hasher),
    )
    expect(places).toEqual([4])
  })

  it('of inclusion is as long as the size asks: a short one does not pass for a larger tree', () => {
    for (let size = 1; size <= 33; size++) {
      const tree = treeOf(numbered(size))
      const leaf = leafHash(utf8('leaf 0'), hasher)
      const claim = { leaf, index: 0, path: tree.inclusion(0), root: tree.root }
      for (const larger of [2 * size + 1, 64, 2 ** 40]) {
        expect(verifyInclusion({ ...claim, size: larger + size }, hasher)).toBe(false)
      }
    }
  })

  it('of consistency fails once the past has been rewritten', () => {
    fc.assert(
      fc.property(anyLeaves, fc.nat(), fc.nat(), (data, a, b) => {
        const first = 1 + (a % data.length)
        const changed = data.map((leaf, i) => (i === b % first ? Uint8Array.of(...leaf, 7) : leaf))
        const [before, after] = [treeOf(data), treeOf(changed)]
        const claim = { first, second: data.length, firstRoot: before.rootAt(first), secondRoot: after.root }
        expect(verifyConsistency({ ...claim, path: after.consistency(first) }, hasher)).toBe(false)
        expect(verifyConsistency({ ...claim, path: before.consistency(first) }, hasher)).toBe(false)
        expect(
          verifyConsistency(
            { ...claim, secondRoot: before.root, path: [...before.consistency(first), before.root] },
            hasher,
          ),
        ).toBe(false)
        expect(verifyConsistency({ ...claim, first: data.length + 1, path: [] }, hasher)).toBe(false)
      }),
    )
  })

  it('from the empty tree needs the empty root and no path', () => {
    const tree = treeOf(numbered(5))
    const claim = { first: 0, second: 5, firstRoot: emptyRoot(hasher), secondRoot: tree.root, path: [] }
    expect(verifyConsistency(claim, hasher)).toBe(true)
    expect(verifyConsistency({ ...claim, firstRoot: tree.root }, hasher)).toBe(false)
    expect(verifyConsistency({ ...claim, path: [tree.root] }, hasher)).toBe(false)
  })
})

describe('a frontier', () => {
  it('has the root of the whole tree after every leaf, also when stored and opened in between', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 200 }), fc.integer({ min: 0, max: 200 }), (a, b) => {
        const grown = frontier(hasher)
        for (const leaf of numbered(a)) grown.append(leafHash(leaf, hasher))
        const opened = frontier(hasher, grown.state())
        const rest = numbered(a + b).slice(a)
        for (const leaf of rest) opened.append(leafHash(leaf, hasher))
        expect(grown.root()).toEqual(naiveRoot(numbered(a)))
        expect(opened.root()).toEqual(naiveRoot(numbered(a + b)))
        expect(opened.state().hashes.length).toBeLessThanOrEqual(Math.log2(a + b + 1) + 1)
      }),
    )
  })

  it('refuses a stored state that does not fit its size', () => {
    for (const state of [
      { size: 3, hashes: [new Uint8Array(32)] },
      { size: 1, hashes: [new Uint8Array(31)] },
      { size: -1, hashes: [] },
      { size: 0.5, hashes: [] },
    ]) {
      expect(() => frontier(hasher, state)).toThrow(expect.objectContaining({ code: 'FRONTIER_DAMAGED' }))
    }
  })
})

describe('a salted leaf', () => {
  const key = new Uint8Array(32).fill(7)

  it('hides data that could be guessed: without the key no guess matches, with it the right one does', () => {
    const salt = leafSalt(key, utf8('stream'), 3, hasher)
    const leaf = saltedLeafHash(salt, utf8('120'), hasher)
    const guesses = Array.from({ length: 600 }, (_, mgdl) => utf8(String(mgdl)))
    expect(guesses.filter((guess) => toHex(leafHash(guess, hasher)) === toHex(leaf))).toEqual([])
    expect(guesses.filter((guess) => toHex(saltedLeafHash(salt, guess, hasher)) === toHex(leaf))).toEqual([
      utf8('120'),
    ])
  })

  it.each([
    { name: 'one by one', hashing: hasher },
    { name: 'at once', hashing: nodeHasher },
  ])('many leaves salted $name are the leaves salted singly', ({ hashing }) => {
    fc.assert(
      fc.property(
        fc.integer({ min: 32, max: 90 }),
        fc.nat(2 ** 31),
        fc.nat(9),
        fc.nat(70),
        (keyLength, first, count, width) => {
          const secret = new Uint8Array(keyLength).map((_, i) => (i * 7 + first) % 256)
          const places = Array.from({ length: count }, (_, i) => first + i)
          const data = new Uint8Array(count * width).map((_, i) => (i * 13 + first) % 256)
          const salts = leafSalts(secret, utf8('slot 7'), places, hashing)
          const leaves = saltedLeafHashes(salts, data, hashing)
          const wanted = Array.from({ length: count }, (_, i) => {
            const salt = leafSalt(secret, utf8('slot 7'), first + i, hasher)
            return saltedLeafHash(salt, data.subarray(i * width, (i + 1) * width), hasher)
          })
          expect(toHex(leaves)).toBe(toHex(concat(...wanted)))
        },
      ),
      { numRuns: 40 },
    )
    expect(() => leafSalts(new Uint8Array(31), utf8('x'), [0], hashing)).toThrow(/32 bytes/)
    expect(() => saltedLeafHashes(new Uint8Array(33), utf8('x'), hashing)).toThrow(/32 bytes/)
  })

  it('has a salt of its own per key, context and place', () => {
    const salts = [
      leafSalt(key, utf8('a'), 0, hasher),
      leafSalt(key, utf8('a'), 1, hasher),
      leafSalt(key, utf8('b'), 0, hasher),
      leafSalt(new Uint8Array(32).fill(8), utf8('a'), 0, hasher),
    ].map(toHex)
    expect(new Set(salts).size).toBe(4)
    expect(toHex(leafSalt(key, utf8('a'), 1n, hasher))).toBe(salts[1])
  })

  it('refuses short keys and salts', () => {
    expect(() => leafSalt(new Uint8Array(31), utf8(''), 0, hasher)).toThrow(
      expect.objectContaining({ code: 'SALT_KEY_SHORT' }),
    )
    expect(() => saltedLeafHash(new Uint8Array(16), utf8(''), hasher)).toThrow(
      expect.objectContaining({ code: 'SALT_SHORT' }),
    )
  })
})

describe('the tree of a slot', () => {
  const padding = { key: new Uint8Array(32).fill(1), slot: utf8('slot 9') }
  const hashes = (count: number): Uint8Array[] => numbered(count).map((leaf) => leafHash(leaf, hasher))

  it('shows a power of two and never the count', () => {
    expect([0, 1, 15, 16].map((n) => slotTree(hashes(n), padding, hasher).size)).toEqual([16, 16, 16, 16])
    expect([17, 31, 32, 33].map((n) => slotTree(hashes(n), padding, hasher).size)).toEqual([32, 32, 32, 64])
    expect(paddedCount(5, 1)).toBe(8)
    expect(() => paddedCount(5, 3)).toThrow(expect.objectContaining({ code: 'SLOT_COUNT_WRONG' }))
  })

  it('proves its real leaves under the padded root', () => {
    const leaves = hashes(21)
    const tree = slotTree(leaves, padding, hasher)
    leaves.forEach((leaf, index) => {
      const claim = { leaf, index, size: 32, path: tree.inclusion(index), root: tree.root }
      expect(verifyInclusion(claim, hasher)).toBe(true)
    })
    expect(tree.real).toBe(21)
  })

  it('pads each slot and each place differently, so that padding is not told from leaves by repetition', () => {
    const paths = [
      padding,
      { ...padding, slot: utf8('slot 10') },
      { ...padding, key: new Uint8Array(32).fill(2) },
    ]
      .map((pad) => slotTree([], pad, hasher))
      .flatMap((tree) => Array.from({ length: 16 }, (_, i) => tree.inclusion(i)[0] ?? tree.root))
      .toSorted(compareBytes)
      .map(toHex)
    expect(new Set(paths).size).toBe(48)
  })
})

describe('the paths of many leaves together', () => {
  const sizes = fc.integer({ min: 1, max: 90 })
  const cases = sizes.chain((size) =>
    fc.record({
      size: fc.constant(size),
      indexes: fc.array(fc.nat(size - 1), { maxLength: 40 }),
    }),
  )
  const leafOf = (i: number): Uint8Array => leafHash(utf8(`leaf ${i}`), hasher)
  const leavesAt = (indexes: readonly number[]): Uint8Array => concat(...indexes.map(leafOf))
  const whole = (size: number) =>
    merkleTree(
      Array.from({ length: size }, (_, i) => leafOf(i)),
      hasher,
    )

  it('prove what single paths prove, at any places, in any order, more than once', () => {
    fc.assert(
      fc.property(cases, fc.boolean(), ({ size, indexes }, atOnce) => {
        const tree = whole(size)
        const paths = tree.inclusions(indexes)
        const claim = { leaves: leavesAt(indexes), indexes, size, paths, root: tree.root }
        expect(verifyShared(claim, atOnce ? nodeHasher : hasher)).toEqual(indexes.map(() => true))
      }),
    )
  })

  it('find exactly the leaves that were changed, and spoil no other', () => {
    fc.assert(
      fc.property(cases, fc.array(fc.boolean(), { minLength: 40, maxLength: 40 }), (one, change) => {
        const { size, indexes } = one
        const tree = whole(size)
        const leaves = leavesAt(indexes)
        indexes.forEach((_, i) => {
          if (change[i] === true) leaves[32 * i + (i % 32)] = (leaves[32 * i + (i % 32)] ?? 0) ^ 1
        })
        const claim = { leaves, indexes, size, paths: tree.inclusions(indexes), root: tree.root }
        expect(verifyShared(claim, hasher)).toEqual(indexes.map((_, i) => change[i] !== true))
      }),
    )
  })

  it('accept a leaf only where its own path, taken from them, leads to the root', () => {
    fc.assert(
      fc.property(cases, fc.nat(), fc.nat(7), ({ size, indexes }, place, bit) => {
        const tree = whole(size)
        const paths = tree.inclusions(indexes)
        fc.pre(paths.length > 0)
        const at = place % paths.length
        paths[at] = (paths[at] ?? 0) ^ (1 << bit)
        const claim = { leaves: leavesAt(indexes), indexes, size, paths, root: tree.root }
        const proven = verifyShared(claim, nodeHasher)
        // The changed hash is the sibling of some node: every leaf below that node, and no other one, loses its proof.
        const lost = underSibling(indexes, size, Math.floor(at / 32))
        expect(proven).toEqual(indexes.map((index) => !lost(index)))
        expect(proven).toContain(false)
      }),
    )
  })

  it('prove nothing of another root, size or place, cut or drawn out', () => {
    fc.assert(
      fc.property(
        cases.filter(({ indexes }) => indexes.length > 0),
        ({ size, indexes }) => {
          const tree = whole(size)
          const paths = tree.inclusions(indexes)
          const claim = { leaves: leavesAt(indexes), indexes, size, paths, root: tree.root }
          const none = indexes.map(() => false)
          const elsewhere = indexes.map((index) => (index + 1) % (size + 1))
          const wrong = [
            { ...claim, root: leafOf(999) },
            { ...claim, root: tree.root.subarray(0, 31) },
            { ...claim, paths: concat(paths, new Uint8Array(32)) },
            { ...claim, paths: concat(paths, new Uint8Array(1)) },
            { ...claim, indexes: elsewhere },
            { ...claim, indexes: indexes.map(() => size) },
            { ...claim, indexes: indexes.map(() => -1) },
            { ...claim, indexes: indexes.map(() => 0.5) },
            { ...claim, size: Number.NaN },
            { ...claim, leaves: claim.leaves.subarray(1) },
            ...(paths.length > 0 ? [{ ...claim, paths: paths.subarray(0, -1) }] : []),
          ]
          for (const lie of wrong) expect(verifyShared(lie, hasher)).toEqual(none)
        },
      ),
      { numRuns: 40 },
    )
    expect(() => whole(4).inclusions([4])).toThrow(/outside the tree/)
  })

  it('carry each node once: two hashes a leaf for neighbours instead of one a level', () => {
    const indexes = Array.from({ length: 256 }, (_, i) => i)
    expect(whole(512).inclusions(indexes)).toHaveLength(32 * (256 + 128 + 64 + 32 + 16 + 8 + 4 + 2 + 1))
  })

  /** Whether a leaf stands below the node whose sibling is the `nth` of the paths, by the definition. */
  function underSibling(indexes: readonly number[], size: number, nth: number): (index: number) => boolean {
    let [at, count, seen] = [[...new Set(indexes)], size, 0]
    for (let level = 0; count > 1; level++) {
      for (const node of at) {
        if (node % 2 === 0 && node + 1 === count) continue
        if (seen++ === nth) return (index) => Math.floor(index / 2 ** level) === node
      }
      at = [...new Set(at.map((node) => Math.floor(node / 2)))]
      count = Math.ceil(count / 2)
    }
    throw new Error('the paths have fewer hashes')
  }
})
