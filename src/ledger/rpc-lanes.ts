/**
 * Relayer lanes over JSON-RPC: one sequential nonce lane per account, kept in the outbox, watched into blocks.
 *
 * Laws: a transaction is on disk before it is sent; one at a time per lane until the engine has accepted it, and a
 * bounded number on their way; a revoke goes before everything of its lane that is not yet signed; receipts are asked
 * for after the block was seen (an engine may block for seconds on an unknown hash); what is not included is sent
 * again, byte for byte.
 */
import { type Address, type Hash32, IsletError } from '../vocabulary/index.ts'
import type { SeenBlock } from './head-watch.ts'
import type { RpcAsk } from './log-pages.ts'
import type { Outbox, Outgoing } from './outbox.ts'
import type { Call, Receipt, Signer } from './port.ts'
import { blockHashOf, blockNumberOf, headOf, numberOf, quantityHex, receiptOf } from './rpc-shapes.ts'
import { type SignedTransaction, signTransaction } from './transaction.ts'

export interface LaneOptions {
  readonly ask: RpcAsk
  readonly outbox: Outbox
  readonly chainId: number
  readonly isUrgent: (call: Pick<Call, 'data'>) => boolean
  /** Calls of one sender that may wait unsigned. */
  readonly perSender: number
  /** Transactions of one sender on their way at once. */
  readonly window: number
  /** After this long without inclusion a transaction is sent again, milliseconds. */
  readonly resendMs: number
  readonly isClosed: () => boolean
}

interface Flight {
  readonly outgoing: Outgoing
  /** First sending in this process, and the latest, by the monotonic clock. */
  readonly firstSentAt: number
  sentAt: number
  readonly settled: Promise<Receipt>
  resolve(receipt: Receipt): void
  reject(error: unknown): void
}

interface Waiting {
  readonly call: Call
  readonly keys: readonly Hash32[]
  readonly by: Signer
  resolve(receipt: Receipt): void
  reject(error: unknown): void
}

interface Lane {
  readonly urgent: Waiting[]
  readonly ordinary: Waiting[]
  next: number | undefined
  flying: number
  pumping: boolean
}

const PAUSE_MS = 100

export class RpcLanes {
  readonly #options: LaneOptions
  readonly #lanes = new Map<Address, Lane>()
  readonly #flights = new Map<Hash32, Flight>()

  constructor(options: LaneOptions) {
    this.#options = options
    for (const outgoing of options.outbox.waiting()) this.#fly(outgoing)
  }

  /** Transactions sent and not yet seen in a block. */
  get flying(): number {
    return this.#flights.size
  }

