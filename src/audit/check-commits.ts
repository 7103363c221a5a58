/**
 * A consortium's ledger against what its validators signed: every block's votes and seats, and the journal against both.
 *
 * Laws: the journal's blocks are those that the headers name, and its transactions those that the blocks executed, none
 * more and none less; a block that a verifier believes (the anchor) vouches for the whole chain. Without one, a dump proves
 * that its blocks hold together, not that they are those of the consortium.
 */
import {
  ChainOfBlocks,
  executedIn,
  type FinalityCrypto,
  type Header,
  isRefusal,
  readLightBlock,
  type TrustAnchor,
} from '../finality/index.ts'
import { nodeEd25519 } from '../identity/node-signer.door.ts'
import { nodeHasher } from '../vault/node-cipher.door.ts'
import { fromBase64Url, isIsletError, toHex, type UnixSeconds } from '../vocabulary/index.ts'
import type { JournalReading } from './check-journal.ts'
import { COMMITS, CommitSchema, type DumpCommit, type Manifest, parse } from './dump-format.ts'
import type { DumpReader } from './dump-reader.ts'
import type { Findings } from './finding.ts'

/** The block that a verifier believes, and by which clock and for how long. */
export interface CommitTrust {
  readonly anchor: TrustAnchor
  readonly now: UnixSeconds
  /** Seconds. */
  readonly trustPeriod: number
}

/** What checking votes and trees needs of this platform. */
export const FINALITY_CRYPTO: FinalityCrypto = { hasher: nodeHasher, verify: nodeEd25519.verify }

export interface CommitsChecked {
  /** Blocks whose votes hold. */
  readonly blocks: number
  /** Whether a believed block vouches for all of them. */
  readonly vouched: boolean
}

/** Checks them as far as they hold; the first that does not ends it, as nothing behind it is vouched for. */
export async function checkCommits(
  dump: DumpReader,
  { genesis, blocks: journal }: JournalReading,
  { head }: Manifest,
  trust: CommitTrust | undefined,
  findings: Findings,
): Promise<CommitsChecked> {
  const chain = new ChainOfBlocks(FINALITY_CRYPTO, trust?.anchor)
  const none = { blocks: 0, vouched: false }
  let before: Taken | undefined
  try {
    for await (const text of dump.lines(COMMITS)) {
      const height = chain.height + 1
      const where = `${COMMITS}, height ${height}`
      const commit = parse(CommitSchema, text)
      if (commit === undefined) {
        findings.add('DOCUMENT_MALFORMED', where)
        return none
      }
      const light = readLightBlock(fromBase64Url(commit.block), chain.seats)
      chain.take(light)
      if (light.header.chain !== `islet-${genesis.chainId}`) {
        findings.add('COMMIT_REFUSED', where, 'CHAIN_DIFFERS')
        return none
      }
      const sound = isAsJournaled(light.header, chain.hash, journal, head)
      if (!sound || (before !== undefined && !didAsJournaled(before, light.header, journal))) {
        findings.add('COMMIT_DIFFERS', `${COMMITS}, height ${sound ? height - 1 : height}`)
        return none
      }
      before = { header: light.header, commit }
    }
    if (before === undefined) {
      if (trust !== undefined) findings.add('COMMITS_MISSING', COMMITS)
      return none
    }
    const end = before.header
    if (end.height < head.height) {
      findings.add('COMMITS_MISSING', COMMITS, `they end at height ${end.height} of ${head.height}`)
      return none
    }
    if (end.height === head.height && !didAsJournaled(before, undefined, journal)) {
      findings.add('COMMIT_DIFFERS', `${COMMITS}, height ${end.height}`)
      return none
    }
    if (trust !== undefined && trust.anchor.height > end.height) {
      findings.add(
        'DUMP_CUT_SHORT',
        `anchor, height ${trust.anchor.height}`,
        `the dump ends at ${end.height}`,
      )
      return none
    }
    return { blocks: chain.height, vouched: trust !== undefined && chain.vouched(trust) }
  } catch (error) {
    if (isIsletError(error, 'NOT_BASE64URL')) {
      findings.add('DOCUMENT_MALFORMED', `${COMMITS}, height ${chain.height + 1}`)
      return none
    }
    if (!isRefusal(error)) throw error
    const height = error.facts['height'] ?? chain.height + 1
    findings.add('COMMIT_REFUSED', `${COMMITS}, height ${height}`, `${error.code}: ${error.message}`)
    return none
  }
}

interface Taken {
  readonly header: Header
  readonly commit: DumpCommit
}

/** Whether the journal and the manifest have a block as its header has it; one beyond the dump they do not have. */
function isAsJournaled(
  { height, time, lastBlock }: Header,
  hash: Uint8Array,
  journal: JournalReading['blocks'],
  head: Manifest['head'],
): boolean {
  const recorded = journal[height - 1]
  if (recorded === undefined) return height > head.height
  // The first block's parent is nothing; the journal has a word for it that no header has.
  const isNamed = height === 1 || recorded.parentHash === toHex(lastBlock.hash)
  const isHead = height !== head.height || head.hash === toHex(hash)
  return isNamed && isHead && recorded.timestamp === time.seconds
}

/** Whether the journal has the transactions that a block executed, as it and the next header name them. */
function didAsJournaled(
  { header, commit }: Taken,
  next: Header | undefined,
  journal: JournalReading['blocks'],
): boolean {
  const executed = executedIn(
    {
      transactions: commit.transactions.map(fromBase64Url),
      outcomes: commit.outcomes.map(({ data, ...told }) => ({ ...told, data: fromBase64Url(data) })),
    },
    header,
    next,
    FINALITY_CRYPTO.hasher,
  )
  const recorded = journal[header.height - 1]?.transactions ?? []
  return (
    recorded.length === executed.length && executed.every((raw, place) => toHex(raw) === recorded[place]?.raw)
  )
}
