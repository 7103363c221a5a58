/**
 * Relayer lanes over JSON-RPC: one sequential nonce lane per account, kept in the outbox, watched into blocks.
 *
 * Laws: a transaction is on disk before it is sent; those of a lane that wait together are kept and sent together, in
 * their order, and no other before the engine has answered; a bounded number is on its way; a revoke goes before
 * everything of its lane that is not yet signed; no number is left out for good; what is not included is sent again,
 * byte for byte.
 */
import { type Address, type Hash32, IsletError } from '../vocabulary/index.ts'
import type { SeenBlock } from './head-watch.ts'
import { type RpcAnswer, type RpcCall, refusal } from './json-rpc.ts'
import type { RpcAsk } from './log-pages.ts'
import type { Outbox, Outgoing } from './outbox.ts'
import type { Call, Receipt, Signer } from './port.ts'
import { type Flight, isBusy, isKnown, isNonceTooLow, isUnreachable, RpcFlights } from './rpc-flights.ts'
import { numberOf } from './rpc-shapes.ts'
import { type SignedTransaction, signTransaction } from './transaction.ts'

export interface LaneOptions {
  readonly ask: RpcAsk
  /** Several calls in one request, answered each. Throws `UNREACHABLE`. */
  readonly askAll: (calls: readonly RpcCall[]) => Promise<readonly RpcAnswer[]>
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
  /** Numbers on their way. */
  readonly flying: Set<number>
  pumping: boolean
}

const PAUSE_MS = 100
/** Transactions sent in one request. */
const MOST_TOGETHER = 32
/** Gas of a transaction that does nothing. */
const NOTHING_GAS = 21_000

export class RpcLanes {
  readonly #options: LaneOptions
  readonly #lanes = new Map<Address, Lane>()
  readonly #flights: RpcFlights
  #resending: Promise<void> | undefined

  constructor(options: LaneOptions) {
    this.#options = options
    const { ask, askAll, outbox } = options
    this.#flights = new RpcFlights({ ask, askAll, outbox, landed: (outgoing) => this.#landed(outgoing) })
  }

  /** Whether something is on its way. */
  get isFlying(): boolean {
    return this.#flights.size > 0
  }

  /** First sending of what has waited longest, by the monotonic clock; undefined when nothing is on its way. */
  get oldestFirstSent(): number | undefined {
    return this.#flights.oldestFirstSent
  }

  flightOf(hash: Hash32): Promise<Receipt> | undefined {
    return this.#flights.find(hash)?.settled
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
    const { hash, sender, nonce, raw } = signed
    const flying = this.#flights.find(hash)
    if (flying !== undefined) return flying.settled
    const outgoing: Outgoing = { hash, sender, nonce, raw, keys: [] }
    await this.#options.outbox.keep(outgoing)
    const flight = this.#fly(outgoing)
    const failure = (await this.#sendAll([flight])).get(flight)
    if (failure !== undefined && !isUnreachable(failure)) await this.#flights.giveUp(flight, failure)
    return flight.settled
  }

  /** Settles what a new block holds; after a gap, looks for everything on its way. */
  async onBlock(block: SeenBlock): Promise<void> {
    if (block.gap) {
      // The chain may count an idle sender's transactions differently now.
      for (const lane of this.#lanes.values()) if (lane.flying.size === 0) lane.next = undefined
      for (const group of together(this.#flights.all())) await this.#flights.settleFound(group)
    } else await this.#flights.settleFrom(block)
    // Beside the next block, not before it: what is late would make everything late.
    void this.resendLate().catch(() => undefined)
  }

  /** Sends again what has been on its way for too long, also while no block comes; several callers share one sending. */
  resendLate(): Promise<void> {
    const { resendMs } = this.#options
    const late = this.#flights.all().filter(({ sentAt }) => performance.now() - sentAt > resendMs)
    this.#resending ??= this.#resend(late).finally(() => {
      this.#resending = undefined
    })
    return this.#resending
  }

  /** Sends again all that a crash left on its way, in the order of nonces. */
  async resendAll(): Promise<void> {
    const left = this.#options.outbox.waiting().map(({ hash }) => this.#flights.find(hash))
    await this.#resend(left.filter((flight) => flight !== undefined)).catch(() => undefined)
  }

  /** Everything unsettled hears that the ledger is closed; the outbox keeps what was signed. */
  close(): void {
    const closed = new IsletError('LEDGER_CLOSED', 'the ledger is closed')
    for (const lane of this.#lanes.values()) {
      for (const waiting of [...lane.urgent.splice(0), ...lane.ordinary.splice(0)]) waiting.reject(closed)
    }
    this.#flights.close(closed)
  }

  /** Many at a time: where the engine is slow all are late at once, and asking for each alone would make it slower. */
  async #resend(late: readonly Flight[]): Promise<void> {
    for (const group of together(late)) {
      for (const flight of group) flight.sentAt = performance.now()
      for (const [flight, failure] of await this.#sendAll(await this.#flights.settleFound(group))) {
        if (isForGood(failure)) await this.#flights.giveUp(flight, failure)
      }
    }
  }

  #laneOf(sender: Address): Lane {
    const known = this.#lanes.get(sender)
    if (known !== undefined) return known
    const flying = this.#flights.numbersOf(sender)
    const lane: Lane = { urgent: [], ordinary: [], next: undefined, flying, pumping: false }
    this.#lanes.set(sender, lane)
    return lane
  }

