/**
 * The receipt of a person who revoked: from which block on no round may use them.
 *
 * Law: a round's cohort is the consent state at the end of the block that opens it, so a revoke in block N is absent
 * from every round opened in block N or later, and only from those. The receipt names no person: it is kept by them.
 */
import type { ConsentId, Hash32, UnixSeconds } from '../vocabulary/index.ts'

export interface ExclusionReceipt {
  readonly schema: 'islet.study.exclusion/1'
  readonly study: Hash32
  readonly consent: ConsentId
  /** Height and hash of the block that holds the revoke: out from this block on. */
  readonly out_from_block: number
  readonly block_hash: Hash32
  /** Timestamp of that block. */
  readonly out_from: UnixSeconds
}

/** What the ledger says of a round. */
export interface OpenedRound {
  readonly round: number
  readonly openedBlock: number
}

export function exclusionReceipt(
  study: Hash32,
  consent: ConsentId,
  revoked: { readonly height: number; readonly hash: Hash32; readonly timestamp: UnixSeconds },
): ExclusionReceipt {
  return {
    schema: 'islet.study.exclusion/1',
    study,
    consent,
    out_from_block: revoked.height,
    block_hash: revoked.hash,
    out_from: revoked.timestamp,
  }
}

/** The rounds in which the person must be absent; the others began before the revoke. */
export function roundsWithout<R extends OpenedRound>(
  receipt: ExclusionReceipt,
  rounds: readonly R[],
): readonly R[] {
  return rounds.filter(({ openedBlock }) => openedBlock >= receipt.out_from_block)
}
