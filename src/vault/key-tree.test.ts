import { createHmac, hkdfSync, randomBytes } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import vectors from '../../test-vectors/key-tree.json' with { type: 'json' }
import {
  fromHex,
  HOUR_LIMIT,
  type HourWindow,
  KINDS,
  type Kind,
  quantity,
  toHex,
  type UtcHour,
} from '../vocabulary/index.ts'
import { type CoverPosition, coverPositions, decodeCover, encodeCover } from './cover.ts'
import { hourKeys, keysOfHours } from './hour-keys.ts'
import { hourLeaves } from './hour-leaves.ts'
import { hourLeaf, leafDeriver, narrowCover, streamCover } from './key-tree.ts'
import { nobleHasher } from './noble-hasher.ts'
import { nodeHasher } from './node-cipher.door.ts'

const hour = (value: number): UtcHour => quantity<UtcHour>(value)
const windowOf = (first: number, end: number): HourWindow => ({ first: hour(first), end: hour(end) })
const ROOT = new Uint8Array(32).map((_, i) => i)

/** The definition by the letter, without any memory of paths. */
function naiveLeaf(root: Uint8Array, kind: Kind, generation: number, at: number): string {
  const number = Buffer.alloc(5)
  number[0] = KINDS.indexOf(kind)
  number.writeUInt32BE(generation, 1)
  const info = Buffer.concat([Buffer.from('islet/v1/stream'), number])
  let node = Buffer.from(hkdfSync('sha256', root, new Uint8Array(0), info, 32))
  for (let level = 20; level >= 0; level--) {
    const label = Buffer.concat([Buffer.from('islet/v1/tree'), Buffer.of(Math.floor(at / 2 ** level) % 2)])
    node = createHmac('sha256', node).update(label).digest()
  }
  return node.toString('hex')
}
const leafText = (leaf: Uint8Array | undefined): string =>
  leaf === undefined ? 'none' : toHex(leaf).slice(2)

const windows = fc
  .tuple(
    fc.nat(HOUR_LIMIT - 1),
    fc.oneof(fc.integer({ min: 1, max: 40_000 }), fc.integer({ min: 1, max: 300 })),
  )
  .map(([first, length]) => windowOf(first, Math.min(HOUR_LIMIT, first + length)))
const kinds = fc.constantFrom(...KINDS)
const generations = fc.nat(2 ** 31 - 1)

describe('covers', () => {
  const hoursOf = (positions: readonly CoverPosition[]): number[] =>
    positions.flatMap(({ first, height }) => Array.from({ length: 2 ** height }, (_, i) => first + i))
  /** Fewest nodes by plain recursion over the tree. */
  const fewest = (lo: number, size: number, window: HourWindow): number => {
    if (window.first <= lo && lo + size <= window.end) return 1
    if (window.end <= lo || lo + size <= window.first) return 0
    return fewest(lo, size / 2, window) + fewest(lo + size / 2, size / 2, window)
  }

  it('are exact, disjoint, aligned and minimal for every window of a tree of 64 hours', () => {
    for (let first = 0; first < 64; first++) {
      for (let end = first + 1; end <= 64; end++) {
        const window = windowOf(first, end)
        const positions = coverPositions(window, 6)
        expect(hoursOf(positions)).toEqual(Array.from({ length: end - first }, (_, i) => first + i))
        expect(positions.every((one) => one.first % 2 ** one.height === 0)).toBe(true)
        expect(positions.length).toBe(fewest(0, 64, window))
        expect(positions.length).toBeLessThanOrEqual(12)
      }
    }
  })

  it('are exact, minimal and at most 42 nodes for any window of the real tree', () => {
    fc.assert(
      fc.property(windows, (window) => {
        const positions = coverPositions(window)
        let next: number = window.first
        for (const { first, height } of positions) {
          expect(first).toBe(next)
          next += 2 ** height
        }
        expect(next).toBe(window.end)
        expect(positions.length).toBe(fewest(0, HOUR_LIMIT, window))
        expect(positions.length).toBeLessThanOrEqual(42)
      }),
    )
  })

  it.each([
    { first: 5, end: 5, code: 'WINDOW_EMPTY', why: 'no hour' },
    { first: 6, end: 5, code: 'WINDOW_EMPTY', why: 'backwards' },
    { first: -1, end: 5, code: 'HOUR_OUT_OF_RANGE', why: 'before 1900' },
    { first: 0, end: HOUR_LIMIT + 1, code: 'HOUR_OUT_OF_RANGE', why: 'beyond the tree' },
    { first: 0.5, end: 2, code: 'HOUR_OUT_OF_RANGE', why: 'half an hour' },
    { first: Number.NaN, end: 2, code: 'HOUR_OUT_OF_RANGE', why: 'no number' },
  ])('refuse a window that is $why', ({ first, end, code }) => {
    expect(() => coverPositions(windowOf(first, end))).toThrow(expect.objectContaining({ code }))
  })

  it('come back from their bytes, which have one spelling', () => {
    fc.assert(
      fc.property(windows, kinds, generations, (window, kind, generation) => {
        const cover = narrowCover(nodeHasher, streamCover(nodeHasher, ROOT, kind, generation), window)
        const bytes = encodeCover(cover)
        expect(decodeCover(bytes)).toEqual(cover)
        expect(encodeCover(decodeCover(bytes))).toEqual(bytes)
      }),
      { numRuns: 40 },
    )
  })

  it('refuse bytes that are longer, shorter, of another version or kind, or arbitrary', () => {
    const bytes = encodeCover(
      narrowCover(nodeHasher, streamCover(nodeHasher, ROOT, 'glucose', 0), windowOf(3, 9)),
    )
    const wrong = [
      bytes.slice(0, -1),
      Uint8Array.of(...bytes, 0),
      new Uint8Array(0),
      bytes.with(0, 2),
      bytes.with(1, 7),
      bytes.with(9, 200),
      bytes.with(10, 255),
    ]
    for (const one of wrong) {
      expect(() => decodeCover(one)).toThrow(expect.objectContaining({ code: 'COVER_MALFORMED' }))
    }
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (random) => {
        try {
          expect(encodeCover(decodeCover(random))).toEqual(new Uint8Array(random))
        } catch (error) {
          expect(error).toMatchObject({ code: 'COVER_MALFORMED' })
        }
      }),
    )
  })
})

