/**
 * A consortium's part of an export: every block with its votes, and what it did, as a node of the consortium shows them.
 *
 * Law: where the last block has transactions, the one after it is taken along, for it alone says how they came out.
 * No more votes than are needed, and seats only where they changed.
 */
import {
  type BlockContent,
  CONSORTIUM_PLACES,
  ConsentsTold,
  eventsOf,
  type FinalityCrypto,
  type Header,
  type LightBlock,
  trimVotes,
  writeLightBlock,
} from '../finality/index.ts'
import { equalBytes, IsletError, isIsletError, toBase64Url } from '../vocabulary/index.ts'
import { COMMITS, type DumpCommit, line } from './dump-format.ts'
import type { DumpWriter } from './dump-writer.ts'
import { exportStates, type StateSource } from './export-states.ts'

/** What shows blocks: a node of the consortium, believed for nothing. */
export interface CommitSource extends StateSource {
  newest(): Promise<number>
  block(height: number): Promise<LightBlock>
  content(height: number): Promise<BlockContent>
}

export interface CommitExport {
  readonly source: CommitSource
  /** The newest block of the dump. */
  readonly height: number
  readonly step: () => void
}

/** How long the block after the last is waited for: an idle chain makes one with its heartbeat. */
const NEXT_LIMIT_MS = 15_000

/** Writes blocks, and proofs of the state that the last of them names. Throws what the source throws and refusals of finality. */
export async function exportCommits(
  commits: CommitExport,
  crypto: FinalityCrypto,
  writer: DumpWriter,
): Promise<void> {
  const { source, step } = commits
  const told = new ConsentsTold(CONSORTIUM_PLACES.consents)
  let end: Header | undefined
  await writer.file(
    COMMITS,
    commitLines(commits, told, ({ header }, did) => {
      end = did ? undefined : header
    }),
  )
  // Where nothing follows on a block that did something, no header names what it left: the chain stands.
  if (end === undefined) return
  await exportStates({ source, end, consents: told.all, step }, crypto, writer)
}

async function* commitLines(
  { source, height, step }: CommitExport,
  told: ConsentsTold,
  taken: (block: LightBlock, did: boolean) => void,
): AsyncGenerator<string> {
  // A block that did nothing has no outcomes to be told, and leaves the state as it was; the first has no state before it.
  const did = (await source.content(height)).transactions.length > 0 || height === 1
  const last = did && (await isThere(source, height + 1)) ? height + 1 : height
  let before: LightBlock | undefined
  for (let at = 1; at <= last; at++) {
    const block = trimVotes(await source.block(at))
    const changed =
      before === undefined || !equalBytes(before.header.validatorsHash, block.header.validatorsHash)
    const { transactions, outcomes } =
      at > height ? { transactions: [], outcomes: [] } : await source.content(at)
    const commit: DumpCommit = {
      block: toBase64Url(writeLightBlock(block, changed)),
      transactions: transactions.map(toBase64Url),
      outcomes: outcomes.map(({ data, ...told }) => ({ ...told, data: toBase64Url(data) })),
    }
    yield line(commit)
    for (const outcome of outcomes) told.take(eventsOf(outcome))
    taken(block, transactions.length > 0)
    before = block
    step()
  }
}

async function isThere(source: CommitSource, height: number): Promise<boolean> {
  for (const until = performance.now() + NEXT_LIMIT_MS; performance.now() < until; ) {
    if ((await source.newest()) >= height) return true
    await new Promise((resolve) => setTimeout(resolve, 250))
  }
  return false
}

/** A source that answers, of several. Throws the last one's `NODE_SILENT`. */
export async function answering(sources: readonly CommitSource[]): Promise<CommitSource> {
  let failure: unknown = new IsletError('NODE_SILENT', 'no node of the consortium is named')
  for (const source of sources) {
    try {
      await source.newest()
      return source
    } catch (error) {
      if (!isIsletError(error, 'NODE_SILENT')) throw error
      failure = error
    }
  }
  throw failure
}
