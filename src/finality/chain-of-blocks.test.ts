import { describe, expect, test } from 'vitest'
import { nobleHasher } from '../vault/index.ts'
import { quantity, type UnixSeconds } from '../vocabulary/index.ts'
import { anchorOf, type TrustAnchor } from './anchor.ts'
import { ChainOfBlocks } from './chain-of-blocks.ts'
import { TRUST_PERIOD_SECONDS } from './follow.ts'
import { headerHash } from './header.ts'
import type { LightBlock } from './light-block.ts'
import { BEGIN, blockOf, CRYPTO, type Made, type NamedSeat, NOW, seatOf } from './testing/chain.ts'

const FOUR = ['a', 'b', 'c', 'd'].map((name) => seatOf(name))
const FIVE = [...FOUR, seatOf('e')]
const WITHOUT_A = FIVE.slice(1)
const OTHERS = ['w', 'x', 'y', 'z'].map((name) => seatOf(name))

/** Seats of each height: four, a fifth that comes, one that goes. */
const SEATS: readonly (readonly NamedSeat[])[] = [FOUR, FOUR, FIVE, FIVE, WITHOUT_A, WITHOUT_A]
const namedAfter = (height: number): readonly NamedSeat[] => SEATS[height] ?? WITHOUT_A

/** A chain of these seats, each block behind the one before; one of them made otherwise. */
function chain(otherwise: Partial<Made> & { readonly at: number } = { at: 0 }): readonly LightBlock[] {
  const { at, ...changed } = otherwise
  const blocks: LightBlock[] = []
  for (const [place, seats] of SEATS.entries()) {
    const height = place + 1
    const before = blocks.at(-1)
    const made = { height, seats, next: namedAfter(height), ...(height === at ? changed : {}) }
    const lastBlock =
      before === undefined
        ? {}
        : { lastBlock: { ...before.header.lastBlock, hash: headerHash(before.header, nobleHasher) } }
    blocks.push(blockOf({ ...made, header: { ...lastBlock, ...made.header } }))
  }
  return blocks
}

function codeOf(
  blocks: readonly LightBlock[],
  { anchor, now = NOW }: { readonly anchor?: TrustAnchor; readonly now?: number } = {},
): string {
  const taken = new ChainOfBlocks(CRYPTO, anchor)
  try {
    for (const block of blocks) taken.take(block)
    const rules = { now: quantity<UnixSeconds>(now), trustPeriod: TRUST_PERIOD_SECONDS }
    return taken.vouched(rules) ? 'vouched' : 'alone'
  } catch (error) {
    return String((error as { readonly code?: string }).code)
  }
}

const SOUND = chain()
const anchorAt = (height: number): TrustAnchor => anchorOf(SOUND[height - 1]!, nobleHasher)

test('blocks over a seat that comes and one that goes hold, and a believed one before or after vouches for all', () => {
  expect(codeOf(SOUND)).toBe('alone')
  for (const height of [1, 3, 6]) expect(codeOf(SOUND, { anchor: anchorAt(height) })).toBe('vouched')
})

describe('a chain is refused', () => {
  test.each<{ why: string; otherwise: Parameters<typeof chain>[0]; is: string }>([
    {
      why: 'seats that sign for themselves where the block before named others',
      otherwise: { at: 3, seats: OTHERS },
      is: 'SEATS_NOT_NEXT',
    },
    { why: 'seats of the height before', otherwise: { at: 3, seats: FOUR }, is: 'SEATS_NOT_NEXT' },
    { why: 'seats of the height after', otherwise: { at: 2, seats: FIVE }, is: 'SEATS_NOT_NEXT' },
    { why: 'the seat that left', otherwise: { at: 5, seats: FIVE }, is: 'SEATS_NOT_NEXT' },
    {
      why: 'a block that names others next than those that come',
      otherwise: { at: 2, next: OTHERS },
      is: 'SEATS_NOT_NEXT',
    },
    {
      why: 'three of five votes, which were enough of four',
      otherwise: { at: 3, signers: ['a', 'b', 'c'] },
      is: 'POWER_TOO_SMALL',
    },
    {
      why: 'a past of its own',
      otherwise: { at: 4, header: { lastBlock: blockOf({ height: 9, seats: FOUR }).commit.block } },
      is: 'PAST_DIFFERS',
    },
    { why: 'another chain', otherwise: { at: 4, header: { chain: 'islet-8' } }, is: 'CHAIN_DIFFERS' },
    {
      why: 'a time before the block before',
      otherwise: { at: 4, header: { time: { seconds: BEGIN + 3, nanos: 4 } } },
      is: 'TIME_NOT_AFTER',
    },
  ])('with $why: $is', ({ otherwise, is }) => {
    expect(codeOf(chain(otherwise))).toBe(is)
  })

  test('with a block missing, or twice', () => {
    const blocks = SOUND
    expect(codeOf([...blocks.slice(0, 2), ...blocks.slice(3)])).toBe('HEIGHT_NOT_AFTER')
    expect(codeOf([...blocks.slice(0, 3), ...blocks.slice(2)])).toBe('HEIGHT_NOT_AFTER')
  })

  test('where the believed block is another one, or older than the trust period; the last block is never too old', () => {
    const other = { ...anchorAt(3), hash: anchorAt(4).hash }
    expect(codeOf(SOUND, { anchor: other })).toBe('ANCHOR_ALTERED')
    expect(codeOf(SOUND, { anchor: { ...anchorAt(3), chain: 'islet-8' } })).toBe('ANCHOR_ALTERED')
    const last = BEGIN + 3 + TRUST_PERIOD_SECONDS
    expect(codeOf(SOUND, { anchor: anchorAt(3), now: last - 1 })).toBe('vouched')
    expect(codeOf(SOUND, { anchor: anchorAt(3), now: last })).toBe('ANCHOR_STALE')
    expect(codeOf(SOUND, { anchor: anchorAt(6), now: last + 1_000 })).toBe('vouched')
  })
})
