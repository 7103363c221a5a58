/**
 * Transactions on their way over JSON-RPC: each from its signing until it stands in a block, is refused, or is taken back.
 *
 * Laws: what is kept in the outbox is settled there before anybody hears of it; receipts are asked for after the block
 * was seen (an engine may block for seconds on an unknown hash).
 */
import { type Address, type Hash32, IsletError } from '../vocabulary/index.ts'
import type { SeenBlock } from './head-watch.ts'
import type { RpcAnswer, RpcCall } from './json-rpc.ts'
import type { RpcAsk } from './log-pages.ts'
import type { Outbox, Outgoing } from './outbox.ts'
import type { Receipt } from './port.ts'
import { blockHashOf, blockNumberOf, blockOf, headOf, quantityHex, receiptOf } from './rpc-shapes.ts'

export interface Flight {
  readonly outgoing: Outgoing
  /** First sending in this process, and the latest, by the monotonic clock. */
  readonly firstSentAt: number
  sentAt: number
  readonly settled: Promise<Receipt>
  resolve(receipt: Receipt): void
  reject(error: unknown): void
}

export interface FlightOptions {
  readonly ask: RpcAsk
  /** Several calls in one request, answered each. Throws `UNREACHABLE`. */
  readonly askAll: (calls: readonly RpcCall[]) => Promise<readonly RpcAnswer[]>
  readonly outbox: Outbox
  /** Hears of every flight that ended. */
  readonly landed: (outgoing: Outgoing) => void
}

export class RpcFlights {
  readonly #options: FlightOptions
  readonly #flights = new Map<Hash32, Flight>()

  /** All that the outbox keeps is on its way. */
  constructor(options: FlightOptions) {
    this.#options = options
    for (const outgoing of options.outbox.waiting()) this.fly(outgoing)
  }

  get size(): number {
    return this.#flights.size
  }

