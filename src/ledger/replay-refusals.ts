/**
 * When a journal is not replayed: it belongs to another chain or operator, has lost a block, or gives another one.
 *
 * Law: a block that was acknowledged is there again with the same hash, or nothing goes on (DESIGN 4).
 */
import { type Hash32, IsletError } from '../vocabulary/index.ts'
import type { JournalFile } from './journal-file.ts'
import type { Head, Signer } from './port.ts'
import { type SignedHead, verifyHead } from './signed-head.ts'

/** `OTHER_CHAIN`, `OTHER_OPERATOR`: the journal is not of this chain, or not of this key. */
export function refuseOtherChain(journal: JournalFile, genesis: Head, operator: Signer): void {
  if (journal.genesis.genesisHash !== genesis.hash) {
    throw new IsletError(
      'OTHER_CHAIN',
      'the journal was written for another chain or by another version of the executor',
      { expected: journal.genesis.genesisHash, found: genesis.hash },
    )
  }
  if (journal.genesis.operator !== operator.address) {
    throw new IsletError(
      'OTHER_OPERATOR',
      'the journal belongs to another operator key',
      { expected: journal.genesis.operator },
      { remedy: 'Open it with the key that began it.' },
    )
  }
}

/** `JOURNAL_CUT_SHORT`: a marked head was acknowledged, and a journal without that block has lost it. */
export function refuseLostBlocks(
  journal: JournalFile,
  marked: SignedHead | undefined,
  known: Hash32 | undefined,
): void {
  if (marked === undefined || !verifyHead(marked, journal.genesis.operator)) return
  if (marked.height > journal.height || (known !== undefined && known !== marked.hash)) {
    throw new IsletError(
      'JOURNAL_CUT_SHORT',
      'the journal lacks a block that was acknowledged',
      { acknowledged: marked.height, found: journal.height },
      { remedy: 'Restore the journal from a backup.' },
    )
  }
}

/** `REPLAY_MISMATCH` */
export function mismatch(height: number): IsletError {
  return new IsletError(
    'REPLAY_MISMATCH',
    'replaying the journal gives another block than the one recorded',
    { height },
    { remedy: 'Use the version that wrote the journal.' },
  )
}
