import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import frozen from '../../test-vectors/vault-chunk.json' with { type: 'json' }
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
import { CHUNK_OVERHEAD, chunkLeafData } from './chunk.ts'
import { encodeContext } from './chunk-context.ts'
import type { Cover } from './cover.ts'
import { currentHours } from './current-hours.ts'
import { narrowCover, streamCover } from './key-tree.ts'
import { nobleHasher } from './noble-hasher.ts'
import { nodeCipher, nodeCrypto, nodeHasher } from './node-cipher.door.ts'
import { type ChunkToOpen, type OpenedChunk, type OpenedHourChunk, openHours } from './open-hours.ts'
import { type SealedChunk, sealHours } from './seal-hours.ts'
import type { Crypto } from './suite.ts'
import { noncesOf } from './testing/nonces.ts'
import { glucoseIn, othersIn, plainHour, SOME_HOUR } from './testing/records.ts'
import { webCrypto } from './web-cipher.door.ts'

const ROOT = new Uint8Array(32).fill(7)
const STREAM = new Uint8Array(32).fill(1)
const hour = (offset: number): UtcHour => quantity<UtcHour>(SOME_HOUR + offset)
const days = (count: number): HourWindow => ({ first: hour(0), end: hour(24 * count) })
const coverOf = (kind: Kind, generation = 0, window = days(3), root = ROOT): Cover =>
  narrowCover(nodeHasher, streamCover(nodeHasher, root, kind, generation), window)
const toOpen = (chunk: SealedChunk): ChunkToOpen => ({ ...chunk.context, bytes: chunk.bytes })
const codes = (opened: readonly OpenedChunk[]): readonly string[] => opened.map((one) => one.code)
const opened = (chunks: readonly OpenedChunk[]): readonly OpenedHourChunk[] =>
  chunks.filter((chunk) => chunk.code === 'OPENED')

async function sealOne(kind: Kind = 'glucose', generation = 0): Promise<SealedChunk> {
  const records = kind === 'glucose' ? plainHour(hour(5)) : []
  const [chunk] = await sealHours(nodeCrypto, coverOf(kind, generation), STREAM, [
    { hour: hour(5), revision: 2, records },
  ])
  if (chunk === undefined) throw new Error('one chunk expected')
  return chunk
}

describe.each([
  { name: 'sealed by Node, opened by the browser', sealer: nodeCrypto, opener: webCrypto },
  { name: 'sealed by the browser, opened by Node', sealer: webCrypto, opener: nodeCrypto },
])('hours $name', ({ sealer, opener }) => {
  it('come back whole, for every kind, density and revision', async () => {
    const cases = fc.constantFrom(...KINDS.filter((kind) => kind !== 'conditions')).chain((kind) =>
      fc.record({
        kind: fc.constant(kind),
        generation: fc.nat(2 ** 31 - 1),
        chunksPerHour: fc.integer({ min: 1, max: 3 }),
        hours: fc.uniqueArray(
          fc.nat(71).chain((offset) =>
            fc.record({
              hour: fc.constant(hour(offset)),
              revision: fc.nat(2 ** 31 - 1),
              records: fc.array(kind === 'glucose' ? glucoseIn(hour(offset)) : othersIn(hour(offset), kind), {
                maxLength: 20,
              }),
            }),
          ),
          { selector: (one) => one.hour, maxLength: 5 },
        ),
      }),
    )
    await fc.assert(
      fc.asyncProperty(cases, async ({ kind, generation, chunksPerHour, hours }) => {
        const cover = coverOf(kind, generation)
        const sealed = await sealHours(sealer, cover, STREAM, hours, { chunksPerHour })
        const results = await openHours(opener, cover, STREAM, sealed.map(toOpen))
        expect(new Set(codes(results))).toEqual(new Set(hours.length === 0 ? [] : ['OPENED']))
        const whole = currentHours(opened(results))
        const sorted = hours.toSorted((a, b) => a.hour - b.hour)
        expect(whole).toStrictEqual(sorted.map((one) => ({ ...one, generation, missing: [] })))
        for (const [i, result] of opened(results).entries()) {
          expect(result.leaf).toEqual(sealed[i]?.leaf)
          expect(chunkLeafData(nobleHasher, sealed[i]?.bytes ?? new Uint8Array(0))).toEqual(result.leaf)
        }
      }),
      { numRuns: 25 },
    )
  })
})

