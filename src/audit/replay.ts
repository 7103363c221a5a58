/**
 * The ledger of a dump executed anew, block by block, and handed to the checks as plain data.
 *
 * Laws: the executor is a private child on loopback and is given the dump's journal only; where a block comes out
 * otherwise than the journal names, the replay ends there and says so.
 */
import type { JournalBlock, JournalGenesis } from '../journal/index.ts'
import type { Receipt } from '../ledger/index.ts'
import { replayJournal } from '../ledger/replay.door.ts'
import { type Address, type Hash32, isIsletError } from '../vocabulary/index.ts'
import type { RawEvent } from './abi-words.ts'

/** What became of one transaction. */
export interface ReplayedTransaction {
  readonly hash: Hash32
  readonly succeeded: boolean
  readonly gasUsed: number
  readonly created: Address | null
  readonly events: readonly RawEvent[]
}

export interface ReplayedBlock {
  readonly record: JournalBlock
  readonly hash: Hash32
  /** In order; what the engine refused is not among them. */
  readonly transactions: readonly ReplayedTransaction[]
}

export interface ReplayEnd {
  /** Hashes of the replayed blocks, by height. */
  readonly hashes: readonly Hash32[]
  /** Height at which the engine disagreed with the journal, if it did. */
  readonly differsAt: number | undefined
}

/** Executes a journal; a verification takes another one where the same journal was executed before. */
export type Replayer = (
  journal: Uint8Array,
  genesis: JournalGenesis,
  visit: (block: ReplayedBlock) => void,
  /** Called before the first block with what the genesis of a consortium created. */
  founded?: (created: readonly ReplayedTransaction[]) => void,
) => Promise<ReplayEnd>

/** Replays the sound part of a journal. Throws `ENGINE_MISSING`, `ENGINE_FAILED`, `UNREACHABLE`. */
export const replay: Replayer = async (journal, genesis, visit, founded) => {
  const hashes: Hash32[] = [genesis.genesisHash]
  const opened = replayJournal(journal)
  try {
    for await (const { head, receipts, record } of opened?.blocks ?? []) {
      if (record.height === 1 && opened !== undefined && opened.created.length > 0) {
        founded?.(opened.created.map(plain))
      }
      hashes.push(head.hash)
      visit({ record, hash: head.hash, transactions: receipts.map(plain) })
    }
  } catch (error) {
    if (!isIsletError(error, 'REPLAY_MISMATCH')) throw error
    const height = error.facts['height']
    return { hashes, differsAt: typeof height === 'number' ? height : hashes.length }
  }
  return { hashes, differsAt: undefined }
}

function plain({ transaction, status, gasUsed, created, logs }: Receipt): ReplayedTransaction {
  return {
    hash: transaction,
    succeeded: status === 'success',
    gasUsed,
    created,
    events: logs.map(({ address, topics, data }) => ({ address, topics, data })),
  }
}
