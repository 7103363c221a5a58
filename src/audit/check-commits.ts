/**
 * A consortium's ledger against what its validators signed: every block's votes and seats, and the journal against both.
 *
 * Laws: the journal's blocks are those that the headers name, and its transactions those that the blocks executed, none
 * more and none less; a block that a verifier believes (the anchor) vouches for the whole chain. Without one, a dump proves
 * that its blocks hold together, not that they are those of the consortium.
 */
import {
  ChainOfBlocks,
  CONSORTIUM_PLACES,
  ConsentsTold,
  eventsOf,
  executedIn,
  type FinalityCrypto,
  type Header,
  isRefusal,
  type Outcome,
  readLightBlock,
  type ToldConsent,
  type TrustAnchor,
} from '../finality/index.ts'
import {
  type ConsentId,
  fromBase64Url,
  type Hash32,
  type Hex,
  isIsletError,
  toHex,
  type UnixSeconds,
} from '../vocabulary/index.ts'
import { COMMITS, CommitSchema, type DumpCommit, type Manifest, parse } from './dump-format.ts'
import type { Findings } from './finding.ts'

/** A block as the journal has it. */
export interface RecordedBlock {
  readonly timestamp: UnixSeconds
  readonly parentHash: Hash32
  readonly transactions: readonly { readonly raw: Hex }[]
}

export interface CommitsToCheck {
  /** Lines of the dump's file. */
  readonly lines: AsyncIterable<string>
  readonly chainId: number
  /** The journal's blocks, from height 1 on. */
  readonly journal: readonly RecordedBlock[]
  readonly head: Manifest['head']
  readonly trust: CommitTrust | undefined
}

/** The block that a verifier believes, and by which clock and for how long. */
export interface CommitTrust {
  readonly anchor: TrustAnchor
  readonly now: UnixSeconds
  /** Seconds. */
  readonly trustPeriod: number
}

export interface CommitsChecked {
  /** Blocks whose votes hold. */
  readonly blocks: number
  /** Whether a believed block vouches for all of them. */
  readonly vouched: boolean
  /** The last header, where all before it hold. */
  readonly end?: Header
  /** Consents that the blocks told of. */
  readonly consents?: ReadonlyMap<ConsentId, ToldConsent>
}

/** Checks them as far as they hold; the first that does not ends it, as nothing behind it is vouched for. */
export async function checkCommits(
  { lines, chainId, journal, head, trust }: CommitsToCheck,
  crypto: FinalityCrypto,
  findings: Findings,
): Promise<CommitsChecked> {
  const chain = new ChainOfBlocks(crypto, trust?.anchor)
  const told = new ConsentsTold(CONSORTIUM_PLACES.consents)
  const none = { blocks: 0, vouched: false }
  let before: Taken | undefined
  try {
    for await (const text of lines) {
      const height = chain.height + 1
      const where = `${COMMITS}, height ${height}`
      const commit = parse(CommitSchema, text)
      if (commit === undefined) {
        findings.add('DOCUMENT_MALFORMED', where)
        return none
      }
      const light = readLightBlock(fromBase64Url(commit.block), chain.seats)
      chain.take(light)
      if (light.header.chain !== `islet-${chainId}`) {
        findings.add('COMMIT_REFUSED', where, 'CHAIN_DIFFERS')
        return none
      }
      const sound = isAsJournaled(light.header, chain.hash, journal, head)
      if (!sound || (before !== undefined && !didAsJournaled(before, light.header, journal, crypto))) {
        findings.add('COMMIT_DIFFERS', `${COMMITS}, height ${sound ? height - 1 : height}`)
        return none
      }
      // What a block did is believed once the next header named it.
      if (before !== undefined) for (const one of outcomesOf(before.commit)) told.take(eventsOf(one))
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
    if (end.height === head.height && !didAsJournaled(before, undefined, journal, crypto)) {
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
    const vouched = trust !== undefined && chain.vouched(trust)
    return { blocks: chain.height, vouched, end, consents: told.all }
  } catch (error) {
    if (isIsletError(error, 'NOT_BASE64URL', 'NOT_UTF8', 'NOT_A_HASH', 'NOT_AN_ADDRESS')) {
      findings.add('DOCUMENT_MALFORMED', `${COMMITS}, height ${chain.height + 1}`)
      return none
    }
    if (!isRefusal(error)) throw error
    const height = error.facts['height'] ?? chain.height + 1
    findings.add('COMMIT_REFUSED', `${COMMITS}, height ${height}`, `${error.code}: ${error.message}`)
    return none
  }
}

function outcomesOf({ outcomes }: DumpCommit): readonly Outcome[] {
  return outcomes.map(({ data, ...told }) => ({ ...told, data: fromBase64Url(data) }))
}

interface Taken {
  readonly header: Header
  readonly commit: DumpCommit
}

/** Whether the journal and the manifest have a block as its header has it; one beyond the dump they do not have. */
function isAsJournaled(
  { height, time, lastBlock }: Header,
  hash: Uint8Array,
  journal: readonly RecordedBlock[],
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
  journal: readonly RecordedBlock[],
  { hasher }: FinalityCrypto,
): boolean {
  const executed = executedIn(
    {
      transactions: commit.transactions.map(fromBase64Url),
      outcomes: outcomesOf(commit),
    },
    header,
    next,
    hasher,
  )
  const recorded = journal[header.height - 1]?.transactions ?? []
  return (
    recorded.length === executed.length && executed.every((raw, place) => toHex(raw) === recorded[place]?.raw)
  )
}
