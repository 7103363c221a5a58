/**
 * The sequencer of the embedded engine: takes submissions, makes blocks, answers with receipts.
 *
 * Laws: a block is sealed at once when idle and holds what waited while the one before was made; a revoke goes into the
 * next block whatever waits, alone in its transaction; a full line refuses with `LEDGER_BUSY` and loses nothing; one
 * idempotency key leads to one receipt.
 */
import type { JournalTransaction } from '../journal/index.ts'
import { type Address, type Hash32, type Hex, hash32, IsletError, toHex } from '../vocabulary/index.ts'
import type { EmbeddedChain } from './embedded-chain.ts'
import { Nonces } from './nonces.ts'
import type { Call, Head, Receipt, Signer, SubmitOptions } from './port.ts'
import { blockNumberOf, headOf, numberOf, quantityHex, receiptOf } from './rpc-shapes.ts'
import {
  busy,
  closed,
  gapStays,
  haltedBy,
  outOfOrder,
  partlyKnown,
  refusedByEngine,
} from './submission-refusals.ts'
import {
  parseRaw,
  refuseGas,
  type SignedTransaction,
  signTransaction,
  transactionHash,
} from './transaction.ts'
import { type BlockLimits, type LineLimits, type Waiting, WaitingLine } from './waiting-line.ts'

export interface SequencerOptions {
  readonly chainId: number
  readonly line: LineLimits
  readonly block: BlockLimits
  /** Selectors (4 bytes as hex) of calls that overtake all others. */
  readonly urgent: ReadonlySet<string>
  /** How long a transaction signed elsewhere may wait for those before it, milliseconds. */
  readonly gapWaitMs: number
  /** A pause in the work that is long enough for a snapshot to be nobody's wait, milliseconds; 0: none is needed. */
  readonly quietMs: number
  readonly onHead: (head: Head) => void
}

interface Item extends Waiting {
  readonly sender: Address
  readonly keys: readonly Hash32[]
  /** By the monotonic clock, milliseconds. */
  readonly since: number
  readonly settled: Promise<Receipt>
  resolve(receipt: Receipt): void
  reject(error: unknown): void
  /** The transaction, signed as it enters a block. */
  sign(): SignedTransaction
  /** Set for transactions that others signed. */
  readonly signed?: SignedTransaction
}

/** Nonces ahead of the next that a sender may have waiting. */
const GAP_LIMIT = 64
const KEYS_LIMIT = 65_535

export class Sequencer {
  readonly #chain: EmbeddedChain
  readonly #options: SequencerOptions
  readonly #line: WaitingLine<Item>
  readonly #nonces: Nonces
  readonly #inFlight = new Map<Hash32, Promise<Receipt>>()
  #sealing: Promise<void> | undefined
  #quiet: NodeJS.Timeout | undefined
  #halted: IsletError | undefined
  #closed = false
  readonly #sweeper: NodeJS.Timeout