describe('a chunk opens only as what it was sealed as', () => {
  it('its own position, patient and keys open it', async () => {
    const chunk = await sealOne()
    expect(codes(await openHours(nodeCrypto, coverOf('glucose'), STREAM, [toOpen(chunk)]))).toEqual([
      'OPENED',
    ])
  })

  it.each([
    { why: 'another hour', change: { hour: hour(6) }, code: 'KEY_MISMATCH' },
    { why: 'another revision', change: { revision: 3 }, code: 'CHUNK_TAMPERED' },
    { why: 'another place among the chunks', change: { overflow: 1 }, code: 'CHUNK_TAMPERED' },
    { why: 'the hour before the window', change: { hour: hour(-1) }, code: 'HOUR_NOT_COVERED' },
    { why: 'the hour after the window', change: { hour: hour(72) }, code: 'HOUR_NOT_COVERED' },
  ])('not as $why', async ({ change, code }) => {
    const moved = { ...toOpen(await sealOne()), ...change }
    expect(codes(await openHours(nodeCrypto, coverOf('glucose'), STREAM, [moved]))).toEqual([code])
  })

  it('not for another patient, though the keys be the same', async () => {
    const chunk = await sealOne()
    for (let bit = 0; bit < 256; bit += 17) {
      const other = STREAM.slice()
      other[bit >> 3] = (other[bit >> 3] ?? 0) ^ (1 << (bit & 7))
      expect(codes(await openHours(nodeCrypto, coverOf('glucose'), other, [toOpen(chunk)]))).toEqual([
        'CHUNK_TAMPERED',
      ])
    }
  })

  it('not with the keys of another patient, kind or generation', async () => {
    const chunk = await sealOne()
    const strangers = [
      coverOf('glucose', 0, days(3), new Uint8Array(32).fill(8)),
      coverOf('insulin'),
      coverOf('glucose', 1),
    ]
    for (const cover of strangers) {
      expect(codes(await openHours(nodeCrypto, cover, STREAM, [toOpen(chunk)]))).toEqual(['KEY_MISMATCH'])
      // Nor when somebody writes the stranger's commitment into the chunk, or names their own kind and generation.
      const [own] = await sealHours(nodeCrypto, cover, STREAM, [{ hour: hour(5), revision: 2, records: [] }])
      const forged = chunk.bytes.slice()
      forged.set(own?.bytes.subarray(2, 34) ?? [], 2)
      expect(
        codes(await openHours(nodeCrypto, cover, STREAM, [{ ...toOpen(chunk), bytes: forged }])),
      ).toEqual(['CHUNK_TAMPERED'])
      const renamed = { ...coverOf('glucose'), kind: cover.kind, generation: cover.generation + 1 }
      expect(codes(await openHours(nodeCrypto, renamed, STREAM, [toOpen(chunk)]))).toEqual(['CHUNK_TAMPERED'])
    }
  })

  it('not with any one byte of it changed, nor cut, nor longer', async () => {
    const { bytes, ...at } = toOpen(await sealOne())
    const altered = Array.from(bytes, (byte, i) => ({ ...at, bytes: bytes.with(i, byte ^ (1 << (i % 8))) }))
    const results = codes(await openHours(nodeCrypto, coverOf('glucose'), STREAM, altered))
    expect(results).not.toContain('OPENED')
    expect(results.slice(0, 2)).toEqual(['SUITE_UNKNOWN', 'SUITE_UNKNOWN'])
    expect(new Set(results.slice(2, 34))).toEqual(new Set(['KEY_MISMATCH']))
    expect(new Set(results.slice(34))).toEqual(new Set(['CHUNK_TAMPERED']))
    const cut = [0, 1, CHUNK_OVERHEAD - 1, CHUNK_OVERHEAD, bytes.length - 16, bytes.length - 1].map(
      (length) => ({
        ...at,
        bytes: bytes.slice(0, length),
      }),
    )
    const longer = { ...at, bytes: Uint8Array.of(...bytes, 0) }
    const cutCodes = codes(await openHours(nodeCrypto, coverOf('glucose'), STREAM, [...cut, longer]))
    expect(cutCodes).toEqual([
      'CHUNK_MALFORMED',
      'CHUNK_MALFORMED',
      'CHUNK_MALFORMED',
      'CHUNK_TAMPERED',
      'CHUNK_TAMPERED',
      'CHUNK_TAMPERED',
      'CHUNK_TAMPERED',
    ])
  })

  it('and a broken one spoils no other', async () => {
    const hours = [0, 1, 2, 3].map((offset) => ({
      hour: hour(offset),
      revision: 0,
      records: plainHour(hour(offset)),
    }))
    const sealed = (await sealHours(nodeCrypto, coverOf('glucose'), STREAM, hours)).map(toOpen)
    const second = sealed[1]
    if (second === undefined) throw new Error('four chunks expected')
    sealed[1] = { ...second, bytes: second.bytes.slice(0, 60) }
    const results = await openHours(nodeCrypto, coverOf('glucose'), STREAM, sealed)
    expect(codes(results)).toEqual(['OPENED', 'CHUNK_MALFORMED', 'OPENED', 'OPENED'])
    expect(opened(results).map((one) => one.context.hour)).toEqual([hour(0), hour(2), hour(3)])
  })
})

