/** Whether all nodes of a consortium under test hold one history, with everything that was acknowledged in it. */
import { expect } from 'vitest'
import { consensusStatus } from '../consortium.door.ts'
import type { Ledger, Receipt } from '../port.ts'
import { blockAt } from './load.ts'

/** As long as a poll may last on the slowest machine. */
export const LONG = { timeout: 300_000, interval: 500 }

/** Newest block of a node, 0 while it does not answer. */
export async function heightOf(comet: string): Promise<number> {
  return (await consensusStatus(comet))?.height ?? 0
}

/** At the lowest head, and at every receipt's block, each node shows the same block and state; no receipt has moved. */
export async function oneHistory(
  comets: readonly string[],
  ledger: Ledger,
  acknowledged: readonly Receipt[],
): Promise<void> {
  const common = Math.min(...(await Promise.all(comets.map(heightOf))))
  for (const height of new Set([common, ...acknowledged.map(({ block }) => block.height)])) {
    await expect
      .poll(async () => {
        const shown = await Promise.all(comets.map((comet) => blockAt(comet, height)))
        return shown.includes(undefined) ? 'not there yet' : new Set(shown).size
      }, LONG)
      .toBe(1)
  }
  for (const { transaction, block } of acknowledged) {
    expect((await ledger.receipt(transaction))?.block.hash).toBe(block.hash)
  }
}