describe('hour leaves', () => {
  it('are those of the definition, in any order of asking', () => {
    fc.assert(
      fc.property(
        kinds,
        generations,
        fc.array(fc.nat(HOUR_LIMIT - 1), { maxLength: 8 }),
        (kind, generation, hours) => {
          const derive = leafDeriver(nodeHasher, streamCover(nodeHasher, ROOT, kind, generation))
          for (const at of [...hours, ...hours.map((one) => one ^ 1), ...hours]) {
            expect(leafText(derive(hour(at)))).toBe(naiveLeaf(ROOT, kind, generation, at))
          }
        },
      ),
      { numRuns: 40 },
    )
  })

  it('are the same from any cover that holds them, also after narrowing a cover twice', () => {
    fc.assert(
      fc.property(windows, fc.double({ min: 0, max: 0.999, noNaN: true }), (window, share) => {
        const length = window.end - window.first
        const inner = windowOf(
          window.first + Math.floor((length * share) / 2),
          window.end - Math.floor(((length - 1) * share) / 2),
        )
        const cover = narrowCover(nodeHasher, streamCover(nodeHasher, ROOT, 'insulin', 3), window)
        const narrow = narrowCover(nodeHasher, cover, inner)
        for (const at of [inner.first, inner.end - 1]) {
          const leaf = leafText(leafDeriver(nodeHasher, narrow)(hour(at)))
          expect(leaf).toBe(naiveLeaf(ROOT, 'insulin', 3, at))
        }
      }),
      { numRuns: 60 },
    )
  })

  it('do not derive for the hour before a window and the hour after it', () => {
    fc.assert(
      fc.property(windows, (window) => {
        const cover = narrowCover(nodeHasher, streamCover(nodeHasher, ROOT, 'glucose', 0), window)
        for (const at of [window.first - 1, window.end]) {
          expect(hourLeaf(nodeHasher, cover, hour(at))).toEqual({ code: 'HOUR_NOT_COVERED', hour: at })
        }
        // Nor when someone who holds the keys says that his window is wider.
        const liar = { ...cover, window: windowOf(0, HOUR_LIMIT) }
        for (const at of [window.first - 1, window.end]) {
          if (at >= 0 && at < HOUR_LIMIT) expect(leafDeriver(nodeHasher, liar)(hour(at))).toBeUndefined()
        }
      }),
      { numRuns: 60 },
    )
  })

  it('share nothing between patients, kinds and generations', () => {
    const seen = new Set<string>()
    for (const root of [ROOT, new Uint8Array(randomBytes(32))]) {
      for (const kind of KINDS) {
        for (const generation of [0, 1, 256]) {
          for (const at of [0, 1, HOUR_LIMIT - 1]) {
            seen.add(
              leafText(leafDeriver(nodeHasher, streamCover(nodeHasher, root, kind, generation))(hour(at))),
            )
          }
        }
      }
    }
    expect(seen.size).toBe(2 * KINDS.length * 3 * 3)
  })

  it('a narrower cover cannot be widened', () => {
    const cover = narrowCover(nodeHasher, streamCover(nodeHasher, ROOT, 'glucose', 0), windowOf(100, 200))
    for (const wider of [windowOf(99, 200), windowOf(100, 201), windowOf(0, 1)]) {
      expect(() => narrowCover(nodeHasher, cover, wider)).toThrow(
        expect.objectContaining({ code: 'WINDOW_NOT_COVERED' }),
      )
    }
  })

  it('refuse a root that is no 32 bytes and a generation that is no counter', () => {
    expect(() => streamCover(nodeHasher, new Uint8Array(31), 'glucose', 0)).toThrow(
      expect.objectContaining({ code: 'ROOT_MALFORMED' }),
    )
    for (const generation of [-1, 1.5, 2 ** 32]) {
      expect(() => streamCover(nodeHasher, ROOT, 'glucose', generation)).toThrow(
        expect.objectContaining({ code: 'GENERATION_OUT_OF_RANGE' }),
      )
    }
  })

  it('cost about two HMACs each when derived in order of time', () => {
    let calls = 0
    const counting = {
      ...nodeHasher,
      hmacSha256: (key: Uint8Array, message: Uint8Array) => {
        calls++
        return nodeHasher.hmacSha256(key, message)
      },
    }
    const cover = narrowCover(
      counting,
      streamCover(counting, ROOT, 'glucose', 0),
      windowOf(1_100_000, 1_108_760),
    )
    calls = 0
    const derive = leafDeriver(counting, cover)
    for (let at = 1_100_000; at < 1_108_760; at++) derive(hour(at))
    expect(calls).toBeLessThan(2 * 8760)
  })
})