describe('hashing hours together', () => {
  it('seals the bytes that hashing one by one seals, of every kind', async () => {
    const still = { ...nodeCipher, random: (length: number) => new Uint8Array(length).fill(5) }
    const oneByOne = { ...nodeHasher, rows: undefined }
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom<Kind>('glucose', 'notes', 'insulin'),
        fc.nat(40),
        async (kind, first) => {
          const hours = Array.from({ length: 7 }, (_, i) => ({
            hour: hour(first + i),
            revision: i,
            records: kind === 'glucose' && i % 3 > 0 ? plainHour(hour(first + i)) : [],
          }))
          const sealed = await Promise.all(
            [nodeHasher, oneByOne].map((hasher) =>
              sealHours({ cipher: still, hasher }, coverOf(kind), STREAM, hours, { chunksPerHour: 2 }),
            ),
          )
          expect(sealed[0]).toEqual(sealed[1])
        },
      ),
      { numRuns: 10 },
    )
  })
})

describe('a dishonest sealer, who holds the keys,', () => {
  it('cannot pass a reading root that is not the readings’ own', async () => {
    // A hasher that lies about the root only: everything else, tag included, is sound.
    const lying: Crypto = {
      cipher: nodeCipher,
      hasher: {
        ...nodeHasher,
        rows: undefined,
        sha256: (message) =>
          message.length > 400 && message.length < 500
            ? nodeHasher.sha256(message).fill(0)
            : nodeHasher.sha256(message),
      },
    }
    const [chunk] = await sealHours(lying, coverOf('glucose'), STREAM, [
      { hour: hour(0), revision: 0, records: [] },
    ])
    if (chunk === undefined) throw new Error('one chunk expected')
    expect(chunk.bytes.subarray(34, 66).every((byte) => byte === 0)).toBe(true)
    expect(codes(await openHours(nodeCrypto, coverOf('glucose'), STREAM, [toOpen(chunk)]))).toEqual([
      'READING_ROOT_WRONG',
    ])
  })

  it('cannot pass a payload that breaks the format', async () => {
    const breaking: Crypto = {
      hasher: nodeHasher,
      cipher: {
        ...nodeCipher,
        encrypt: (jobs) =>
          nodeCipher.encrypt(
            jobs.map((job) => ({ ...job, plaintext: job.plaintext.map((byte, i) => (i === 1 ? 13 : byte)) })),
          ),
      },
    }
    const [chunk] = await sealHours(breaking, coverOf('glucose'), STREAM, [
      { hour: hour(0), revision: 0, records: [] },
    ])
    if (chunk === undefined) throw new Error('one chunk expected')
    expect(codes(await openHours(nodeCrypto, coverOf('glucose'), STREAM, [toOpen(chunk)]))).toEqual([
      'PAYLOAD_MALFORMED',
    ])
  })
})

