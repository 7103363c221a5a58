/**
 * Replays a journal for an auditor: every block executed anew, without the node that wrote it.
 *
 * Law: needs the journal's bytes and nothing else; where a block comes out with another hash than the journal names,
 * it stops with `REPLAY_MISMATCH`. What it yields proves consistency of the journal with itself; only a signed head
 * that somebody else kept proves that it is the journal everybody saw (PROTOCOL 18).
 */
import { type Bytes, IsletError } from '../vocabulary/index.ts'
import { anvilBinary } from './anvil-binary.ts'
import { Executor } from './executor.ts'
import { nodeSha256 } from './head-mark.ts'
import { type JournalBlock, type JournalGenesis, readJournal } from './journal.ts'
import type { Head, Receipt } from './port.ts'

export interface ReplayedBlock {
  readonly head: Head
  readonly receipts: readonly Receipt[]
  readonly record: JournalBlock
  /** Hash of the journal up to and with this block: what a signed head names as `journal`. */
  readonly recordHash: Bytes
}

export interface Replay {
  readonly genesis: JournalGenesis
  /** Runs once, in order. Throws `REPLAY_MISMATCH` (facts.height) and the codes of the journal. */
  readonly blocks: AsyncGenerator<ReplayedBlock, { readonly torn: number }, undefined>
}

/** Begins a replay; undefined when the bytes do not even hold a first record. Throws as `readJournal` does. */
export function replayJournal(journal: Uint8Array, binary: string = anvilBinary()): Replay | undefined {
  const opened = readJournal(journal, nodeSha256)
  if (opened === undefined) return undefined
  const { genesis, entries } = opened

  async function* blocks(): Replay['blocks'] {
    const executor = await Executor.start(binary, genesis)
    try {
      if (executor.genesis.hash !== genesis.genesisHash) throw mismatch(0)
      for (;;) {
        const next = entries.next()
        if (next.done) return { torn: next.value.torn }
        const { block, recordHash } = next.value
        const { head, receipts } = await executor.execute(block).catch((error: unknown) => {
          throw error instanceof IsletError && error.code === 'ENGINE_FAILED' ? mismatch(block.height) : error
        })
        yield { head, receipts, record: block, recordHash }
      }
    } finally {
      await executor.process.kill()
    }
  }
  return { genesis, blocks: blocks() }
}

function mismatch(height: number): IsletError {
  return new IsletError('REPLAY_MISMATCH', 'a block comes out otherwise than the journal says', { height })
}
