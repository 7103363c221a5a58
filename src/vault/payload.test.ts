import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { HealthRecord } from '../series/index.ts'
import { KINDS, type Kind, quantity, type UnixSeconds, type UtcHour } from '../vocabulary/index.ts'
import { bucketFor, STANDARD_BUCKET } from './json-codec.ts'
import { codecOf } from './payload.ts'
import { glucoseIn, othersIn, plainHour, SOME_HOUR } from './testing/records.ts'

const OTHERS: readonly Kind[] = ['insulin', 'meals', 'laboratory', 'notes', 'device']
const NEXT = quantity<UtcHour>(SOME_HOUR + 1)
const recordsOf = (kind: Kind, maxLength: number): fc.Arbitrary<readonly HealthRecord[]> =>
  kind === 'glucose'
    ? fc.array(glucoseIn(SOME_HOUR), { maxLength })
    : fc.array(othersIn(SOME_HOUR, kind), { maxLength })

describe.each(['glucose' as const, ...OTHERS])('the payload of %s', (kind) => {
  const codec = codecOf(kind)

  it('gives back every record as it was, in order, bit for bit', () => {
    fc.assert(
      fc.property(recordsOf(kind, 40), fc.integer({ min: 0, max: 6 }), (records, atLeast) => {
        const chunks = codec.encode(SOME_HOUR, records, atLeast)
        expect(chunks.length).toBeGreaterThanOrEqual(Math.max(1, atLeast))
        const decoded = chunks.map((chunk) => codec.decode(SOME_HOUR, chunk))
        expect(decoded.flatMap((one) => one?.records ?? [])).toStrictEqual(records)
        expect(decoded.every((one) => one?.chunks === chunks.length)).toBe(true)
      }),
    )
  })

  it('shows every record in a slot of its own, and has the same number of slots always', () => {
    fc.assert(
      fc.property(recordsOf(kind, 20), (records) => {
        const shown: HealthRecord[] = []
        for (const chunk of codec.encode(SOME_HOUR, records, 1)) {
          const slots = codec.slotsOf(chunk) ?? []
          expect(slots).toHaveLength(codec.slots)
          for (const slot of slots) {
            const record = codec.decodeSlot(SOME_HOUR, slot)
            if (record !== undefined) shown.push(record)
          }
        }
        expect(shown).toStrictEqual(records)
      }),
      { numRuns: 40 },
    )
  })

  it('has one spelling: altered bytes are refused or spell what they say', () => {
    fc.assert(
      fc.property(
        recordsOf(kind, 3),
        fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 4 }),
        (records, edits) => {
          const [chunk] = codec.encode(SOME_HOUR, records, 1)
          const altered = new Uint8Array(chunk ?? [])
          for (const [at, byte] of edits) altered[at % altered.length] = byte
          const decoded = codec.decode(SOME_HOUR, altered)
          if (decoded === undefined || decoded.chunks !== 1) return
          expect(codec.encode(SOME_HOUR, decoded.records, 1)).toEqual([altered])
        },
      ),
      { numRuns: 300 },
    )
  })

  it('refuses arbitrary bytes of any length without throwing', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 2100 }), (bytes) => {
        expect(codec.decode(SOME_HOUR, bytes)).toBeUndefined()
        expect(codec.decodeSlot(SOME_HOUR, bytes)).toBeUndefined()
      }),
    )
  })

  it('refuses a record of the next hour, sealing and opening', () => {
    fc.assert(
      fc.property(recordsOf(kind, 1), (records) => {
        const moved = records.map((record) => ({ ...record, at: quantity<UnixSeconds>(record.at + 3600) }))
        if (moved.length === 0) return
        expect(() => codec.encode(SOME_HOUR, moved, 1)).toThrow(
          expect.objectContaining({ code: 'RECORD_OUTSIDE_HOUR' }),
        )
        const [chunk] = codec.encode(NEXT, moved, 1)
        expect(codec.decode(SOME_HOUR, chunk ?? new Uint8Array(0))).toBeUndefined()
      }),
      { numRuns: 30 },
    )
  })

  it('refuses records of another kind', () => {
    const other = kind === 'insulin' ? 'device' : 'insulin'
    fc.assert(
      fc.property(othersIn(SOME_HOUR, other), (record) => {
        expect(() => codec.encode(SOME_HOUR, [record], 1)).toThrow(
          expect.objectContaining({ code: 'RECORD_NOT_SEALABLE' }),
        )
      }),
      { numRuns: 10 },
    )
  })
})

