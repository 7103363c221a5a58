import { createHash, createHmac, hkdfSync, randomBytes } from 'node:crypto'
import fc from 'fast-check'
import { afterEach, describe, expect, it, vi } from 'vitest'
import vectors from '../../test-vectors/vault-primitives.json' with { type: 'json' }
import { concat, fromHex } from '../vocabulary/index.ts'
import { hkdfRows, hmacRows, sha256Each, sha256Pairs, sha256Rows } from './hash-rows.ts'
import { hkdfExtract } from './hkdf.ts'
import { nobleHasher } from './noble-hasher.ts'
import { nodeHasher } from './node-cipher.door.ts'
import { simdRows } from './simd-rows.ts'

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')
const rowsOf = (bytes: Uint8Array, length: number): readonly Uint8Array[] =>
  Array.from({ length: bytes.length / length }, (_, i) => bytes.subarray(i * length, (i + 1) * length))
const sha = (...parts: readonly Uint8Array[]): string =>
  createHash('sha256').update(Buffer.concat(parts)).digest('hex')
const mac = (key: Uint8Array, message: Uint8Array): string =>
  createHmac('sha256', key).update(message).digest('hex')

it('the kernel runs here, so the suite below tries it', () => {
  expect(simdRows()).toBeDefined()
  expect(nodeHasher.rows).toBe(simdRows())
  expect(nobleHasher.rows).toBe(simdRows())
})

describe.each([
  { name: 'the kernel', hasher: nodeHasher },
  { name: 'node:crypto row by row', hasher: { ...nodeHasher, rows: undefined } },
  { name: 'noble row by row', hasher: { ...nobleHasher, rows: undefined } },
])('rows hashed by $name', ({ hasher }) => {
  it.each(vectors.sha256.cases.filter(({ message }) => message.length > 0))(
    'give the SHA-256 of FIPS 180-4 in every lane ($digest)',
    ({ message, digest }) => {
      const one = fromHex(message)
      const five = sha256Rows(hasher, concat(one, one, one, one, one), one.length)
      expect(rowsOf(five, 32).map(hex)).toEqual(Array(5).fill(digest))
    },
  )

  it.each(vectors.hkdfSha256.cases)('give the HKDF of RFC 5869 in every lane ($output)', (one) => {
    const key = hkdfExtract(nodeHasher, fromHex(one.salt), fromHex(one.secret))
    const info = fromHex(one.info)
    const many = hkdfRows(hasher, concat(key, key, key, key, key, key), info, info.length, one.length)
    expect(rowsOf(many, one.length).map(hex)).toEqual(Array(6).fill(one.output))
  })

  it('give the hash of every length from 1 to 300 bytes, with and without a byte before it', () => {
    for (let length = 1; length <= 300; length++) {
      const rows = randomBytes(length * (1 + (length % 7)))
      const plain = rowsOf(sha256Rows(hasher, rows, length), 32).map(hex)
      expect(plain).toEqual(rowsOf(rows, length).map((row) => sha(row)))
      const marked = rowsOf(sha256Rows(hasher, rows, length, length % 256), 32).map(hex)
      expect(marked).toEqual(rowsOf(rows, length).map((row) => sha(Uint8Array.of(length % 256), row)))
    }
  })

  it('give the hash of every two parts put together, with and without a byte before them', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 9 }),
        fc.integer({ min: 1, max: 700 }),
        fc.integer({ min: 1, max: 700 }),
        fc.option(fc.nat(255), { nil: undefined }),
        (count, width, length, prefix) => {
          const [left, right] = [randomBytes(width * count), randomBytes(length * count)]
          const before = prefix === undefined ? [] : [Uint8Array.of(prefix)]
          const rights = rowsOf(right, length)
          const all = rowsOf(sha256Pairs(hasher, left, width, right, length, prefix), 32).map(hex)
          expect(all).toEqual(rowsOf(left, width).map((row, i) => sha(...before, row, rights[i] ?? row)))
        },
      ),
      { numRuns: 80 },
    )
  })

  it('give the hash of each message, whether all have one length or not', () => {
    const alike = [1, 2, 3, 4, 5].map(() => randomBytes(542))
    for (const messages of [alike, [...alike, randomBytes(541)], [randomBytes(0)], []]) {
      expect(rowsOf(sha256Each(hasher, messages), 32).map(hex)).toEqual(messages.map((one) => sha(one)))
    }
  })

  it('give the HMAC of every length from 1 to 300 bytes, under a key each and under one key', () => {
    for (let length = 1; length <= 300; length++) {
      const count = 1 + (length % 6)
      const [keys, rows] = [randomBytes(32 * count), randomBytes(length * count)]
      const each = rowsOf(hmacRows(hasher, keys, rows, length), 32).map(hex)
      const parts = rowsOf(rows, length)
      expect(each).toEqual(rowsOf(keys, 32).map((key, i) => mac(key, parts[i] ?? new Uint8Array(0))))
      const [first] = rowsOf(keys, 32)
      if (first === undefined) throw new Error('a key expected')
      const shared = rowsOf(hmacRows(hasher, first, rows, length), 32).map(hex)
      expect(shared).toEqual(parts.map((part) => mac(first, part)))
    }
  })

  it('give the expansion of any key, info and length, whatever was hashed before', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 9 }),
        fc.nat(260),
        fc.integer({ min: 1, max: 300 }),
        fc.boolean(),
        (count, length, bytes, shared) => {
          const keys = randomBytes(32 * count)
          const infos = randomBytes(shared ? length : length * count)
          const all = rowsOf(hkdfRows(hasher, keys, infos, length, bytes), bytes).map(hex)
          const wanted = rowsOf(keys, 32).map((key, i) => {
            const info = shared ? infos : infos.subarray(i * length, (i + 1) * length)
            return expanded(key, info, bytes)
          })
          expect(all).toEqual(wanted)
        },
      ),
      { numRuns: 60 },
    )
  })

  it('give more rows than fit into one call of the kernel, and none of none', () => {
    const rows = randomBytes(1_003 * 542)
    expect(rowsOf(sha256Rows(hasher, rows, 542), 32).map(hex)).toEqual(
      rowsOf(rows, 542).map((row) => sha(row)),
    )
    const long = randomBytes(3 * 20_000)
    expect(rowsOf(sha256Rows(hasher, long, 20_000), 32).map(hex)).toEqual(
      rowsOf(long, 20_000).map((row) => sha(row)),
    )
    const nothing = new Uint8Array(0)
    expect(sha256Rows(hasher, nothing, 54)).toHaveLength(0)
    expect(hmacRows(hasher, new Uint8Array(32), nothing, 54)).toHaveLength(0)
    expect(hkdfRows(hasher, nothing, new Uint8Array(7), 7, 96)).toHaveLength(0)
  })

  it('are refused where lengths do not fit', () => {
    const bytes = (length: number): Uint8Array => new Uint8Array(length)
    const ragged = [
      () => sha256Rows(hasher, bytes(10), 3),
      () => sha256Rows(hasher, bytes(10), 0),
      () => sha256Pairs(hasher, bytes(10), 5, bytes(9), 3),
      () => sha256Pairs(hasher, bytes(10), 5, bytes(0), 0),
      () => hmacRows(hasher, bytes(31), bytes(10), 5),
      () => hmacRows(hasher, bytes(96), bytes(10), 5),
      () => hkdfRows(hasher, bytes(33), bytes(4), 4, 32),
      () => hkdfRows(hasher, bytes(64), bytes(12), 4, 32),
    ]
    for (const call of ragged) expect(call).toThrow(/one length/)
    for (const length of [0, 8_161, 1.5]) {
      expect(() => hkdfRows(hasher, bytes(32), bytes(4), 4, length)).toThrow(/8,160/)
    }
  })
})