  async #pump(sender: Address, lane: Lane): Promise<void> {
    if (lane.pumping) return
    lane.pumping = true
    try {
      while (!this.#options.isClosed() && this.#mayTake(lane).some((count) => count > 0)) {
        if (lane.next === undefined) {
          try {
            lane.next = numberOf(
              await this.#options.ask('eth_getTransactionCount', [sender, 'latest']),
              'nonce',
            )
          } catch {
            await pause(PAUSE_MS)
          }
          continue
        }
        await this.#sendNew(lane, lane.next)
      }
    } finally {
      lane.pumping = false
    }
  }

  /** How many of the urgent and of the others may be signed now. */
  #mayTake({ urgent, ordinary, flying }: Lane): readonly [urgent: number, ordinary: number] {
    const { window } = this.#options
    const first = Math.min(urgent.length, MOST_TOGETHER, Math.max(0, 2 * window - flying.size))
    const free = Math.min(MOST_TOGETHER, window - flying.size) - first
    return [first, urgent.length > first ? 0 : Math.max(0, Math.min(ordinary.length, free))]
  }

  async #sendNew(lane: Lane, from: number): Promise<void> {
    const { outbox, chainId } = this.#options
    const [urgent, ordinary] = this.#mayTake(lane)
    const group = [...lane.urgent.splice(0, urgent), ...lane.ordinary.splice(0, ordinary)]
    let number = from
    const signed = group.map(({ call, by, keys }): Outgoing => {
      while (lane.flying.has(number)) number += 1
      const { hash, sender, raw, nonce } = signTransaction(call, number++, chainId, by)
      return { hash, sender, nonce, raw, keys }
    })
    try {
      await outbox.keep(...signed)
    } catch (error) {
      for (const waiting of group) waiting.reject(error)
      return
    }
    lane.next = number
    const sent = new Map<Flight, Waiting>()
    signed.forEach((outgoing, i) => {
      const waiting = group[i]
      if (waiting === undefined) return
      const flight = this.#fly(outgoing)
      flight.settled.then(waiting.resolve, waiting.reject)
      sent.set(flight, waiting)
    })
    const refused = await this.#untilTaken(sent.keys())
    if (refused.size > 0) await this.#afterRefusal(lane, sent, refused)
  }

  /** Sends a group until each is taken, or one is refused for good; gives those that no engine took, and why. */
  async #untilTaken(group: Iterable<Flight>): Promise<ReadonlyMap<Flight, unknown>> {
    let left: readonly Flight[] = [...group]
    for (;;) {
      const failures = await this.#sendAll(left)
      const isOpen = ({ outgoing }: Flight): boolean => this.#flights.find(outgoing.hash) !== undefined
      left = left.filter((flight) => failures.has(flight) && isOpen(flight))
      if (this.#options.isClosed() || left.length === 0) return new Map()
      if (left.some((flight) => isForGood(failures.get(flight)))) {
        return new Map(left.map((flight) => [flight, failures.get(flight)]))
      }
      await pause(PAUSE_MS)
    }
  }

  /**
   * The number of what was refused for good was not used, or was used by another sender of the same key: it is asked for
   * again. What was refused only for standing behind it is signed anew; where an engine took later ones all the same,
   * they wait for that number, so something that does nothing takes it.
   */
  async #afterRefusal(
    lane: Lane,
    sent: ReadonlyMap<Flight, Waiting>,
    refused: ReadonlyMap<Flight, unknown>,
  ): Promise<void> {
    const again: Waiting[] = []
    const taken = [...sent.keys()].filter((flight) => !refused.has(flight))
    const highest = Math.max(-1, ...taken.map(({ outgoing }) => outgoing.nonce))
    for (const [flight, failure] of refused) {
      const waiting = sent.get(flight)
      if (waiting === undefined) continue
      if (!isForGood(failure)) {
        await this.#flights.takeBack(flight)
        again.push(waiting)
        continue
      }
      await this.#flights.giveUp(flight, failure)
      if (flight.outgoing.nonce < highest && !isNonceTooLow(failure)) again.push(nothing(waiting.by))
    }
    lane.next = undefined
    const { isUrgent, isClosed } = this.#options
    lane.urgent.unshift(...again.filter(({ call }) => isUrgent(call)))
    lane.ordinary.unshift(...again.filter(({ call }) => !isUrgent(call)))
    if (isClosed()) this.close()
  }

  /** Sends in order; which were not taken, and why. What the engine has already counts as taken. */
  async #sendAll(group: readonly Flight[]): Promise<ReadonlyMap<Flight, unknown>> {
    const failures = new Map<Flight, unknown>()
    if (group.length === 0) return failures
    let answers: readonly RpcAnswer[]
    const calls = group.map(({ outgoing }): RpcCall => ['eth_sendRawTransaction', [outgoing.raw]])
    try {
      answers = await this.#options.askAll(calls)
    } catch (error) {
      return new Map(group.map((flight) => [flight, error]))
    }
    for (const [i, flight] of group.entries()) {
      const answer = answers[i] ?? { ok: false, code: 0, message: 'no answer' }
      if (answer.ok) continue
      const error = refusal('eth_sendRawTransaction', answer)
      if (isKnown(error)) continue
      if (isNonceTooLow(error) && (await this.#landedMeanwhile(flight))) continue
      failures.set(flight, error)
    }
    return failures
  }

  async #landedMeanwhile(flight: Flight): Promise<boolean> {
    if (this.#flights.find(flight.outgoing.hash) === undefined) return true
    return this.#flights.look(flight).catch(() => false)
  }

  #fly(outgoing: Outgoing): Flight {
    this.#lanes.get(outgoing.sender)?.flying.add(outgoing.nonce)
    return this.#flights.fly(outgoing)
  }

  #landed({ sender, nonce }: Outgoing): void {
    const lane = this.#lanes.get(sender)
    if (lane === undefined) return
    lane.flying.delete(nonce)
    void this.#pump(sender, lane)
  }
}

/** As many as are sent in one request. */
function* together(flights: readonly Flight[]): Generator<readonly Flight[]> {
  for (let from = 0; from < flights.length; from += MOST_TOGETHER) {
    yield flights.slice(from, from + MOST_TOGETHER)
  }
}

function isForGood(failure: unknown): boolean {
  return failure !== undefined && !isUnreachable(failure) && !isBusy(failure)
}

/** A transaction that does nothing but take a number. */
function nothing(by: Signer): Waiting {
  const nobody = (): void => undefined
  const call = { to: by.address, data: '0x', gas: NOTHING_GAS } as const
  return { call, by, keys: [], resolve: nobody, reject: nobody }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms).unref()
  })
}
