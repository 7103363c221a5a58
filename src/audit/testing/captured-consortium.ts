/** A consortium that ran: blocks, proofs of its state and journal as an export wrote them, to be changed and checked. */

import vectors from '../../../test-vectors/consortium-commits.json' with { type: 'json' }
import { CONSORTIUM_PLACES, type FinalityCrypto, readLightBlock } from '../../finality/index.ts'
import type { JournalBlock } from '../../journal/index.ts'
import {
  fromBase64Url,
  fromHex,
  hash32,
  quantity,
  toBase64Url,
  toHex,
  type UnixSeconds,
} from '../../vocabulary/index.ts'
import type { CommitTrust } from '../check-commits.ts'
import { checkConsensus } from '../check-consensus.ts'
import { Findings } from '../finding.ts'

export { vectors }
export type CapturedCommit = (typeof vectors.commits)[number]
export type CapturedState = (typeof vectors.states)[number]

const [FIRST] = vectors.commits
export const SEATS = FIRST === undefined ? [] : readLightBlock(fromBase64Url(FIRST.block), []).seats
export const JOURNAL = vectors.journal.map(
  (block): JournalBlock => ({
    height: block.height,
    timestamp: quantity<UnixSeconds>(block.timestamp),
    parentHash: hash32(block.parentHash),
    transactions: block.transactions.map((raw) => ({ raw: toHex(fromHex(raw)), keys: [] })),
  }),
)
export const anchor = {
  ...vectors.anchor,
  schema: 'islet.trust-anchor/1',
  hash: hash32(vectors.anchor.hash),
} as const
export const TRUST: CommitTrust = {
  anchor,
  now: quantity<UnixSeconds>(vectors.anchorSeconds + 3_600),
  trustPeriod: 14 * 86_400,
}

/** The header of the block of a height. */
export function headerAt(height: number) {
  const commit = vectors.commits[height - 1]
  if (commit === undefined) throw new Error(`no block ${height} was captured`)
  return readLightBlock(fromBase64Url(commit.block), SEATS).header
}

/** Hash of the block of a height: the one after it names it. */
export function hashAt(height: number) {
  return hash32(toHex(headerAt(height + 1).lastBlock.hash))
}

export interface Given {
  readonly commits?: readonly object[]
  readonly states?: readonly object[]
  readonly journal?: readonly JournalBlock[]
  /** Null for a verifier that believes no block. */
  readonly trust?: CommitTrust | null
  readonly head?: string
  /** Where the manifest says that the consent ledger stands. */
  readonly consents?: string
}

/** What is found in this dump, by this platform's ciphers. */
export async function checked(
  {
    commits = vectors.commits,
    states = vectors.states,
    journal = JOURNAL,
    trust = TRUST,
    head = hashAt(JOURNAL.length),
    consents = CONSORTIUM_PLACES.consents,
  }: Given,
  crypto: FinalityCrypto,
) {
  const findings = new Findings()
  async function* lines(path: string) {
    const documents = path.endsWith('commits.jsonl') ? commits : states
    yield* documents.map((one) => JSON.stringify(one))
  }
  const { membership } = CONSORTIUM_PLACES
  const manifest = {
    ...{ chainId: vectors.chainId, deployment: { membership, consents } },
    head: { height: journal.length, hash: head },
  } as unknown as Parameters<typeof checkConsensus>[0]['manifest']
  const done = await checkConsensus({ lines, manifest, journal, trust: trust ?? undefined }, crypto, findings)
  return { ...done, found: findings.list.map(({ code, where }) => `${code} ${where}`), list: findings.list }
}

/** A captured proof as bytes, changed. */
export function withProof(state: CapturedState, change: (proof: Uint8Array) => Uint8Array): CapturedState {
  return 'proof' in state && state.proof !== undefined
    ? { ...state, proof: toBase64Url(change(fromBase64Url(state.proof))) }
    : state
}
