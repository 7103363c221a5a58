import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  encodeRecord,
  type JournalBlock,
  type JournalGenesis,
  RECORDS_START,
  readJournal,
  readRecords,
} from '../journal/index.ts'
import { type Bytes, concat, hash32, quantity, toHex, type UnixSeconds } from '../vocabulary/index.ts'
import { EMBEDDED_CHAIN } from './chain-parameters.ts'
import { encodeBlock, encodeGenesis } from './journal-encoding.ts'
import { hashOf, signerOf } from './testing/fixtures.ts'

const genesis: JournalGenesis = {
  ...EMBEDDED_CHAIN,
  genesisHash: hashOf('genesis'),
  operator: signerOf('operator').address,
}

const bytes = (min: number, max: number) =>
  fc.uint8Array({ minLength: min, maxLength: max }).map((array) => Uint8Array.from(array))
const hash = bytes(32, 32).map((array) => hash32(toHex(array)))
const transactions = fc.array(
  fc.record({ raw: bytes(0, 300).map((array) => toHex(array)), keys: fc.array(hash, { maxLength: 3 }) }),
  { maxLength: 5 },
)
const chainOf = fc
  .array(fc.record({ transactions, wait: fc.nat(5), parentHash: hash }), { maxLength: 6 })
  .map((parts) => {
    let time = genesis.genesisTimestamp
    return parts.map(({ transactions, wait, parentHash }, i): JournalBlock => {
      time += wait
      const timestamp = quantity<UnixSeconds>(time)
      return {
        height: i + 1,
        timestamp,
        transactions,
        parentHash: i === 0 ? genesis.genesisHash : parentHash,
      }
    })
  })

function fileOf(payloads: readonly Bytes[]): { readonly file: Bytes; readonly ends: readonly number[] } {
  let last = RECORDS_START
  const ends: number[] = []
  const parts = payloads.map((payload) => {
    const record = encodeRecord(last, payload)
    last = record.hash
    ends.push((ends.at(-1) ?? 0) + record.bytes.length)
    return record.bytes
  })
  return { file: concat(...parts), ends }
}
const journalOf = (blocks: readonly JournalBlock[]) =>
  fileOf([encodeGenesis(genesis), ...blocks.map(encodeBlock)])

function read(file: Uint8Array) {
  const opened = readJournal(file)
  if (opened === undefined) return { genesis: undefined, blocks: [], torn: file.length }
  const blocks: JournalBlock[] = []
  for (;;) {
    const next = opened.entries.next()
    if (next.done) return { genesis: opened.genesis, blocks, torn: next.value.torn }
    blocks.push(next.value.block)
  }
}

describe('the journal', () => {
  test('gives back what was written', () => {
    fc.assert(
      fc.property(chainOf, (blocks) => {
        expect(read(journalOf(blocks).file)).toEqual({ genesis, blocks, torn: 0 })
      }),
    )
  })

  test('cut anywhere, it ends with its last whole block', () => {
    fc.assert(
      fc.property(chainOf, fc.double({ min: 0, max: 1, noNaN: true }), (blocks, share) => {
        const { file, ends } = journalOf(blocks)
        const length = Math.floor(share * file.length)
        const whole = ends.filter((end) => end <= length)
        const { blocks: kept, torn } = read(file.subarray(0, length))
        expect(kept).toEqual(blocks.slice(0, Math.max(0, whole.length - 1)))
        expect(torn).toBe(whole.length === 0 ? length : length - (whole.at(-1) ?? 0))
      }),
    )
  })

  test('one changed byte before the last record is refused with its offset; in it, the record is cut off', () => {
    fc.assert(
      fc.property(
        chainOf.filter((blocks) => blocks.length > 1),
        fc.nat(),
        fc.integer({ min: 1, max: 255 }),
        (blocks, at, flip) => {
          const { file, ends } = journalOf(blocks)
          const position = at % file.length
          const broken = Uint8Array.from(file)
          broken[position] = (broken[position] ?? 0) ^ flip
          const record = ends.findIndex((end) => position < end)
          const offset = record === 0 ? 0 : ends[record - 1]
          if (record < ends.length - 1) {
            expect(() => read(broken)).toThrow(
              expect.objectContaining({ code: 'RECORDS_CORRUPT', facts: { offset } }),
            )
          } else expect(read(broken).blocks).toEqual(blocks.slice(0, -1))
        },
      ),
      { numRuns: 400 },
    )
  })

  test('a record torn off inside a sender’s imitation of a record is still a torn end', () => {
    const { file, ends } = journalOf([])
    const imitation = encodeRecord(RECORDS_START, new Uint8Array(40)).bytes
    const payload = concat(new Uint8Array(60), imitation, imitation, new Uint8Array(500))
    const { hash } = [...readRecords(file)].at(-1) ?? { hash: RECORDS_START }
    const whole = concat(file, encodeRecord(hash, payload).bytes)
    expect(read(whole.subarray(0, whole.length - 100)).torn).toBe(whole.length - 100 - (ends[0] ?? 0))
  })

  const first: JournalBlock = {
    height: 1,
    timestamp: quantity<UnixSeconds>(genesis.genesisTimestamp + 10),
    parentHash: genesis.genesisHash,
    transactions: [],
  }
  const disorders: readonly { readonly why: string; readonly blocks: readonly JournalBlock[] }[] = [
    { why: 'a height is left out', blocks: [{ ...first, height: 2 }] },
    { why: 'it hangs on another genesis', blocks: [{ ...first, parentHash: hashOf('other') }] },
    {
      why: 'time goes backwards',
      blocks: [first, { ...first, height: 2, timestamp: quantity<UnixSeconds>(first.timestamp - 1) }],
    },
  ]
  test.each(disorders)('a journal is refused when $why', ({ blocks }) => {
    expect(() => read(journalOf(blocks).file)).toThrow(
      expect.objectContaining({ code: 'JOURNAL_OUT_OF_ORDER' }),
    )
  })

  test('a sound record that holds no block is refused', () => {
    const { file } = fileOf([encodeGenesis(genesis), Uint8Array.from([1, 2, 3])])
    expect(() => read(file)).toThrow(expect.objectContaining({ code: 'JOURNAL_MALFORMED' }))
  })
})
