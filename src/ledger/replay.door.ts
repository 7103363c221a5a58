/**
 * Replays a journal for an auditor: every block executed anew, without the node that wrote it.
 *
 * Laws: needs the journal's bytes and nothing else. Where the embedded engine's block comes out with another hash than
 * the journal names, it stops with `REPLAY_MISMATCH`. A consortium's blocks are named by the hash of their consensus
 * header, which no executor makes: they keep the names that the journal gives them, and the last one has none here.
 * What it yields proves consistency of the journal with itself; only a signed head that somebody else kept proves that
 * it is the journal everybody saw (PROTOCOL 18).
 */
import { type JournalBlock, type JournalGenesis, readJournal } from '../journal/index.ts'
import { type Bytes, IsletError } from '../vocabulary/index.ts'
import { anvilBinary } from './anvil-binary.ts'
import { Executor } from './executor.ts'
import { startFounded } from './founded-executor.ts'
import { nodeSha256 } from './head-mark.ts'
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
  /** What the genesis of a consortium created, once `blocks` has begun; none where there is no founding. */
  readonly created: readonly Receipt[]
  /** Runs once, in order. Throws `REPLAY_MISMATCH` (facts.height) and the codes of the journal. */
  readonly blocks: AsyncGenerator<ReplayedBlock, { readonly torn: number }, undefined>
}

/** Begins a replay; undefined when the bytes do not even hold a first record. Throws as `readJournal` does. */
export function replayJournal(journal: Uint8Array, binary: string = anvilBinary()): Replay | undefined {
  const opened = readJournal(journal, nodeSha256)
  if (opened === undefined) return undefined
  const { genesis, entries } = opened
  let created: readonly Receipt[] = []

  async function* blocks(): Replay['blocks'] {
    const { founding } = genesis
    const founded = founding && (await startFounded(binary, genesis, founding))
    const executor = founded?.executor ?? (await Executor.start(binary, genesis))
    created = founded?.created ?? []
    try {
      if (founded === undefined && executor.genesis.hash !== genesis.genesisHash) throw mismatch(0)
      for (;;) {
        const next = entries.next()
        if (next.done) return { torn: next.value.torn }
        const { block, recordHash } = next.value
        const record = founded === undefined ? block : { ...block, parentHash: executor.head.hash }
        const { head, receipts } = await executor.execute(record).catch((error: unknown) => {
          throw error instanceof IsletError && error.code === 'ENGINE_FAILED' ? mismatch(block.height) : error
        })
        yield { head, receipts, record: block, recordHash }
      }
    } finally {
      await executor.process.kill()
    }
  }
  return {
    genesis,
    blocks: blocks(),
    get created() {
      return created
    },
  }
}

function mismatch(height: number): IsletError {
  return new IsletError('REPLAY_MISMATCH', 'a block comes out otherwise than the journal says', { height })
}