  /** First sending of what has waited longest, by the monotonic clock; undefined when nothing is on its way. */
  get oldestFirstSent(): number | undefined {
    let oldest: number | undefined
    for (const { firstSentAt } of this.#flights.values())
      oldest = Math.min(oldest ?? firstSentAt, firstSentAt)
    return oldest
  }

  all(): readonly Flight[] {
    return [...this.#flights.values()]
  }

  find(hash: Hash32): Flight | undefined {
    return this.#flights.get(hash)
  }

  /** Numbers of a sender that are on their way. */
  numbersOf(sender: Address): Set<number> {
    return new Set(this.all().flatMap(({ outgoing }) => (outgoing.sender === sender ? [outgoing.nonce] : [])))
  }

  fly(outgoing: Outgoing): Flight {
    let resolve: (receipt: Receipt) => void = () => undefined
    let reject: (error: unknown) => void = () => undefined
    const settled = new Promise<Receipt>((yes, no) => {
      resolve = yes
      reject = no
    })
    settled.catch(() => undefined)
    const now = performance.now()
    const flight: Flight = { outgoing, firstSentAt: now, sentAt: now, settled, resolve, reject }
    this.#flights.set(outgoing.hash, flight)
    return flight
  }

  /** Settles a flight if its transaction stands in a block. */
  async look(flight: Flight): Promise<boolean> {
    const { hash } = flight.outgoing
    const probe = await this.#options.ask('eth_getTransactionByHash', [hash])
    if (probe === null || !isInBlock(probe)) return false
    const receipt = await receiptByHash(this.#options.ask, hash)
    if (receipt === undefined) return false
    await this.#settle([[flight, receipt]])
    return true
  }

  /**
   * Settles those that stand in blocks, block by block; gives the others. Throws `UNREACHABLE`. Asked one by one they would
   * take seconds from a busy engine, which lets whoever asks for a receipt wait.
   */
  async settleFound(flights: readonly Flight[]): Promise<readonly Flight[]> {
    const { ask, askAll } = this.#options
    const probe = ({ outgoing }: Flight): RpcCall => ['eth_getTransactionByHash', [outgoing.hash]]
    const heights = new Set<number>()
    const missing: Flight[] = []
    const answers = await askAll(flights.map(probe))
    for (const [i, flight] of flights.entries()) {
      const answer = answers[i]
      if (answer?.ok === true && isInBlock(answer.result)) heights.add(blockNumberOf(answer.result))
      else missing.push(flight)
    }
    for (const height of heights) {
      const block = blockOf(await ask('eth_getBlockByNumber', [quantityHex(height), false]))
      await this.settleFrom({ ...block, gap: false })
    }
    return missing
  }

  /** Settles what a block holds with the receipts of the whole block: an engine reads it anew for each receipt asked alone. */
  async settleFrom({ head, transactions }: SeenBlock): Promise<void> {
    if (!transactions.some((hash) => this.#flights.has(hash))) return
    try {
      const answered = await this.#options.ask('eth_getBlockReceipts', [quantityHex(head.height)])
      const settled: (readonly [Flight, Receipt])[] = []
      for (const json of Array.isArray(answered) ? answered : []) {
        if (blockHashOf(json) !== head.hash) return
        const receipt = receiptOf(json, head)
        const flight = this.#flights.get(receipt.transaction)
        if (flight !== undefined) settled.push([flight, receipt])
      }
      await this.#settle(settled)
    } catch (error) {
      // Late: looked for again when they have waited for long. An endpoint without this method: each is asked for alone.
      if (!isUnknownMethod(error)) return
      for (const hash of transactions) {
        const flight = this.#flights.get(hash)
        if (flight !== undefined) await this.look(flight)
      }
    }
  }

  /** The engine refused it for good. */
  async giveUp(flight: Flight, error: unknown): Promise<void> {
    await this.takeBack(flight)
    const why = isNonceTooLow(error) ? 'NONCE_TOO_LOW' : 'ENGINE'
    flight.reject(
      new IsletError('TRANSACTION_REFUSED', 'the engine refused the transaction', { why }, { cause: error }),
    )
  }

  /** No engine took it, and it will not be sent again. */
  async takeBack({ outgoing }: Flight): Promise<void> {
    await this.#options.outbox.drop(outgoing.hash).catch(() => undefined)
    this.#land(outgoing)
  }

  /** Whoever waits hears why; the outbox keeps what was signed. */
  close(closed: IsletError): void {
    for (const flight of this.#flights.values()) flight.reject(closed)
    this.#flights.clear()
  }

  async #settle(settled: readonly (readonly [Flight, Receipt])[]): Promise<void> {
    const hashes = settled.map(([, { transaction }]) => transaction)
    await this.#options.outbox.settle(...hashes).catch(() => undefined)
    for (const [flight, receipt] of settled) {
      this.#land(flight.outgoing)
      flight.resolve(receipt)
    }
  }

  #land(outgoing: Outgoing): void {
    if (this.#flights.delete(outgoing.hash)) this.#options.landed(outgoing)
  }
}

/** The receipt of a transaction that stands in a block; undefined where it does not. */
export async function receiptByHash(ask: RpcAsk, hash: Hash32): Promise<Receipt | undefined> {
  const json = await ask('eth_getTransactionReceipt', [hash])
  if (json === null) return undefined
  const block = headOf(await ask('eth_getBlockByNumber', [quantityHex(blockNumberOf(json)), false]))
  // Replaced between the two answers: not final yet, asked for again with the next block.
  return block.hash === blockHashOf(json) ? receiptOf(json, block) : undefined
}

export function isUnreachable(error: unknown): boolean {
  return error instanceof IsletError && error.code === 'UNREACHABLE'
}

/**
 * Our own gateway's -32005, the words of other engines' full pools, and a number too high: an endpoint that took over
 * has not been given the ones before it yet; they are sent again too.
 */
export function isBusy(error: unknown): boolean {
  if (!(error instanceof IsletError) || error.code !== 'RPC_REFUSED') return false
  return (
    error.facts['code'] === -32005 ||
    /mempool is full|txpool is full|nonce too high|LEDGER_HALTED/i.test(saidBy(error))
  )
}

/** The engine has it already, which is as good as acceptance. */
export function isKnown(error: unknown): boolean {
  return /already (known|imported|exists|in)|tx already/i.test(saidBy(error))
}

export function isNonceTooLow(error: unknown): boolean {
  return /nonce too low|invalid sequence/i.test(saidBy(error))
}

/** JSON-RPC 2.0, section 5.1. */
function isUnknownMethod(error: unknown): boolean {
  return error instanceof IsletError && error.code === 'RPC_REFUSED' && error.facts['code'] === -32_601
}

function saidBy(error: unknown): string {
  return error instanceof IsletError && error.cause instanceof Error ? error.cause.message : ''
}

/** What an engine shows of a transaction says in which block it stands. */
function isInBlock(probe: unknown): boolean {
  return (
    typeof probe === 'object' && probe !== null && 'blockHash' in probe && typeof probe.blockHash === 'string'
  )
}