describe('hours derived together', () => {
  it('have the secrets of hours derived one by one, and those outside the cover have none', () => {
    fc.assert(
      fc.property(
        windows,
        fc.array(fc.oneof(fc.nat(HOUR_LIMIT), fc.integer({ min: -40, max: 400 })), { maxLength: 40 }),
        fc.boolean(),
        (window, offsets, atOnce) => {
          const hasher = atOnce ? nodeHasher : { ...nodeHasher, rows: undefined }
          const cover = narrowCover(nodeHasher, streamCover(nodeHasher, ROOT, 'glucose', 2), window)
          const wanted = offsets.map((offset) => hour(offset > 400 ? offset : window.first + offset))
          const { hours, leaves } = hourLeaves(hasher, cover, wanted)
          const derive = leafDeriver(nodeHasher, cover)
          const single = [...new Set(wanted)]
            .sort((a, b) => a - b)
            .flatMap((one) => {
              const leaf = derive(one)
              return leaf === undefined ? [] : [[one, leafText(leaf)]]
            })
          expect(hours.map((one, i) => [one, leafText(leaves.subarray(32 * i, 32 * i + 32))])).toEqual(single)
          const keys = keysOfHours(hasher, cover, wanted)
          expect([...keys.keys()]).toEqual(hours)
          for (const [one, together] of keys) {
            expect(together).toEqual(hourKeys(nodeHasher, derive(one) ?? new Uint8Array(0)))
          }
        },
      ),
      { numRuns: 60 },
    )
  })

  it('come from no node outside its own window, whatever the cover claims', () => {
    const cover = narrowCover(nodeHasher, streamCover(nodeHasher, ROOT, 'glucose', 0), windowOf(96, 120))
    const liar = { ...cover, window: windowOf(0, HOUR_LIMIT) }
    expect(hourLeaves(nodeHasher, liar, [hour(95), hour(120), hour(5), hour(1.5)]).hours).toEqual([])
    expect(hourLeaves(nodeHasher, liar, [hour(119), hour(96), hour(96)]).hours).toEqual([96, 119])
  })
})

describe.each([
  { name: 'noble', hasher: nobleHasher },
  { name: 'node:crypto', hasher: nodeHasher },
])('the frozen vectors, over $name', ({ hasher }) => {
  it.each(vectors.leaves)('leaf of $kind generation $generation hour $hour', (one) => {
    const kind = KINDS.find((name) => name === one.kind) ?? 'glucose'
    const leaf = leafDeriver(
      hasher,
      streamCover(hasher, fromHex(vectors.root), kind, one.generation),
    )(hour(one.hour))
    expect(leafText(leaf)).toBe(one.leaf)
    const keys = hourKeys(hasher, leaf ?? new Uint8Array(0))
    expect([keys.key, keys.commitment, keys.saltKey].map(leafText)).toEqual([
      one.key,
      one.commitment,
      one.saltKey,
    ])
  })
  it.each(vectors.covers)('cover of hours $first to $end', (one) => {
    const cover = narrowCover(
      hasher,
      streamCover(hasher, fromHex(vectors.root), 'glucose', 1),
      windowOf(one.first, one.end),
    )
    expect(leafText(encodeCover(cover))).toBe(one.bytes)
  })
})
