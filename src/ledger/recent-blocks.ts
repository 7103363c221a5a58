/**
 * The newest blocks with their logs, at hand: what was just made is asked for again and again, by everyone who follows.
 *
 * Laws: what is answered from here is what the engine would answer, in the same order; a range that is not at hand whole
 * is not answered at all; blocks and logs kept are bounded.
 */
import type { BlockLogs, Head, Log, LogFilter, Receipt } from './port.ts'

const MOST_BLOCKS = 256
const MOST_LOGS = 8_192

export class RecentBlocks {
  #blocks: BlockLogs[] = []
  #logs = 0

  /** Takes a block as it was made; one that does not follow the last begins anew. */
  add(block: Head, receipts: readonly Receipt[]): void {
    if (this.#blocks.at(-1)?.block.hash !== block.parentHash) this.#forget(this.#blocks.length)
    const logs = receipts.flatMap((receipt) => receipt.logs).sort((a, b) => a.index - b.index)
    this.#blocks.push({ block, logs })
    this.#logs += logs.length
    while (this.#blocks.length > 1 && (this.#blocks.length > MOST_BLOCKS || this.#logs > MOST_LOGS))
      this.#forget(1)
  }

  block(height: number): Head | undefined {
    return this.#at(height)?.block
  }

  /** The logs of a range as far as `head`, or undefined where a block of it is not at hand. */
  logs({ from, to, addresses }: LogFilter, head: Head): readonly BlockLogs[] | undefined {
    const until = Math.min(to ?? head.height, head.height)
    if (from > until) return []
    if (this.#at(from) === undefined || this.#at(until) === undefined) return undefined
    const wanted = (log: Log): boolean => addresses === undefined || addresses.includes(log.address)
    const found: BlockLogs[] = []
    for (let height = from; height <= until; height++) {
      const kept = this.#at(height)
      if (kept === undefined) return undefined
      const logs = kept.logs.filter(wanted)
      if (logs.length > 0 || height === until) found.push({ block: kept.block, logs })
    }
    return found
  }

  #at(height: number): BlockLogs | undefined {
    const first = this.#blocks[0]?.block.height
    return first === undefined ? undefined : this.#blocks[height - first]
  }

  #forget(count: number): void {
    for (const { logs } of this.#blocks.splice(0, count)) this.#logs -= logs.length
  }
}