describe('what a slot of glucose cannot hold', () => {
  const [plain] = plainHour(SOME_HOUR)
  if (plain === undefined) throw new Error('a plain hour has readings')
  const extra: object = { ...plain, trend: 'Flat' }
  it.each([
    { record: { ...plain, value: Number.NaN }, why: 'a value that is no number' },
    { record: { ...plain, value: Number.POSITIVE_INFINITY }, why: 'an infinite value' },
    { record: { ...plain, device: -1 }, why: 'a negative device number' },
    { record: { ...plain, device: 1.5 }, why: 'half a device' },
    { record: { ...plain, tick: Number.NaN }, why: 'a tick that is no number' },
    { record: extra as typeof plain, why: 'a member that would be lost' },
  ])('is refused instead of rounded or dropped: $why', ({ record }) => {
    expect(() => codecOf('glucose').encode(SOME_HOUR, [record], 1)).toThrow(
      expect.objectContaining({ code: 'RECORD_NOT_SEALABLE' }),
    )
  })
})

describe('sizes', () => {
  it('of glucose chunks are one, whatever is inside', () => {
    const sizes = new Set(
      [0, 1, 11, 12, 13, 60].flatMap((count) =>
        codecOf('glucose')
          .encode(SOME_HOUR, plainHour(SOME_HOUR, count), 1)
          .map((chunk) => chunk.length),
      ),
    )
    expect(sizes.size).toBe(1)
  })

  it('of every other kind are one as well, however many records, unless one record alone is longer', () => {
    for (const kind of OTHERS) {
      fc.assert(
        fc.property(recordsOf(kind, 30), (records) => {
          const short = records.filter(
            (record) => new TextEncoder().encode(JSON.stringify(record)).length < 1000,
          )
          for (const chunk of codecOf(kind).encode(SOME_HOUR, short, 1))
            expect(chunk.length).toBe(STANDARD_BUCKET)
        }),
        { numRuns: 30 },
      )
    }
  })

  it('of a long record are powers of two, and the record stands alone', () => {
    const codec = codecOf('notes')
    const at = plainHour(SOME_HOUR)[0]
    if (at === undefined) throw new Error('a plain hour has readings')
    const note = (length: number): HealthRecord => ({
      type: 'note',
      at: at.at,
      local: at.local,
      text: 'x'.repeat(length),
    })
    const chunks = codec.encode(SOME_HOUR, [note(3), note(5000), note(3)], 1)
    expect(chunks.map((chunk) => chunk.length)).toEqual([1024, 8192, 1024])
    expect(() => codec.encode(SOME_HOUR, [note(2 ** 21)], 1)).toThrow(
      expect.objectContaining({ code: 'RECORD_NOT_SEALABLE' }),
    )
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 2 ** 21 }), (size) => {
        const bucket = bucketFor(size)
        expect(bucket >= size && Number.isInteger(Math.log2(bucket / 256))).toBe(true)
        expect(bucket === STANDARD_BUCKET || bucket / 2 < size).toBe(true)
      }),
    )
  })
})

it('every kind has a codec, also the one that no record type uses yet', () => {
  for (const kind of KINDS) expect(codecOf(kind).encode(SOME_HOUR, [], 2)).toHaveLength(2)
})