  /** First sending of what has waited longest, by the monotonic clock; undefined when nothing is on its way. */
  get oldestFirstSent(): number | undefined {
    let oldest: number | undefined
    for (const { firstSentAt } of this.#flights.values())
      oldest = Math.min(oldest ?? firstSentAt, firstSentAt)
    return oldest
  }

  get waiting(): number {
    let sum = 0
    for (const { urgent, ordinary } of this.#lanes.values()) sum += urgent.length + ordinary.length
    return sum
  }

  flightOf(hash: Hash32): Promise<Receipt> | undefined {
    return this.#flights.get(hash)?.settled
  }

  /** Takes a call into its sender's lane. Throws `LEDGER_BUSY`. */
  enter(call: Call, by: Signer, keys: readonly Hash32[]): Promise<Receipt> {
    const lane = this.#laneOf(by.address)
    const line = this.#options.isUrgent(call) ? lane.urgent : lane.ordinary
    if (line.length >= this.#options.perSender) {
      throw new IsletError('LEDGER_BUSY', 'too many submissions wait for the ledger', {
        retry_after_seconds: 1,
      })
    }
    return new Promise((resolve, reject) => {
      line.push({ call, keys, by, resolve, reject })
      void this.#pump(by.address, lane)
    })
  }

  /** Sends a transaction that others signed. */
  async enterSigned(signed: SignedTransaction): Promise<Receipt> {
    const outgoing: Outgoing = {
      hash: signed.hash,
      sender: signed.sender,
      nonce: signed.nonce,
      raw: signed.raw,
      keys: [],
    }
    const flying = this.#flights.get(signed.hash)
    if (flying !== undefined) return flying.settled
    await this.#options.outbox.keep(outgoing)
    const flight = this.#fly(outgoing)
    try {
      await this.#send(outgoing)
    } catch (error) {
      if (!isUnreachable(error)) await this.#giveUp(flight, error)
    }
    return flight.settled
  }

  /** Settles what a new block holds; after a gap, looks for everything on its way. */
  async onBlock(block: SeenBlock): Promise<void> {
    const here = new Set(block.transactions)
    if (block.gap) {
      // The chain may count an idle sender's transactions differently now.
      for (const lane of this.#lanes.values()) if (lane.flying === 0) lane.next = undefined
    }
    if (!block.gap) await this.#settleFrom(block, here)
    for (const flight of [...this.#flights.values()]) {
      if (block.gap || here.has(flight.outgoing.hash)) await this.#look(flight)
      else if (performance.now() - flight.sentAt > this.#options.resendMs) await this.#resend(flight)
    }
  }

  /** Sends again what has been on its way for too long, also while no block comes. */
  async resendLate(): Promise<void> {
    for (const flight of [...this.#flights.values()]) {
      if (performance.now() - flight.sentAt > this.#options.resendMs) await this.#resend(flight)
    }
  }

  /** Sends again all that a crash left on its way, in the order of nonces. */
  async resendAll(): Promise<void> {
    for (const { hash } of this.#options.outbox.waiting()) {
      const flight = this.#flights.get(hash)
      if (flight !== undefined) await this.#resend(flight).catch(() => undefined)
    }
  }

  async #resend(flight: Flight): Promise<void> {
    flight.sentAt = performance.now()
    if (await this.#look(flight)) return
    try {
      await this.#send(flight.outgoing)
    } catch (error) {
      if (!isUnreachable(error) && !isBusy(error)) await this.#giveUp(flight, error)
    }
  }

  /** Everything unsettled hears that the ledger is closed; the outbox keeps what was signed. */
  close(): void {
    const closed = new IsletError('LEDGER_CLOSED', 'the ledger is closed')
    for (const lane of this.#lanes.values()) {
      for (const waiting of [...lane.urgent.splice(0), ...lane.ordinary.splice(0)]) waiting.reject(closed)
    }
    for (const flight of this.#flights.values()) flight.reject(closed)
    this.#flights.clear()
  }

  #laneOf(sender: Address): Lane {
    const known = this.#lanes.get(sender)
    if (known !== undefined) return known
    const lane: Lane = { urgent: [], ordinary: [], next: undefined, flying: 0, pumping: false }
    for (const { outgoing } of this.#flights.values()) {
      if (outgoing.sender === sender) lane.flying += 1
    }
    this.#lanes.set(sender, lane)
    return lane
  }

  async #pump(sender: Address, lane: Lane): Promise<void> {
    if (lane.pumping) return
    lane.pumping = true
    try {
      while (!this.#options.isClosed()) {
        const urgent = lane.urgent[0]
        const waiting = urgent ?? lane.ordinary[0]
        if (waiting === undefined) break
        if (lane.flying >= this.#options.window * (urgent === undefined ? 1 : 2)) break
        if (lane.next === undefined) {
          try {
            lane.next = await this.#nextNonce(sender)
          } catch {
            await pause(PAUSE_MS)
          }
          continue
        }
        ;(urgent === undefined ? lane.ordinary : lane.urgent).shift()
        await this.#sendNew(lane, waiting, lane.next)
      }
    } finally {
      lane.pumping = false
    }
  }

  async #sendNew(lane: Lane, waiting: Waiting, nonce: number): Promise<void> {
    const { call, by, keys } = waiting
    const { outbox, chainId } = this.#options
    const { hash, sender, raw } = signTransaction(call, nonce, chainId, by)
    const outgoing: Outgoing = { hash, sender, nonce, raw, keys }
    try {
      await outbox.keep(outgoing)
    } catch (error) {
      waiting.reject(error)
      return
    }
    const flight = this.#fly(outgoing)
    flight.settled.then(waiting.resolve, waiting.reject)
    lane.next = nonce + 1
    for (;;) {
      try {
        await this.#send(outgoing)
        return
      } catch (error) {
        if (this.#options.isClosed() || !this.#flights.has(hash)) return
        if (isUnreachable(error) || isBusy(error)) {
          await pause(PAUSE_MS)
          continue
        }
        // The number was not used, or was used by another sender of the same key: ask again.
        lane.next = undefined
        await this.#giveUp(flight, error)
        return
      }
    }
  }

  /** Sends; an answer that says the engine has it already is as good as acceptance. */
  async #send(outgoing: Outgoing): Promise<void> {
    try {
      await this.#options.ask('eth_sendRawTransaction', [outgoing.raw])
    } catch (error) {
      const said = error instanceof IsletError && error.cause instanceof Error ? error.cause.message : ''
      if (/already (known|imported|exists|in)|tx already/i.test(said)) return
      if (/nonce too low|invalid sequence/i.test(said)) {
        const flight = this.#flights.get(outgoing.hash)
        if (flight === undefined || (await this.#look(flight))) return
      }
      throw error
    }
  }

  async #nextNonce(sender: Address): Promise<number> {
    const chain = numberOf(await this.#options.ask('eth_getTransactionCount', [sender, 'latest']), 'nonce')
    let next = chain
    for (const { outgoing } of this.#flights.values()) {
      if (outgoing.sender === sender && outgoing.nonce >= next) next = outgoing.nonce + 1
    }
    return next
  }

  #fly(outgoing: Outgoing): Flight {
    let resolve: (receipt: Receipt) => void = () => undefined
    let reject: (error: unknown) => void = () => undefined
    const settled = new Promise<Receipt>((yes, no) => {
      resolve = yes
      reject = no
    })
    settled.catch(() => undefined)
    const flight: Flight = {
      outgoing,
      firstSentAt: performance.now(),
      sentAt: performance.now(),
      settled,
      resolve,
      reject,
    }
    this.#flights.set(outgoing.hash, flight)
    const lane = this.#lanes.get(outgoing.sender)
    if (lane !== undefined) lane.flying += 1
    return flight
  }

  /** Settles a flight if its transaction stands in a block. */
  async #look(flight: Flight): Promise<boolean> {
    const { hash } = flight.outgoing
    const probe = await this.#options.ask('eth_getTransactionByHash', [hash])
    if (probe === null || !inBlock(probe)) return false
    const receipt = await receiptByHash(this.#options.ask, hash)
    if (receipt === undefined) return false
    await this.#settle(flight, receipt)
    return true
  }

  /** Settles what a block holds with the receipts of the whole block: an engine reads it anew for each receipt asked alone. */
  async #settleFrom({ head }: SeenBlock, here: ReadonlySet<Hash32>): Promise<void> {
    if (![...this.#flights.keys()].some((hash) => here.has(hash))) return
    try {
      const answered = await this.#options.ask('eth_getBlockReceipts', [quantityHex(head.height)])
      for (const json of Array.isArray(answered) ? answered : []) {
        if (blockHashOf(json) !== head.hash) return
        const receipt = receiptOf(json, head)
        const flight = this.#flights.get(receipt.transaction)
        if (flight !== undefined) await this.#settle(flight, receipt)
      }
    } catch {
      // An endpoint without this method, or late: each is looked for alone.
    }
  }

  async #settle(flight: Flight, receipt: Receipt): Promise<void> {
    await this.#options.outbox.settle(receipt.transaction).catch(() => undefined)
    this.#land(flight)
    flight.resolve(receipt)
  }

  async #giveUp(flight: Flight, error: unknown): Promise<void> {
    await this.#options.outbox.drop(flight.outgoing.hash).catch(() => undefined)
    this.#land(flight)
    const said = error instanceof IsletError && error.cause instanceof Error ? error.cause.message : ''
    const why = /nonce too low|invalid sequence/i.test(said) ? 'NONCE_TOO_LOW' : 'ENGINE'
    flight.reject(
      new IsletError('TRANSACTION_REFUSED', 'the engine refused the transaction', { why }, { cause: error }),
    )
  }

  #land(flight: Flight): void {
    if (!this.#flights.delete(flight.outgoing.hash)) return
    const lane = this.#lanes.get(flight.outgoing.sender)
    if (lane === undefined) return
    lane.flying -= 1
    void this.#pump(flight.outgoing.sender, lane)
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

function inBlock(probe: unknown): boolean {
  return (
    typeof probe === 'object' && probe !== null && 'blockHash' in probe && typeof probe.blockHash === 'string'
  )
}

function isUnreachable(error: unknown): boolean {
  return error instanceof IsletError && error.code === 'UNREACHABLE'
}

/**
 * Our own gateway's -32005, the words of other engines' full pools, and a number too high: an endpoint that took over
 * has not been given the ones before it yet; they are sent again too.
 */
function isBusy(error: unknown): boolean {
  if (!(error instanceof IsletError) || error.code !== 'RPC_REFUSED') return false
  const said = error.cause instanceof Error ? error.cause.message : ''
  return (
    error.facts['code'] === -32005 ||
    /mempool is full|txpool is full|nonce too high|LEDGER_HALTED/i.test(said)
  )
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms).unref()
  })
}