describe('sealing', () => {
  it('never uses a nonce twice over 10,000 chunks', async () => {
    expect(await noncesOf(10_000)).toBe(10_000)
  })

  it('the same content twice shares neither ciphertext nor name', async () => {
    const [a, b] = [await sealOne(), await sealOne()]
    expect(a.bytes.subarray(78)).not.toEqual(b.bytes.subarray(78))
    expect(a.leaf).not.toEqual(b.leaf)
  })

  it('the same readings in another revision have another reading root, so equality does not show', async () => {
    const hours = [0, 1].map((revision) => ({ hour: hour(0), revision, records: plainHour(hour(0)) }))
    const [a, b] = await sealHours(nodeCrypto, coverOf('glucose'), STREAM, hours)
    expect(a?.bytes.subarray(34, 66)).not.toEqual(b?.bytes.subarray(34, 66))
  })

  it('gives chunks of one size for a stream, whatever the hours hold', async () => {
    const counts = [0, 1, 7, 12]
    const hours = counts.map((count, i) => ({
      hour: hour(i),
      revision: 0,
      records: plainHour(hour(i), count),
    }))
    const sealed = await sealHours(nodeCrypto, coverOf('glucose'), STREAM, hours)
    expect(new Set(sealed.map((chunk) => chunk.bytes.length)).size).toBe(1)
    const dense = [0, 13, 60].map((count, i) => ({
      hour: hour(i),
      revision: 0,
      records: plainHour(hour(i), count),
    }))
    const padded = await sealHours(nodeCrypto, coverOf('glucose'), STREAM, dense, { chunksPerHour: 5 })
    expect(padded.map((chunk) => chunk.context.overflow)).toEqual([
      0, 1, 2, 3, 4, 0, 1, 2, 3, 4, 0, 1, 2, 3, 4,
    ])
    expect(new Set([...sealed, ...padded].map((chunk) => chunk.bytes.length)).size).toBe(1)
  })

  it('shows no record byte, patient or hour in a chunk', async () => {
    const chunk = await sealOne()
    const text = Buffer.from(chunk.bytes)
    expect(text.includes(Buffer.from(STREAM.subarray(0, 8)))).toBe(false)
    expect(text.includes(Buffer.from(encodeContext(chunk.context).subarray(34, 43)))).toBe(false)
  })

  it.each([
    { at: hour(72), code: 'HOUR_NOT_COVERED', revision: 0, why: 'an hour beyond the keys' },
    {
      at: quantity<UtcHour>(HOUR_LIMIT),
      code: 'HOUR_NOT_COVERED',
      revision: 0,
      why: 'an hour beyond the tree',
    },
    { at: hour(0), code: 'CONTEXT_MALFORMED', revision: -1, why: 'a negative revision' },
    { at: hour(0), code: 'CONTEXT_MALFORMED', revision: 0.5, why: 'half a revision' },
  ])('refuses $why', async ({ at, code, revision }) => {
    const sealing = sealHours(nodeCrypto, coverOf('glucose'), STREAM, [{ hour: at, revision, records: [] }])
    await expect(sealing).rejects.toMatchObject({ code })
  })
})

it('a chunk built from the documentation alone, frozen, opens to its records on both ciphers', async () => {
  const cover = streamCover(nodeHasher, fromHex(frozen.root), 'glucose', frozen.generation)
  const chunk = {
    hour: quantity<UtcHour>(frozen.hour),
    revision: frozen.revision,
    overflow: frozen.overflow,
    bytes: fromHex(frozen.chunk),
  }
  for (const crypto of [nodeCrypto, webCrypto]) {
    const [result] = await openHours(crypto, cover, fromHex(frozen.stream), [chunk])
    if (result?.code !== 'OPENED') throw new Error(result?.code)
    expect(result.records).toEqual(frozen.records)
    expect(toHex(result.leaf)).toBe(`0x${frozen.leaf}`)
  }
})

describe('the current hours', () => {
  const open = async (chunks: readonly SealedChunk[]): Promise<readonly OpenedHourChunk[]> =>
    opened(await openHours(nodeCrypto, coverOf('glucose'), STREAM, chunks.map(toOpen)))

  it('take a correction for the truth, and the original still opens', async () => {
    const original = plainHour(hour(0))
    const corrected = original.map((reading, i) => (i === 3 ? { ...reading, value: 55 } : reading))
    const hours = [original, corrected].map((records, revision) => ({ hour: hour(0), revision, records }))
    const both = await open(await sealHours(nodeCrypto, coverOf('glucose'), STREAM, hours))
    expect(both.map((one) => one.records)).toEqual([original, corrected])
    expect(currentHours(both.toReversed())).toMatchObject([{ revision: 1, records: corrected, missing: [] }])
  })

  it('say which chunks of a dense hour were held back', async () => {
    const hours = [{ hour: hour(0), revision: 0, records: plainHour(hour(0), 60) }]
    const all = await open(await sealHours(nodeCrypto, coverOf('glucose'), STREAM, hours))
    expect(currentHours(all)).toMatchObject([{ missing: [] }])
    expect(currentHours(all.filter((one) => one.context.overflow !== 2))).toMatchObject([{ missing: [2] }])
    expect(currentHours(all.toReversed())[0]?.records).toEqual(plainHour(hour(0), 60))
  })

  it('are none for no chunks', () => expect(currentHours([])).toEqual([]))
})
