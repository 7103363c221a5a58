import { expect, test } from 'vitest'
import { quantity, type UnixSeconds } from '../vocabulary/index.ts'
import { follow, TRUST_PERIOD_SECONDS, type TrustRules } from './follow.ts'
import type { LightBlock } from './light-block.ts'
import { BEGIN, blockOf, CRYPTO, type Made, type NamedSeat, NOW, seatOf } from './testing/chain.ts'
import { trailTo } from './trail.ts'

const FOUR = ['a', 'b', 'c', 'd'].map((name) => seatOf(name))
const OTHERS = ['e', 'f', 'g', 'h'].map((name) => seatOf(name))
/** Two of four stay: half of the believed power. */
const MIXED = [...FOUR.slice(0, 2), ...OTHERS.slice(0, 2)]
const RULES: TrustRules = { now: NOW, trustPeriod: TRUST_PERIOD_SECONDS }
const START = blockOf({ height: 10, seats: FOUR })

function codeOf(block: LightBlock, rules: TrustRules = RULES): string {
  try {
    follow(START, block, rules, CRYPTO)
    return 'believed'
  } catch (error) {
    return String((error as { code?: string }).code)
  }
}

test.each<{ made: Made; is: string; why: string }>([
  { made: { height: 11, seats: FOUR }, is: 'believed', why: 'it is the next one, signed by all' },
  {
    made: { height: 40, seats: FOUR, signers: ['a', 'b', 'c'] },
    is: 'believed',
    why: 'three of four signed',
  },
  { made: { height: 40, seats: MIXED }, is: 'believed', why: 'half of the believed power signed it too' },
  {
    made: { height: 40, seats: FOUR, signers: ['a', 'b'] },
    is: 'POWER_TOO_SMALL',
    why: 'two of four signed',
  },
  {
    made: { height: 40, seats: ['a', 'b', 'c'].map((name) => seatOf(name)), signers: ['a', 'b'] },
    is: 'POWER_TOO_SMALL',
    why: 'exactly two thirds signed',
  },
  { made: { height: 40, seats: FOUR, signers: [] }, is: 'POWER_TOO_SMALL', why: 'nobody signed' },
  { made: { height: 40, seats: OTHERS }, is: 'SEATS_UNTRUSTED', why: 'none of the believed seats signed' },
  {
    made: { height: 40, seats: [...OTHERS, seatOf('a')] },
    is: 'SEATS_UNTRUSTED',
    why: 'a quarter of the believed power signed',
  },
  {
    made: { height: 40, seats: [seatOf('a', 1), ...OTHERS], signers: ['e', 'f', 'g', 'h'] },
    is: 'SEATS_UNTRUSTED',
    why: 'the believed seat in it did not sign',
  },
  {
    made: { height: 11, seats: MIXED },
    is: 'SEATS_NOT_NEXT',
    why: 'the next block has other seats than named',
  },
  { made: { height: 10, seats: FOUR }, is: 'HEIGHT_NOT_AFTER', why: 'it has the same height' },
  { made: { height: 9, seats: FOUR }, is: 'HEIGHT_NOT_AFTER', why: 'it comes before' },
  {
    made: { height: 40, seats: FOUR, header: { chain: 'islet-8' } },
    is: 'CHAIN_DIFFERS',
    why: 'of another chain',
  },
  {
    made: { height: 40, seats: FOUR, voted: 'islet-8' },
    is: 'SIGNATURE_WRONG',
    why: 'voted on another chain',
  },
  {
    made: { height: 40, seats: FOUR, header: { time: { seconds: BEGIN + 10, nanos: 5 } } },
    is: 'TIME_NOT_AFTER',
    why: 'dated as the believed one',
  },
  {
    made: { height: 40, seats: FOUR, header: { time: { seconds: NOW + 10, nanos: 0 } } },
    is: 'TIME_IN_FUTURE',
    why: 'dated ten seconds after this clock',
  },
])('a block is $is when $why', ({ made, is }) => {
  expect(codeOf(blockOf(made))).toBe(is)
})

const GOOD = blockOf({ height: 40, seats: FOUR })
const ELSE = blockOf({ height: 40, seats: FOUR, header: { appHash: new Uint8Array(32) } })

