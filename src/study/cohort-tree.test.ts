import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { nobleHasher as hasher, leafHash } from '../vault/index.ts'
import { type Bytes, type Hash32, hash32, toHex, utf8 } from '../vocabulary/index.ts'
import {
  type CohortPlace,
  type CohortProof,
  checkCohortProof,
  cohortMark,
  cohortTree,
} from './cohort-tree.ts'
import { hashOf, siteOf } from './testing/papers.ts'

const place: CohortPlace = { study: hashOf('study'), round: 3, site: siteOf('north') }
const secretOf = (name: string): Bytes => hasher.sha256(utf8(`secret ${name}`))
const siteSecret = secretOf('site')
const markOf = (name: string, round = place.round): Bytes =>
  cohortMark(secretOf(name), { study: place.study, round }, hasher)
const treeOf = (people: readonly string[], at: CohortPlace = place) =>
  cohortTree(
    people.map((name) => markOf(name, at.round)),
    at,
    siteSecret,
    hasher,
  )
const says = (proof: CohortProof, name: string, root: Hash32, at: CohortPlace = place) =>
  checkCohortProof(proof, markOf(name, at.round), at, root, hasher)

const people = fc.uniqueArray(fc.nat(400).map(String), { maxLength: 40 })

describe('a cohort tree', () => {
  it('proves to everyone in it that they are in, and to everyone else that they are out', () => {
    fc.assert(
      fc.property(people, fc.nat(400).map(String), (names, other) => {
        const tree = treeOf(names)
        for (const name of names.slice(0, 3))
          expect(says(tree.prove(markOf(name)), name, tree.root)).toBe('PRESENT')
        const expected = names.includes(other) ? 'PRESENT' : 'ABSENT'
        expect(says(tree.prove(markOf(other)), other, tree.root)).toBe(expected)
      }),
      { numRuns: 40 },
    )
  })

  it('has one root whatever the order in which people are named, and another for any other set', () => {
    fc.assert(
      fc.property(people, people, (names, others) => {
        const { root } = treeOf(names)
        expect(treeOf([...names].reverse()).root).toBe(root)
        const isSame = names.length === others.length && names.every((name) => others.includes(name))
        expect(treeOf(others).root === root).toBe(isSame)
      }),
      { numRuns: 40 },
    )
  })

  it('has another root in another round, at another site, in another study, of another secret', () => {
    const names = ['1', '2', '3']
    const places = [
      place,
      { ...place, round: 4 },
      { ...place, site: siteOf('south') },
      { ...place, study: hashOf('other') },
    ]
    const roots = places.map((at) => treeOf(names, at).root)
    const marks = names.map((name) => markOf(name))
    roots.push(cohortTree(marks, place, secretOf('other site'), hasher).root)
    expect(new Set(roots).size).toBe(5)
  })

  it('tells by its size only the order of magnitude of the cohort', () => {
    const sizeOf = (count: number) =>
      treeOf(Array.from({ length: count }, (_, i) => String(i))).prove(markOf('x')).size
    expect([0, 1, 14, 15, 30, 31].map(sizeOf)).toEqual([16, 16, 16, 32, 32, 64])
  })

  it('refuses a person twice, and secrets too short to hide anybody', () => {
    expect(() => treeOf(['1', '2', '1'])).toThrowError(expect.objectContaining({ code: 'COHORT_MARK_TWICE' }))
    const short = new Uint8Array(31)
    expect(() => cohortMark(short, place, hasher)).toThrowError(
      expect.objectContaining({ code: 'SECRET_SHORT' }),
    )
    expect(() => cohortTree([], place, short, hasher)).toThrowError(
      expect.objectContaining({ code: 'SECRET_SHORT' }),
    )
  })
})