function expanded(key: Uint8Array, info: Uint8Array, bytes: number): string {
  let [text, block] = ['', Buffer.alloc(0)]
  for (let i = 1; text.length < 2 * bytes; i++) {
    block = createHmac('sha256', key)
      .update(Buffer.concat([block, info, Buffer.of(i)]))
      .digest()
    text += block.toString('hex')
  }
  return text.slice(0, 2 * bytes)
}

it('the expansion that the tests compare with is the platform’s own', () => {
  const [secret, salt, info] = [randomBytes(40), randomBytes(9), randomBytes(30)]
  const key = hkdfExtract(nodeHasher, salt, secret)
  expect(expanded(key, info, 100)).toBe(hex(new Uint8Array(hkdfSync('sha256', secret, salt, info, 100))))
})

describe('the memory of the kernel', () => {
  afterEach(() => {
    vi.unstubAllGlobals()
    vi.resetModules()
  })

  it('holds nothing of keys, messages and results after a call', async () => {
    const memories: WebAssembly.Memory[] = []
    const { Module, Instance, Memory } = WebAssembly
    vi.stubGlobal('WebAssembly', {
      Module,
      Instance: class {
        readonly exports: WebAssembly.Exports
        constructor(module: WebAssembly.Module) {
          this.exports = new Instance(module, {}).exports
          if (this.exports['memory'] instanceof Memory) memories.push(this.exports['memory'])
        }
      },
    })
    vi.resetModules()
    const fresh = (await import('./simd-rows.ts')).simdRows()
    const [memory] = memories
    if (fresh === undefined || memory === undefined) throw new Error('the kernel did not open')
    const before = new Uint8Array(memory.buffer).slice()
    const [keys, rows] = [randomBytes(32 * 2_001), randomBytes(54 * 2_001)]
    fresh.sha256(rows, 54, 2_001, undefined)
    fresh.pairs(keys, 32, rows, 54, 2_001, 0)
    fresh.hmac(keys, rows, 54, 2_001)
    fresh.hkdf(keys, rows, 54, 96, 2_001)
    const after = new Uint8Array(memory.buffer)
    expect(after.length).toBeGreaterThan(before.length)
    expect(Buffer.from(after.subarray(0, before.length)).equals(before)).toBe(true)
    expect(after.subarray(before.length).every((byte) => byte === 0)).toBe(true)
  })

  it('is not had where the platform refuses the module, and rows are then hashed one by one', async () => {
    vi.stubGlobal('WebAssembly', {
      Module: class {
        constructor() {
          throw new RangeError('WebAssembly.Compile is disallowed on the main thread')
        }
      },
    })
    vi.resetModules()
    const { nobleHasher: alone } = await import('./noble-hasher.ts')
    expect(alone.rows).toBeUndefined()
    const rows = randomBytes(54 * 5)
    expect(hex(sha256Rows(alone, rows, 54))).toBe(hex(sha256Rows(nodeHasher, rows, 54)))
  })
})
