import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { quantity, type UtcHour } from '../vocabulary/index.ts'
import { narrowCover, streamCover } from './key-tree.ts'
import { nodeCrypto, nodeHasher } from './node-cipher.door.ts'
import { openHours } from './open-hours.ts'
import { type SealedChunk, sealHours } from './seal-hours.ts'
import { chunksOf, hourObject, packDay } from './stored-object.ts'
import { plainHour, SOME_HOUR } from './testing/records.ts'

const STREAM = new Uint8Array(32).fill(5)
const DAY = { first: SOME_HOUR, end: quantity<UtcHour>(SOME_HOUR + 24) }
const cover = narrowCover(nodeHasher, streamCover(nodeHasher, new Uint8Array(32), 'glucose', 2), DAY)

/** A day in which the given hours have readings. */
function sealDay(counts: readonly number[], chunksPerHour = 1): Promise<readonly SealedChunk[]> {
  const hours = Array.from({ length: 24 }, (_, i) => {
    const hour = quantity<UtcHour>(SOME_HOUR + i)
    return { hour, revision: i % 3, records: plainHour(hour, counts[i] ?? 0) }
  })
  return sealHours(nodeCrypto, cover, STREAM, hours, { chunksPerHour })
}

describe('an hour object', () => {
  it('tells a custodian without a key which chunk it holds', async () => {
    for (const chunk of await sealDay([12])) {
      const [stored, ...rest] = chunksOf(hourObject(chunk))
      expect(rest).toEqual([])
      expect(stored?.context).toEqual(chunk.context)
      expect(new Uint8Array(stored?.bytes ?? [])).toEqual(chunk.bytes)
    }
  })
})

describe('a day object', () => {
  it('has one size, however much or little was measured', async () => {
    const days = [[], [1], [0, 12, 12, 3], Array.from({ length: 24 }, () => 12)]
    const sizes = await Promise.all(days.map(async (counts) => packDay(await sealDay(counts)).length))
    expect(new Set(sizes).size).toBe(1)
    const dense = [[], [60, 13, 1]]
    const denseSizes = await Promise.all(
      dense.map(async (counts) => packDay(await sealDay(counts, 5)).length),
    )
    expect(new Set(denseSizes).size).toBe(1)
  })

  it('gives back every chunk with its context, and they open', async () => {
    for (const density of [1, 5]) {
      const day = await sealDay([0, 3, 12], density)
      const chunks = chunksOf(packDay(day.toReversed()))
      expect(chunks.map((chunk) => chunk.context)).toEqual(day.map((chunk) => chunk.context))
      const opened = await openHours(
        nodeCrypto,
        cover,
        STREAM,
        chunks.map((one) => ({ ...one.context, bytes: one.bytes })),
      )
      expect(opened.flatMap((one) => (one.code === 'OPENED' ? one.records : []))).toHaveLength(15)
      expect(opened.map((one) => one.code === 'OPENED' && one.leaf)).toEqual(day.map((one) => one.leaf))
    }
  })

  it('is refused when hours are missing, twice, of two days, two streams or two sizes', async () => {
    const day = await sealDay([])
    const [first] = day
    if (first === undefined) throw new Error('24 chunks expected')
    const change = (context: Partial<SealedChunk['context']>): SealedChunk[] => [
      { ...first, context: { ...first.context, ...context } },
      ...day.slice(1),
    ]
    const shifted = day.map((one) => ({
      ...one,
      context: { ...one.context, hour: quantity<UtcHour>(one.context.hour + 1) },
    }))
    const wrong: readonly (readonly SealedChunk[])[] = [
      [],
      day.slice(1),
      [...day, first],
      [...day.slice(1), day[5] ?? first],
      [...day.filter((_, i) => i !== 7), day[5] ?? first],
      shifted,
      change({ overflow: 1 }),
      change({ kind: 'insulin' }),
      change({ stream: new Uint8Array(32) }),
      [{ ...first, bytes: first.bytes.slice(1) }, ...day.slice(1)],
    ]
    for (const one of wrong)
      expect(() => packDay(one)).toThrow(expect.objectContaining({ code: 'DAY_NOT_PACKABLE' }))
  })

  it('is never half read: cut, lengthened or arbitrary bytes are refused', async () => {
    const object = packDay(await sealDay([]))
    const hour = hourObject((await sealDay([]))[0] as SealedChunk)
    fc.assert(
      fc.property(fc.nat(object.length - 1), (length) => {
        expect(() => chunksOf(object.subarray(0, length))).toThrow(
          expect.objectContaining({ code: 'OBJECT_MALFORMED' }),
        )
      }),
    )
    expect(() => chunksOf(Uint8Array.of(...object, 0))).toThrow(
      expect.objectContaining({ code: 'OBJECT_MALFORMED' }),
    )
    expect(() => chunksOf(hour.subarray(0, 100))).toThrow(
      expect.objectContaining({ code: 'OBJECT_MALFORMED' }),
    )
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), fc.boolean(), (random, prefixed) => {
        const bytes = prefixed ? Uint8Array.of(...object.subarray(0, 60), ...random) : random
        expect(() => chunksOf(bytes)).toThrow(expect.objectContaining({ code: 'OBJECT_MALFORMED' }))
      }),
    )
  })
})
