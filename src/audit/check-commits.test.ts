import { expect, test } from 'vitest'
import vectors from '../../test-vectors/consortium-commits.json' with { type: 'json' }
import { readLightBlock, writeLightBlock } from '../finality/index.ts'
import type { JournalBlock } from '../ledger/index.ts'
import {
  fromBase64Url,
  fromHex,
  hash32,
  quantity,
  toBase64Url,
  toHex,
  type UnixSeconds,
} from '../vocabulary/index.ts'
import { type CommitTrust, checkCommits } from './check-commits.ts'
import { Findings } from './finding.ts'

type Commit = (typeof vectors.commits)[number]
type Block = JournalBlock

const SEATS = readLightBlock(fromBase64Url(vectors.commits[0]!.block), []).seats
const JOURNAL = vectors.journal.map(
  (block): Block => ({
    height: block.height,
    timestamp: quantity<UnixSeconds>(block.timestamp),
    parentHash: hash32(block.parentHash),
    transactions: block.transactions.map((raw) => ({ raw: toHex(fromHex(raw)), keys: [] })),
  }),
)
const anchor = {
  ...vectors.anchor,
  schema: 'islet.trust-anchor/1',
  hash: hash32(vectors.anchor.hash),
} as const
/** Hash of the last block of the journal: the one after it names it. */
const HEAD = toHex(readLightBlock(fromBase64Url(vectors.commits[7]!.block), SEATS).header.lastBlock.hash)
const TRUST: CommitTrust = {
  anchor,
  now: quantity<UnixSeconds>(vectors.anchorSeconds + 3_600),
  trustPeriod: 14 * 86_400,
}

interface Given {
  readonly journal?: readonly Block[]
  /** Null for a verifier that believes no block. */
  readonly trust?: CommitTrust | null
  readonly head?: string
}

/** What is found in these commits beside this journal. */
async function checked(
  commits: readonly Commit[],
  { journal = JOURNAL, trust = TRUST, head = HEAD }: Given = {},
) {
  const findings = new Findings()
  async function* lines() {
    yield* commits.map((one) => JSON.stringify(one))
  }
  const dump = { lines } as unknown as Parameters<typeof checkCommits>[0]
  const reading = { genesis: { chainId: vectors.chainId }, blocks: journal, records: [] }
  const manifest = { head: { height: journal.length, hash: head } }
  const done = await checkCommits(dump, reading as never, manifest as never, trust ?? undefined, findings)
  return { ...done, found: findings.list.map(({ code, where }) => `${code} ${where}`) }
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
  expect(await checked(vectors.commits)).toEqual({ blocks: 8, vouched: true, found: [] })
  expect(JOURNAL.flatMap(({ transactions }) => transactions).length).toBeGreaterThan(2)
})

test('without a believed block they hold together and nobody vouches', async () => {
  const findings = await checked(vectors.commits, { trust: null })
  expect(findings).toEqual({ blocks: 8, vouched: false, found: [] })
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
    found: [`COMMIT_DIFFERS ${at(7)}`],
  })
})

test('a last block without the one after it is believed only where it did nothing', async () => {
  const upTo = (height: number) => {
    const head = toHex(
      readLightBlock(fromBase64Url(vectors.commits[height]!.block), SEATS).header.lastBlock.hash,
    )
    return checked(vectors.commits.slice(0, height), { journal: JOURNAL.slice(0, height), head })
  }
  expect(await upTo(6)).toMatchObject({ vouched: true, found: [] })
  expect(await upTo(7)).toMatchObject({ vouched: false, found: [`COMMIT_REFUSED ${at(7)}`] })
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