test.each<{ block: LightBlock; is: string; why: string }>([
  {
    block: { ...GOOD, header: ELSE.header },
    is: 'HEADER_ALTERED',
    why: 'another header under the same votes',
  },
  {
    block: { ...GOOD, commit: { ...GOOD.commit, height: 41 } },
    is: 'HEADER_ALTERED',
    why: 'votes of another height',
  },
  { block: { ...GOOD, seats: MIXED }, is: 'SEATS_ALTERED', why: 'a set with other seats' },
  { block: { ...GOOD, seats: [...FOUR].reverse() }, is: 'SEATS_ALTERED', why: 'the set in another order' },
  {
    block: { ...GOOD, seats: [seatOf('a', 900), ...FOUR.slice(1)] },
    is: 'SEATS_ALTERED',
    why: 'a seat with more power',
  },
  {
    block: { ...GOOD, commit: { ...GOOD.commit, votes: GOOD.commit.votes.slice(0, 3) } },
    is: 'SEATS_ALTERED',
    why: 'fewer places for votes than seats',
  },
  {
    block: { ...GOOD, commit: { ...GOOD.commit, votes: [...GOOD.commit.votes].reverse() } },
    is: 'SIGNATURE_WRONG',
    why: 'votes swapped between seats',
  },
  {
    block: { ...GOOD, commit: { ...GOOD.commit, round: 0 } },
    is: 'SIGNATURE_WRONG',
    why: 'votes of another round',
  },
  {
    block: { ...ELSE, commit: { ...GOOD.commit, block: ELSE.commit.block } },
    is: 'SIGNATURE_WRONG',
    why: 'votes moved to another block',
  },
])('a block is refused as $is with $why', ({ block, is }) => {
  expect(codeOf(block)).toBe(is)
})

test('one flipped bit of one signature refuses the block, though the others suffice', () => {
  const [first, ...rest] = GOOD.commit.votes
  const signature = first!.signature.slice()
  signature[40] = signature[40]! ^ 1
  const votes = [{ ...first!, signature }, ...rest]
  expect(codeOf({ ...GOOD, commit: { ...GOOD.commit, votes } })).toBe('SIGNATURE_WRONG')
})

test('a believed block vouches for others until the trust period is over, to the second', () => {
  const at = (now: number): TrustRules => ({ ...RULES, now: quantity<UnixSeconds>(now) })
  const end = BEGIN + 10 + TRUST_PERIOD_SECONDS
  expect(codeOf(GOOD, at(end - 1))).toBe('believed')
  expect(codeOf(GOOD, at(end))).toBe('ANCHOR_STALE')
})

test('the way to a set that is new in all seats goes over the blocks at which it changed', async () => {
  const setAt = (height: number) => (height < 20 ? FOUR : height < 30 ? MIXED : OTHERS)
  const asked: number[] = []
  const source = async (height: number) => {
    asked.push(height)
    return blockOf({ height, seats: setAt(height), next: setAt(height + 1) })
  }
  const { blocks, end } = await trailTo(START, 40, source, RULES, CRYPTO)
  expect(end.header.height).toBe(40)
  expect(blocks.map(({ header }) => header.height)).toEqual([25, 40])
  expect(asked).toEqual([40, 25])
})

test('a source that lies about a block on the way is caught', async () => {
  const source = async (height: number) => blockOf({ height, seats: OTHERS })
  await expect(trailTo(START, 40, source, RULES, CRYPTO)).rejects.toMatchObject({ code: 'SEATS_NOT_NEXT' })
})

test('exactly a third of the believed power vouches for nothing', () => {
  const three = FOUR.slice(0, 3)
  const start = blockOf({ height: 10, seats: three })
  const leap = (kept: readonly NamedSeat[]): unknown =>
    follow(start, blockOf({ height: 40, seats: [...kept, ...OTHERS] }), RULES, CRYPTO)
  expect(() => leap(three.slice(0, 1))).toThrow(expect.objectContaining({ code: 'SEATS_UNTRUSTED' }))
  expect(() => leap(three.slice(0, 2))).not.toThrow()
})
