import { expect, test } from 'vitest'
import { readLightBlock, writeLightBlock } from '../finality/index.ts'
import type { JournalBlock } from '../journal/index.ts'
import { fromBase64Url, hash32, quantity, toBase64Url, type UnixSeconds } from '../vocabulary/index.ts'
import { FINALITY_CRYPTO } from './node-finality.ts'
import {
  anchor,
  type CapturedCommit as Commit,
  checked as checkedBy,
  type Given,
  hashAt,
  JOURNAL,
  SEATS,
  TRUST,
  vectors,
} from './testing/captured-consortium.ts'

type Block = JournalBlock

/** What is found in these commits, without the state that their last header names. */
async function checked(commits: readonly Commit[], given: Given = {}) {
  const { blocks, vouched, found } = await checkedBy({ ...given, commits }, FINALITY_CRYPTO)
  return { blocks, vouched, found }
}

/** The commits with one of them changed. */
function changed(height: number, change: (commit: Commit) => Commit): readonly Commit[] {
  return vectors.commits.map((one, place) => (place + 1 === height ? change(one) : one))
}

/** A block taken apart, changed, and written again. */
function block(
  height: number,
  change: (light: ReturnType<typeof readLightBlock>) => object,
): readonly Commit[] {
  return changed(height, (commit) => {
    const light = readLightBlock(fromBase64Url(commit.block), SEATS)
    return { ...commit, block: toBase64Url(writeLightBlock({ ...light, ...change(light) }, height === 1)) }
  })
}

const at = (height: number): string => `ledger/commits.jsonl, height ${height}`

test('blocks of a real consortium hold, and the believed block vouches for those before and after it', async () => {
  expect(await checked(vectors.commits)).toEqual({ blocks: 9, vouched: true, found: [] })
  expect(JOURNAL.flatMap(({ transactions }) => transactions).length).toBeGreaterThan(2)
})

test('without a believed block they hold together and nobody vouches', async () => {
  const findings = await checked(vectors.commits, { trust: null })
  expect(findings).toEqual({ blocks: 9, vouched: false, found: [] })
})

test.each([
  {
    what: 'a vote with one bit changed',
    commits: block(5, ({ commit }) => ({
      commit: {
        ...commit,
        votes: commit.votes.map((vote) =>
          vote === undefined
            ? undefined
            : { ...vote, signature: vote.signature.with(5, (vote.signature[5] ?? 0) ^ 1) },
        ),
      },
    })),
    found: [`COMMIT_REFUSED ${at(5)}`],
  },
  {
    what: 'a vote fewer than two thirds need',
    commits: block(5, ({ commit }) => ({
      commit: { ...commit, votes: commit.votes.map((vote, place) => (place === 0 ? undefined : vote)) },
    })),
    found: [`COMMIT_REFUSED ${at(5)}`],
  },
  {
    what: 'a header dated otherwise',
    commits: block(6, ({ header }) => ({
      header: { ...header, time: { ...header.time, seconds: header.time.seconds + 1 } },
    })),
    found: [`COMMIT_REFUSED ${at(6)}`],
  },
  {
    what: 'seats of more power',
    commits: block(1, ({ seats }) => ({ seats: seats.map((seat) => ({ ...seat, power: seat.power + 1 })) })),
    found: [`COMMIT_REFUSED ${at(1)}`],
  },
  {
    what: 'a block left out',
    commits: vectors.commits.filter((_, place) => place !== 3),
    found: [`COMMIT_REFUSED ${at(5)}`],
  },
  {
    what: 'a transaction left out of a block',
    commits: changed(3, (one) => ({ ...one, transactions: [], outcomes: [] })),
    found: [`COMMIT_REFUSED ${at(3)}`],
  },
  {
    what: 'an outcome told otherwise',
    commits: changed(3, (one) => ({ ...one, outcomes: one.outcomes.map((told) => ({ ...told, code: 1 })) })),
    found: [`COMMIT_REFUSED ${at(3)}`],
  },
  {
    what: 'blocks that end before the journal',
    commits: vectors.commits.slice(0, 5),
    found: ['COMMITS_MISSING ledger/commits.jsonl'],
  },
  { what: 'no blocks at all', commits: [], found: ['COMMITS_MISSING ledger/commits.jsonl'] },
])('$what: $found', async ({ commits, found }) => {
  expect(await checked(commits)).toMatchObject({ vouched: false, found })
})

test.each([
  ['a transaction left out', ({ transactions: _, ...one }: Block) => ({ ...one, transactions: [] })],
  ['another instant', (one: Block) => ({ ...one, timestamp: quantity<UnixSeconds>(one.timestamp + 1) })],
  ['another block before it', (one: Block) => ({ ...one, parentHash: hash32(`0x${'ab'.repeat(32)}`) })],
])('a journal with %s differs from what the validators signed', async (_, change) => {
  const journal = JOURNAL.map((one) => (one.height === 3 ? change(one) : one))
  expect(await checked(vectors.commits, { journal })).toMatchObject({
    vouched: false,
    found: [`COMMIT_DIFFERS ${at(3)}`],
  })
})

test('a manifest that names another head differs from what the validators signed', async () => {
  expect(await checked(vectors.commits, { head: anchor.hash })).toMatchObject({
    found: [`COMMIT_DIFFERS ${at(8)}`],
  })
})

test('a last block without the one after it is believed only where it did nothing', async () => {
  const upTo = async (height: number) => {
    const part = { journal: JOURNAL.slice(0, height), head: hashAt(height) }
    const { found } = await checked(vectors.commits.slice(0, height), part)
    return found.filter((one) => one.startsWith('COMMIT'))
  }
  expect(await upTo(7)).toEqual([])
  expect(await upTo(6)).toEqual([`COMMIT_REFUSED ${at(6)}`])
})

test('another block than the believed one is refused, and so is an anchor older than the trust period', async () => {
  const other = { ...TRUST, anchor: { ...anchor, hash: hash32(`0x${'cd'.repeat(32)}`) } }
  expect(await checked(vectors.commits, { trust: other })).toMatchObject({
    vouched: false,
    found: [`COMMIT_REFUSED ${at(anchor.height)}`],
  })
  const late = { ...TRUST, now: quantity<UnixSeconds>(vectors.anchorSeconds + TRUST.trustPeriod) }
  expect(await checked(vectors.commits, { trust: late })).toMatchObject({ vouched: false })
})

test('a dump that ends before the believed block was cut short', async () => {
  const later = { ...TRUST, anchor: { ...anchor, height: 20 } }
  expect(await checked(vectors.commits, { trust: later })).toMatchObject({
    found: ['DUMP_CUT_SHORT anchor, height 20'],
  })
})