describe('a proof', () => {
  const names = ['1', '2', '3', '4', '5']
  const tree = treeOf(names)
  const present = tree.prove(markOf('3'))
  const absent = tree.prove(markOf('9'))

  it('of one person convinces of nobody else', () => {
    for (const name of ['1', '2', '4', '5', '9', '10'])
      expect(says(present, name, tree.root)).not.toBe('PRESENT')
    for (const name of names) expect(says(absent, name, tree.root)).not.toBe('ABSENT')
  })

  it('holds in its own round, site and study only', () => {
    const elsewhere = [
      { ...place, round: 4 },
      { ...place, site: siteOf('south') },
      { ...place, study: hashOf('other') },
    ]
    for (const at of elsewhere) expect(says(present, '3', tree.root, at)).toBe('INVALID')
  })

  it('changed in any one place proves nothing', () => {
    const flip = (hash: Hash32, digit: number): Hash32 => {
      const at = 2 + (digit % 64)
      return hash32(`${hash.slice(0, at)}${hash[at] === '0' ? '1' : '0'}${hash.slice(at + 1)}`)
    }
    /** Every proof that differs from one in one hash or number. */
    function* tampered(value: unknown, digit: number): Generator<unknown> {
      if (typeof value === 'string' && value.startsWith('0x')) yield flip(value as Hash32, digit)
      else if (typeof value === 'number') yield* [value + 1, value - 1, value * 2]
      else if (Array.isArray(value)) {
        yield value.slice(1)
        for (const [i, part] of value.entries())
          for (const other of tampered(part, digit)) yield value.map((old, k) => (k === i ? other : old))
      } else if (typeof value === 'object' && value !== null) {
        for (const [name, part] of Object.entries(value))
          for (const other of tampered(part, digit)) yield { ...value, [name]: other }
      }
    }
    let count = 0
    for (const [proof, name] of [
      [present, '3'],
      [absent, '9'],
    ] as const) {
      for (const digit of [0, 17, 63]) {
        for (const other of tampered(proof, digit)) {
          count += 1
          expect(says(other as CohortProof, name, tree.root)).toBe('INVALID')
        }
      }
    }
    expect(count).toBeGreaterThan(60)
  })

  it('of absence needs two leaves that stand side by side', () => {
    if (absent.kind !== 'ABSENT') throw new Error('expected a proof of absence')
    // A site that would hide somebody takes two leaves that stand around them, with the person between.
    const sorted = [...names].sort((a, b) => (markHex(a) < markHex(b) ? -1 : 1))
    const hidden = sorted[2] ?? ''
    const before = tree.prove(markOf(sorted[1] ?? ''))
    const after = tree.prove(markOf(sorted[3] ?? ''))
    if (before.kind !== 'PRESENT' || after.kind !== 'PRESENT') throw new Error('expected proofs of presence')
    const { size, blinding, tree: inner } = absent
    const forged: CohortProof = {
      kind: 'ABSENT',
      size,
      blinding,
      tree: inner,
      index: before.index,
      lower: hash32(markHex(sorted[1] ?? '')),
      upper: hash32(markHex(sorted[3] ?? '')),
      lowerPath: before.path,
      upperPath: after.path,
    }
    expect(says(forged, hidden, tree.root)).toBe('INVALID')
  })

  it('says nothing when it is no proof at all', () => {
    for (const junk of [{}, { kind: 'PRESENT' }, { ...present, tree: '0x12' }, { ...present, path: 'abc' }])
      expect(says(junk as CohortProof, '3', tree.root)).toBe('INVALID')
    expect(checkCohortProof(present, new Uint8Array(31), place, tree.root, hasher)).toBe('INVALID')
  })

  it('names no person: without the secret, rounds cannot be linked', () => {
    const seen = new Set<string>()
    // Guards stand at both ends of every tree and say nothing.
    const ends = [new Uint8Array(32), new Uint8Array(32).fill(0xff)]
    const guards = new Set<string>(ends.flatMap((end) => [toHex(end), toHex(leafHash(end, hasher))]))
    for (let round = 1; round <= 20; round += 1) {
      const at = { ...place, round }
      const proof = treeOf(names, at).prove(markOf('9', round))
      const hashes = JSON.stringify(proof).match(/0x[0-9a-f]{64}/g) ?? []
      for (const hash of hashes.filter((text) => !guards.has(text))) expect(seen.has(hash)).toBe(false)
      for (const hash of hashes) seen.add(hash)
    }
  })
})

function markHex(name: string): Hash32 {
  return hash32(toHex(markOf(name)))
}
