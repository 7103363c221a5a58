/**
 * Watches the head of a chain by asking for it, and hands on every block once, in order.
 *
 * Laws: where somebody waits for a block the chain is asked at every turn, where something happened lately at some, else
 * seldom, for asking costs every endpoint (a block without transactions is a heartbeat, not something that happened); a
 * block is handed on with the transactions it holds; where blocks were missed or replaced, the listener is told to look
 * for itself (`gap`), rather than being led to think that nothing happened. An open watch keeps its process alive, for
 * somebody may wait for a block.
 */
import { type Hash32, IsletError } from '../vocabulary/index.ts'
import type { RpcAsk } from './log-pages.ts'
import type { Head } from './port.ts'
import { blockOf, numberOf, quantityHex, type RpcBlock } from './rpc-shapes.ts'

export interface SeenBlock {
  readonly head: Head
  readonly transactions: readonly Hash32[]
  /** Blocks before this one were skipped or replaced. */
  readonly gap: boolean
}

/** More missed blocks than this are not fetched one by one. */
const CATCH_UP = 64

/** A chain on which nothing has happened for this long is at rest. */
const REST_AFTER_MS = 1_000
/** Asked once in so many turns: a chain at rest, and one that moves while nobody here waits. */
const REST_TURNS = 8
const IDLE_TURNS = 4

export interface HeadWatchOptions {
  readonly ask: RpcAsk
  /** How often the head is asked for while somebody waits, milliseconds. */
  readonly pollMs: number
  /** Whether somebody waits for a block. */
  readonly isAwaited: () => boolean
  readonly onBlock: (block: SeenBlock) => Promise<void>
}

export class HeadWatch {
  readonly #ask: RpcAsk
  readonly #onBlock: (block: SeenBlock) => Promise<void>
  readonly #pollMs: number
  readonly #isAwaited: () => boolean
  #rested = 0
  /** When something last happened, by the monotonic clock in milliseconds. */
  #busyAt = performance.now()
  #head: Head | undefined
  #timer: NodeJS.Timeout | undefined
  #closed = false
  #looking: Promise<void> | undefined
  /** When the head last moved and when an endpoint last answered, by the monotonic clock in milliseconds. */
  movedAt = performance.now()
  answeredAt = performance.now()

  constructor({ ask, pollMs, isAwaited, onBlock }: HeadWatchOptions) {
    this.#ask = ask
    this.#pollMs = pollMs
    this.#isAwaited = isAwaited
    this.#onBlock = onBlock
  }

  get head(): Head | undefined {
    return this.#head
  }

  async start(): Promise<void> {
    await this.look()
    this.#again()
  }

  /** Looks now; several callers share one look. Throws `UNREACHABLE`. */
  look(): Promise<void> {
    this.#looking ??= this.#look().finally(() => {
      this.#looking = undefined
    })
    return this.#looking
  }

  async close(): Promise<void> {
    this.#closed = true
    clearTimeout(this.#timer)
    await this.#looking?.catch(() => undefined)
  }

  #again(): void {
    if (this.#closed) return
    this.#timer = setTimeout(() => {
      if (this.#mayRest()) return this.#again()
      this.look()
        .catch(() => undefined)
        .finally(() => this.#again())
    }, this.#pollMs)
  }

  #mayRest(): boolean {
    const turns = performance.now() - this.#busyAt > REST_AFTER_MS ? REST_TURNS : IDLE_TURNS
    this.#rested = this.#isAwaited() ? 0 : (this.#rested + 1) % turns
    return this.#rested > 0
  }

  async #look(): Promise<void> {
    const before = this.#head
    // A number costs an engine little, a block all its transactions; a block in another's place shows by the next one's parent.
    const height = numberOf(await this.#ask('eth_blockNumber', []), 'eth_blockNumber')
    this.answeredAt = performance.now()
    // A replica that lags behind the one asked before says nothing new.
    if (before !== undefined && height <= before.height) return
    const latest = blockOf(await this.#ask('eth_getBlockByNumber', ['latest', false]))
    if (before !== undefined && latest.head.height <= before.height) return
    this.movedAt = performance.now()
    if (before === undefined) return this.#hand(latest, true)
    const missed = latest.head.height - before.height - 1
    if (missed > CATCH_UP || missed < 0) return this.#hand(latest, true)
    const blocks: RpcBlock[] = []
    for (let height = before.height + 1; height < latest.head.height; height++) {
      const json = await this.#ask('eth_getBlockByNumber', [quantityHex(height), false])
      if (json === null) throw new IsletError('UNREACHABLE', 'a block below the head is missing')
      blocks.push(blockOf(json))
    }
    let parent = before
    for (const block of [...blocks, latest]) {
      await this.#hand(block, block.head.parentHash !== parent.hash)
      parent = block.head
    }
  }

  async #hand(block: RpcBlock, gap: boolean): Promise<void> {
    this.#head = block.head
    if (gap || block.transactions.length > 0) this.#busyAt = performance.now()
    if (!this.#closed) await this.#onBlock({ head: block.head, transactions: block.transactions, gap })
  }
}
