/**
 * Keeps a projection up to date with a ledger, block by block, and takes it back where the chain turns out another.
 *
 * Law: the last block taken in is compared with the chain before anything is added and after it was read; a mismatch
 * rewinds to the newest block that both share. On engines with one-block finality this never happens.
 */
import { contractEvents } from './contract-events.ts'
import type { Deployment } from './contracts.ts'
import type { Head, Ledger } from './port.ts'
import type { BlockEvents, ProjectionStore } from './projection-store.ts'

export interface Projector {
  /** Takes in everything up to the head; returns the block reached. Several callers share one run. */
  catchUp(): Promise<Head>
  /** Follows new heads by itself until it is stopped. */
  follow(): () => void
  /** Drops everything and reads it again. */
  rebuild(): Promise<Head>
}

const BATCH_BLOCKS = 256
const SHARED_STEP = 32

export function projector(ledger: Ledger, deployment: Deployment, store: ProjectionStore): Projector {
  let running: Promise<Head> | undefined

  const onChain = async (block: Head): Promise<boolean> =>
    (await ledger.block(block.height))?.hash === block.hash

  /** The newest block taken in that the chain still has; undefined when there is none. */
  const shared = async (): Promise<Head | undefined> => {
    const head = await store.head()
    if (head === undefined || (await onChain(head))) return head
    for (let below = head.height; ; ) {
      const candidates = await store.blocksBelow(below, SHARED_STEP)
      for (const block of candidates) if (await onChain(block)) return block
      const lowest = candidates.at(-1)
      if (lowest === undefined) return undefined
      below = lowest.height
    }
  }

  const run = async (): Promise<Head> => {
    for (;;) {
      const before = await store.head()
      const from = await shared()
      if (before?.hash !== from?.hash) await store.rewind(from)
      const target = await ledger.head()
      if (from !== undefined && from.hash === target.hash) return target
      let batch: BlockEvents[] = []
      let reached = from
      const filter = { from: (from?.height ?? -1) + 1, addresses: Object.values(deployment) }
      for await (const { block, logs } of ledger.logs(filter)) {
        batch.push({ block, events: contractEvents(deployment, block, logs) })
        reached = block
        if (batch.length >= BATCH_BLOCKS) {
          await store.apply(batch)
          batch = []
        }
      }
      await store.apply(batch)
      // Read while the chain changed under it: the next round goes back.
      if (reached !== undefined && (await onChain(reached))) return reached
    }
  }

  const catchUp = (): Promise<Head> => {
    running ??= run().finally(() => {
      running = undefined
    })
    return running
  }

  return {
    catchUp,
    follow: () => {
      let again = false
      let busy = false
      const step = async (): Promise<void> => {
        if (busy) {
          again = true
          return
        }
        busy = true
        do {
          again = false
          await catchUp().catch(() => undefined)
        } while (again)
        busy = false
      }
      const stop = ledger.watchHeads(() => void step())
      void step()
      return stop
    },
    rebuild: async () => {
      await running?.catch(() => undefined)
      await store.rewind(undefined)
      return catchUp()
    },
  }
}
