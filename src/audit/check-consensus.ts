/**
 * A consortium's dump against what its validators signed: blocks, and the state that the last of them names. The same
 * code on Node and in a browser; what differs is who computes signatures and hashes.
 */
import { CONSORTIUM_PLACES, type FinalityCrypto, type LedgerFacts } from '../finality/index.ts'
import { type CommitTrust, checkCommits, type RecordedBlock } from './check-commits.ts'
import { checkStates } from './check-states.ts'
import { COMMITS, MANIFEST, type Manifest, STATES } from './dump-format.ts'
import type { Findings } from './finding.ts'

export interface ConsensusToCheck {
  readonly lines: (path: string) => AsyncIterable<string>
  readonly manifest: Manifest
  /** The journal's blocks, from height 1 on. */
  readonly journal: readonly RecordedBlock[]
  readonly trust: CommitTrust | undefined
}

export interface ConsensusChecked {
  /** Blocks whose votes hold. */
  readonly blocks: number
  /** Whether a believed block vouches for all of them. */
  readonly vouched: boolean
  /** What the contracts hold, proved; undefined where that was not shown, or something was found. */
  readonly facts: LedgerFacts | undefined
}

/** Checks both; where the blocks do not hold, nothing of the state is believed. */
export async function checkConsensus(
  { lines, manifest, journal, trust }: ConsensusToCheck,
  crypto: FinalityCrypto,
  findings: Findings,
): Promise<ConsensusChecked> {
  const { chainId, head, deployment } = manifest
  const { membership, consents } = CONSORTIUM_PLACES
  if (deployment.membership !== membership || deployment.consents !== consents) {
    findings.add('MANIFEST_WRONG', MANIFEST, 'its contracts do not stand where a genesis puts them')
  }
  const toCheck = { lines: lines(COMMITS), chainId, journal, head, trust }
  const { blocks, vouched, end, consents: told } = await checkCommits(toCheck, crypto, findings)
  if (end === undefined || told === undefined) return { blocks, vouched, facts: undefined }
  const facts = await checkStates({ lines: lines(STATES), end, consents: told }, crypto, findings)
  return { blocks, vouched: vouched && facts !== undefined, facts }
}