  constructor(chain: EmbeddedChain, options: SequencerOptions) {
    this.#chain = chain
    this.#options = options
    this.#line = new WaitingLine(options.line)
    this.#nonces = new Nonces(async (account) =>
      numberOf(await chain.call('eth_getTransactionCount', [account, 'latest']), 'nonce'),
    )
    this.#sweeper = setInterval(() => this.#sweep(), 1000)
    this.#sweeper.unref()
  }

  /** Why the last block could not be written, until one can. */
  get halted(): IsletError | undefined {
    return this.#chain.failed ?? this.#halted
  }

  get waiting(): number {
    return this.#line.size
  }

  submit(call: Call, { by, keys }: SubmitOptions): Promise<Receipt> {
    if (this.#closed) return Promise.reject(closed())
    try {
      refuseGas(call)
      if (keys.length > KEYS_LIMIT) throw new IsletError('TOO_MANY_KEYS', 'at most 65,535 keys a call')
    } catch (error) {
      return Promise.reject(error)
    }
    const flying = keys.map((key) => this.#inFlight.get(key))
    const first = flying[0]
    if (first !== undefined && flying.every((promise) => promise === first)) return first
    if (flying.some((promise) => promise !== undefined)) return Promise.reject(partlyKnown())
    return this.#fly(keys, async () => {
      const known = await this.#known(keys)
      if (known !== undefined) return known
      await this.#nonces.load(by.address)
      return this.#enter(this.#laneItem(call, by, keys))
    })
  }

  /** Takes a transaction that others signed; resolves when it has its place, with the promise of its receipt. */
  async acceptRaw(raw: Hex): Promise<{ readonly hash: Hash32; readonly settled: Promise<Receipt> }> {
    if (this.#closed) throw closed()
    const signed = parseRaw(raw, this.#options.chainId)
    const flying = this.#inFlight.get(signed.hash)
    if (flying !== undefined) return { hash: signed.hash, settled: flying }
    const placed = deferred<void>()
    const settled = this.#fly([signed.hash], async () => {
      try {
        const known = await this.receipt(signed.hash)
        if (known !== undefined) {
          placed.resolve()
          return known
        }
        await this.#nonces.load(signed.sender)
        this.#refuseNonce(signed)
        const flight = this.#enter(this.#rawItem(signed))
        placed.resolve()
        return await flight
      } catch (error) {
        placed.reject(error)
        throw error
      }
    })
    settled.catch(() => undefined)
    await placed.promise
    return { hash: signed.hash, settled }
  }

  /** The receipt a key led to; awaits it while in flight. */
  async lookup(key: Hash32): Promise<Receipt | undefined> {
    const flying = this.#inFlight.get(key)
    return flying === undefined ? this.#receiptOf(key) : flying.catch(() => undefined)
  }

  /** The receipt that a key of the journal leads to. */
  async #receiptOf(key: Hash32): Promise<Receipt | undefined> {
    const place = this.#chain.placeOf(key)
    const transaction = place === undefined ? undefined : await this.#chain.transactionAt(place)
    return transaction === undefined ? undefined : this.receipt(transactionHash(transaction.raw))
  }

  /** The receipt of a transaction by its hash. */
  async receipt(hash: Hash32): Promise<Receipt | undefined> {
    const json = await this.#chain.call('eth_getTransactionReceipt', [hash])
    if (json === null) return undefined
    const block = await this.#chain.call('eth_getBlockByNumber', [quantityHex(blockNumberOf(json)), false])
    return receiptOf(json, headOf(block))
  }

  /** The next nonce of an account, counting what waits. */
  async pendingNonce(account: Address): Promise<number> {
    await this.#nonces.load(account)
    let next = this.#nonces.peek(account) ?? 0
    const waiting = new Set<number>()
    this.#line.remove((item) => {
      if (item.sender === account && item.signed !== undefined) waiting.add(item.signed.nonce)
      return false
    })
    while (waiting.has(next)) next += 1
    return next
  }

  /** Refuses what waits, lets the block in progress end. */
  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    clearInterval(this.#sweeper)
    clearTimeout(this.#quiet)
    for (const item of this.#line.remove(() => true)) item.reject(closed())
    await this.#sealing
  }

  #fly(keys: readonly Hash32[], work: () => Promise<Receipt>): Promise<Receipt> {
    const flight = work().finally(() => {
      for (const key of keys) this.#inFlight.delete(key)
    })
    for (const key of keys) this.#inFlight.set(key, flight)
    return flight
  }

  /** The receipt that all keys share; undefined when none is known. */
  async #known(keys: readonly Hash32[]): Promise<Receipt | undefined> {
    if (keys.every((key) => this.#chain.placeOf(key) === undefined)) return undefined
    const receipts = await Promise.all(keys.map((key) => this.#receiptOf(key)))
    const first = receipts[0]
    if (first !== undefined && receipts.every((receipt) => receipt?.transaction === first.transaction))
      return first
    if (receipts.some((receipt) => receipt !== undefined)) throw partlyKnown()
    return undefined
  }

  #laneItem(call: Call, by: Signer, keys: readonly Hash32[]): Item {
    let nonce = 0
    return {
      ...this.#settling(),
      sender: by.address,
      urgent: this.#isUrgent(call),
      gas: call.gas,
      bytes: call.data.length / 2 + 200,
      keys,
      taken: () => {
        nonce = this.#nonces.take(by.address)
      },
      sign: () => signTransaction(call, nonce, this.#options.chainId, by),
    }
  }

  #rawItem(signed: SignedTransaction): Item {
    return {
      ...this.#settling(),
      sender: signed.sender,
      urgent: this.#isUrgent(signed),
      gas: signed.gas,
      bytes: signed.raw.length / 2,
      keys: [],
      signed,
      ready: () => this.#nonces.peek(signed.sender) === signed.nonce,
      taken: () => void this.#nonces.take(signed.sender),
      sign: () => signed,
    }
  }

  #settling(): Pick<Item, 'since' | 'settled' | 'resolve' | 'reject'> {
    const { promise, resolve, reject } = deferred<Receipt>()
    return { since: performance.now(), settled: promise, resolve, reject }
  }

  #isUrgent(call: Pick<Call, 'data'>): boolean {
    return this.#options.urgent.has(call.data.slice(0, 10))
  }

  #refuseNonce(signed: SignedTransaction): void {
    const next = this.#nonces.peek(signed.sender) ?? 0
    let taken = false
    this.#line.remove((item) => {
      if (item.sender === signed.sender && item.signed?.nonce === signed.nonce) taken = true
      return false
    })
    const why =
      signed.nonce < next
        ? 'NONCE_TOO_LOW'
        : signed.nonce >= next + GAP_LIMIT
          ? 'NONCE_TOO_HIGH'
          : taken
            ? 'NONCE_TAKEN'
            : undefined
    if (why !== undefined) throw outOfOrder(why, next)
  }

  #enter(item: Item): Promise<Receipt> {
    if (this.#closed) throw closed()
    if (!this.#line.add(item)) throw busy()
    this.#wake()
    return item.settled
  }

  #wake(): void {
    clearTimeout(this.#quiet)
    this.#sealing ??= new Promise<void>((resolve) => setImmediate(resolve))
      .then(() => this.#run())
      .finally(() => this.#rest())
  }

  #rest(): void {
    this.#sealing = undefined
    if (this.#line.size > 0 && !this.#closed && this.#anyReady()) this.#wake()
  }

  #anyReady(): boolean {
    let ready = false
    this.#line.remove((item) => {
      ready ||= item.ready?.() ?? true
      return false
    })
    return ready
  }

  async #run(): Promise<void> {
    while (!this.#closed) {
      const items = this.#line.take(this.#options.block)
      if (items.length === 0) break
      await this.#seal(items)
    }
    const { isDue, isOverdue } = this.#chain.snapshots
    if (this.#closed || !isDue) return
    if (isOverdue || this.#options.quietMs === 0) await this.#chain.snapshot()
    else this.#snapshotWhenQuiet()
  }

  /** A snapshot stops the blocks for a moment: it waits for a pause in the work, unless it has waited for long. */
  #snapshotWhenQuiet(): void {
    clearTimeout(this.#quiet)
    this.#quiet = setTimeout(() => {
      if (this.#closed || this.#sealing !== undefined) return
      this.#sealing = this.#chain.snapshot().finally(() => this.#rest())
    }, this.#options.quietMs)
    this.#quiet.unref()
  }

  async #seal(items: readonly Item[]): Promise<void> {
    const signed = items.map((item) => item.sign())
    const transactions = signed.map(({ raw }, i): JournalTransaction => ({ raw, keys: items[i]?.keys ?? [] }))
    try {
      const hashes = signed.map(({ hash }) => hash)
      const { head, receipts, left } = await this.#chain.seal(transactions, hashes)
      this.#nonces.settle()
      this.#halted = undefined
      const byHash = new Map(receipts.map((receipt) => [receipt.transaction, receipt]))
      const stuck: Item[] = []
      for (const [i, item] of items.entries()) {
        const hash = signed[i]?.hash ?? hash32(toHex(new Uint8Array(32)))
        const receipt = byHash.get(hash)
        if (receipt !== undefined) item.resolve(receipt)
        else if (left.get(hash) === 'stuck') stuck.push(item)
        else item.reject(refusedByEngine())
      }
      if (left.size > 0) {
        for (const sender of new Set(items.map((item) => item.sender))) await this.#nonces.reload(sender)
        this.#line.putBack(stuck)
      }
      this.#options.onHead(head)
    } catch (error) {
      this.#nonces.giveBack()
      const because = error instanceof IsletError ? error : undefined
      this.#halted = because ?? new IsletError('ENGINE_FAILED', 'the ledger could not make a block')
      for (const item of items) item.reject(haltedBy(this.#halted))
    }
  }

  #sweep(): void {
    const before = performance.now() - this.#options.gapWaitMs
    const late = this.#line.remove(
      (item) => item.signed !== undefined && item.since < before && item.ready?.() === false,
    )
    for (const item of late) item.reject(gapStays())
  }
}

function deferred<T>(): {
  readonly promise: Promise<T>
  resolve(value: T): void
  reject(error: unknown): void
} {
  let resolve: (value: T) => void = () => undefined
  let reject: (error: unknown) => void = () => undefined
  const promise = new Promise<T>((yes, no) => {
    resolve = yes
    reject = no
  })
  return { promise, resolve: (value) => resolve(value), reject: (error) => reject(error) }
}
