import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type HourWindow, type Kind, quantity, type UtcHour } from '../vocabulary/index.ts'
import type { Cover } from './cover.ts'
import { narrowCover, streamCover } from './key-tree.ts'
import { nobleHasher } from './noble-hasher.ts'
import { nodeCrypto, nodeHasher } from './node-cipher.door.ts'
import { proveReading, type ReadingProof, verifyReading } from './reading-proof.ts'
import { type SealedChunk, sealHours } from './seal-hours.ts'
import { glucoseIn, othersIn, plainHour, SOME_HOUR } from './testing/records.ts'

const ROOT = new Uint8Array(32).fill(3)
const STREAM = new Uint8Array(32).fill(4)
const WINDOW: HourWindow = { first: SOME_HOUR, end: quantity<UtcHour>(SOME_HOUR + 2) }
const coverOf = (kind: Kind): Cover => narrowCover(nodeHasher, streamCover(nodeHasher, ROOT, kind, 0), WINDOW)
const toOpen = (chunk: SealedChunk) => ({ ...chunk.context, bytes: chunk.bytes })

async function proofOf(kind: Kind, chunk: SealedChunk, slot: number): Promise<ReadingProof> {
  const made = await proveReading(nodeCrypto, coverOf(kind), STREAM, toOpen(chunk), slot)
  if (made.code !== 'PROVEN') throw new Error(`not proven: ${made.code}`)
  return made.proof
}

async function sealed(): Promise<SealedChunk> {
  const hours = [{ hour: SOME_HOUR, revision: 0, records: plainHour(SOME_HOUR, 7) }]
  const [chunk] = await sealHours(nodeCrypto, coverOf('glucose'), STREAM, hours)
  if (chunk === undefined) throw new Error('one chunk expected')
  return chunk
}

describe('a single reading', () => {
  it('is shown against the leaf of its chunk, for every reading of every kind', async () => {
    const kinds = fc.constantFrom('glucose' as const, 'insulin' as const, 'notes' as const)
    const cases = kinds.chain((kind) =>
      fc.record({
        kind: fc.constant(kind),
        records: fc.array(kind === 'glucose' ? glucoseIn(SOME_HOUR) : othersIn(SOME_HOUR, kind), {
          minLength: 1,
          maxLength: 12,
        }),
      }),
    )
    await fc.assert(
      fc.asyncProperty(cases, async ({ kind, records }) => {
        const shown: unknown[] = []
        const hours = [{ hour: SOME_HOUR, revision: 0, records }]
        for (const chunk of await sealHours(nodeCrypto, coverOf(kind), STREAM, hours)) {
          for (let slot = 0; slot < 16; slot++) {
            const made = await proveReading(nodeCrypto, coverOf(kind), STREAM, toOpen(chunk), slot)
            if (made.code === 'NO_SUCH_READING') break
            if (made.code !== 'PROVEN') throw new Error(made.code)
            const checked = verifyReading(nobleHasher, made.proof, chunk.leaf)
            if (checked.code === 'SHOWN') shown.push(checked.record)
          }
        }
        expect(shown).toStrictEqual(records)
      }),
      { numRuns: 15 },
    )
  })

  it('is not shown by a proof with anything in it changed', async () => {
    const chunk = await sealed()
    const proof = await proofOf('glucose', chunk, 3)
    const flip = (bytes: Uint8Array, at: number): Uint8Array => bytes.with(at, (bytes[at] ?? 0) ^ 1)
    const { context } = proof
    const others = (change: (list: Uint8Array[]) => Uint8Array[]): ReadingProof => ({
      ...proof,
      others: change([...proof.others]),
    })
    const wrong: readonly ReadingProof[] = [
      ...Array.from(proof.bytes, (_, at) => ({ ...proof, bytes: flip(proof.bytes, at) })),
      ...Array.from(proof.salt, (_, at) => ({ ...proof, salt: flip(proof.salt, at) })),
      { ...proof, salt: proof.salt.slice(1) },
      {
        ...proof,
        salt: Uint8Array.of(...proof.salt, ...proof.bytes.subarray(0, 1)),
        bytes: proof.bytes.slice(1),
      },
      { ...proof, chunkDigest: flip(proof.chunkDigest, 31) },
      ...[-1, 2, 4, 11, 12, 0.5, Number.NaN].map((slot) => ({ ...proof, slot })),
      { ...proof, context: { ...context, hour: quantity<UtcHour>(context.hour + 1) } },
      { ...proof, context: { ...context, hour: quantity<UtcHour>(-1) } },
      { ...proof, context: { ...context, revision: 1 } },
      { ...proof, context: { ...context, generation: 1 } },
      { ...proof, context: { ...context, overflow: 1 } },
      { ...proof, context: { ...context, kind: 'insulin' } },
      { ...proof, context: { ...context, stream: flip(STREAM, 9).slice() } },
      others((list) => list.slice(1)),
      others((list) => [...list, new Uint8Array(32)]),
      others((list) => list.toReversed()),
      others((list) => list.map((one, i) => (i === 5 ? flip(one, 0) : one))),
    ]
    expect(verifyReading(nodeHasher, proof, chunk.leaf).code).toBe('SHOWN')
    for (const one of wrong) {
      expect(verifyReading(nodeHasher, one, chunk.leaf)).toEqual({ code: 'READING_NOT_PROVEN' })
    }
    expect(verifyReading(nodeHasher, proof, flip(chunk.leaf, 20)).code).toBe('READING_NOT_PROVEN')
  })

  it('tells nothing of its neighbours, nor how many there are', async () => {
    const chunk = await sealed()
    const full = await sealHours(nodeCrypto, coverOf('glucose'), STREAM, [
      { hour: SOME_HOUR, revision: 0, records: plainHour(SOME_HOUR, 12) },
    ])
    const few = await proofOf('glucose', chunk, 0)
    const many = await proofOf('glucose', full[0] ?? chunk, 0)
    expect(many.others.length).toBe(few.others.length)
    // A guesser who knows every neighbour exactly, but no salt, finds no leaf: try them unsalted and with this salt.
    const neighbour = (await proofOf('glucose', chunk, 1)).bytes
    const guesses = [new Uint8Array(16), few.salt].map((salt) =>
      nodeHasher.sha256(Uint8Array.of(0, ...salt, ...neighbour)),
    )
    for (const guess of guesses) expect(few.others).not.toContainEqual(guess)
    const salts = new Set<string>()
    for (let slot = 0; slot < 7; slot++) salts.add(String((await proofOf('glucose', chunk, slot)).salt))
    expect(salts.size).toBe(7)
  })

  it('is not made where there is none, or where the keys do not reach', async () => {
    const chunk = await sealed()
    const prove = async (slot: number, cover = coverOf('glucose')): Promise<string> =>
      (await proveReading(nodeCrypto, cover, STREAM, toOpen(chunk), slot)).code
    expect(await prove(6)).toBe('PROVEN')
    for (const slot of [7, 12, -1, 1.5]) expect(await prove(slot)).toBe('NO_SUCH_READING')
    const after = { first: quantity<UtcHour>(SOME_HOUR + 1), end: quantity<UtcHour>(SOME_HOUR + 9) }
    const beside = narrowCover(nodeHasher, streamCover(nodeHasher, ROOT, 'glucose', 0), after)
    expect(await prove(0, beside)).toBe('HOUR_NOT_COVERED')
    expect(await prove(0, coverOf('insulin'))).toBe('KEY_MISMATCH')
  })
})
