/**
 * The RPC engine: the same port over any Ethereum JSON-RPC endpoint, another institution's gateway among them.
 *
 * Law: only standard `eth_` methods, gas always stated, never `eth_fillTransaction` (one engine drops the calldata), no
 * log query beyond the head, receipts after their block. When the head stands still while transactions wait, the
 * ledger is halted: reads go on, revokes are kept in the outbox, everything else is refused with `LEDGER_HALTED`.
 */
import { type Address, type Hash32, type Hex, IsletError } from '../vocabulary/index.ts'
import { type Disk, realDisk } from './disk.ts'
import { withGenesis } from './genesis-logs.ts'
import { HeadWatch } from './head-watch.ts'
import { lockDataDirectory } from './lock.door.ts'
import { logPages } from './log-pages.ts'
import { Outbox } from './outbox.ts'
import type {
  BlockLogs,
  Call,
  Head,
  Ledger,
  LedgerState,
  Log,
  LogFilter,
  ReadAnswer,
  Receipt,
  SubmitOptions,
} from './port.ts'
import { readFailure } from './read-failure.ts'
import { type ChainIdentity, type ExpectedChain, RpcEndpoints } from './rpc-endpoints.ts'
import { receiptByHash } from './rpc-flights.ts'
import { RpcLanes } from './rpc-lanes.ts'
import { headOf, hexOf, quantityHex } from './rpc-shapes.ts'
import { signatureThreads } from './signature-threads.ts'
import { haltedBy } from './submission-refusals.ts'
import { parseRaw, refuseGas } from './transaction.ts'
import { URGENT_SELECTORS } from './urgency.ts'

export interface RpcOptions {
  /** Endpoints of one chain, in order of preference. */
  readonly urls: readonly string[]
  /** What they must show at start; without it, the first answer is believed. */
  readonly expect?: ExpectedChain
  /** Where the outbox is kept. */
  readonly directory: string
  readonly disk?: Disk
  /** How often the head is asked for while it moves or something is on its way, milliseconds. */
  readonly pollMs?: number
  /** A head that has not moved for this long while transactions wait is a halt, milliseconds. */
  readonly haltAfterMs?: number
  /** What a genesis that runs constructors logged, which no endpoint shows: told with block 1, ahead of its own. */
  readonly genesisLogs?: readonly Log[]
  readonly resendMs?: number
  readonly timeoutMs?: number
  /** Calls of one sender that may wait. */
  readonly perSender?: number
  /** Transactions of one sender on their way at once. */
  readonly window?: number
}

/** Opens a ledger behind JSON-RPC. Throws `UNREACHABLE`, `OTHER_CHAIN`, `DATA_IN_USE` and the codes of disk and outbox. */
export async function openRpc(options: RpcOptions): Promise<Ledger> {
  const endpoints = new RpcEndpoints(options)
  let lock: Awaited<ReturnType<typeof lockDataDirectory>> | undefined
  try {
    const identity = await endpoints.identity()
    lock = await lockDataDirectory(options.directory)
    const outbox = await Outbox.open(options.disk ?? realDisk, options.directory)
    const engine = new RpcEngine(options, endpoints, identity, outbox, lock)
    await engine.start()
    return engine
  } catch (error) {
    endpoints.close()
    await lock?.release()
    throw error
  }
}

class RpcEngine implements Ledger {
  readonly engine = 'rpc'
  readonly chainId: number
  readonly genesisHash: Hash32
  readonly #endpoints: RpcEndpoints
  readonly #outbox: Outbox
  readonly #lanes: RpcLanes
  readonly #watch: HeadWatch
  readonly #haltAfterMs: number
  readonly #genesisLogs: readonly Log[]
  readonly #lock: { release(): Promise<void> }
  readonly #releaseThreads = signatureThreads.hold()
  readonly #listeners = new Set<(head: Head) => void>()
  /** Submissions by key, from their first moment on. */
  readonly #inFlight = new Map<Hash32, Promise<Receipt>>()
  readonly #ask = (method: string, params: readonly unknown[]): Promise<unknown> =>
    this.#endpoints.ask(method, params)
  #resender: NodeJS.Timeout | undefined
  #closing: Promise<void> | undefined

  constructor(
    options: RpcOptions,
    endpoints: RpcEndpoints,
    identity: ChainIdentity,
    outbox: Outbox,
    lock: { release(): Promise<void> },
  ) {
    const { pollMs = 25, haltAfterMs = 5_000, resendMs = 3_000, perSender = 4_096, window = 16 } = options
    this.chainId = identity.chainId
    this.genesisHash = identity.genesisHash
    this.#endpoints = endpoints
    this.#outbox = outbox
    this.#lock = lock
    this.#haltAfterMs = haltAfterMs
    this.#genesisLogs = options.genesisLogs ?? []
    this.#lanes = new RpcLanes({
      ask: this.#ask,
      askAll: (calls) => endpoints.askAll(calls),
      outbox,
      chainId: identity.chainId,
      isUrgent: (call) => URGENT_SELECTORS.has(call.data.slice(0, 10)),
      perSender,
      window,
      resendMs,
      isClosed: () => this.#closing !== undefined,
    })
    this.#watch = new HeadWatch({
      ask: this.#ask,
      pollMs,
      isAwaited: () => this.#lanes.isFlying,
      onBlock: async (block) => {
        await this.#lanes.onBlock(block)
        for (const listener of this.#listeners) listener(block.head)
      },
    })
    this.#resender = setInterval(() => void this.#lanes.resendLate().catch(() => undefined), resendMs)
    this.#resender.unref()
  }

  async start(): Promise<void> {
    await this.#watch.start()
    // What a crash left on its way goes out again, in order.
    await this.#lanes.resendAll()
  }

  async head(): Promise<Head> {
    await this.#watch.look()
    const head = this.#watch.head
    if (head === undefined) throw new IsletError('UNREACHABLE', 'the ledger endpoint shows no head')
    return head
  }

  async block(height: number): Promise<Head | undefined> {
    if (height > (await this.head()).height) return undefined
    const json = await this.#ask('eth_getBlockByNumber', [quantityHex(height), false])
    return json === null ? undefined : headOf(json)
  }

  async submit(call: Call, { by, keys }: SubmitOptions): Promise<Receipt> {
    refuseGas(call)
    const flying = keys.map((key) => this.#inFlight.get(key))
    const first = flying[0]
    if (first !== undefined && flying.every((promise) => promise === first)) return first
    if (flying.some((promise) => promise !== undefined)) throw partlyKnown()
    if (this.#closing !== undefined) throw new IsletError('LEDGER_CLOSED', 'the ledger is closed')
    const flight = this.#submit(call, { by, keys }).finally(() => {
      for (const key of keys) this.#inFlight.delete(key)
    })
    for (const key of keys) this.#inFlight.set(key, flight)
    return flight
  }

  async #submit(call: Call, { by, keys }: SubmitOptions): Promise<Receipt> {
    const hashes = keys.map((key) => this.#outbox.find(key))
    const first = hashes[0]
    if (first !== undefined && hashes.every((hash) => hash === first)) {
      const known = await (this.#lanes.flightOf(first) ?? this.receipt(first))
      if (known !== undefined) return known
    } else if (hashes.some((hash) => hash !== undefined)) throw partlyKnown()
    await this.#refuseHalted(call)
    return this.#lanes.enter(call, by, keys)
  }

  async submitRaw(raw: Hex): Promise<Receipt> {
    const signed = parseRaw(raw, this.chainId)
    const known = await this.receipt(signed.hash)
    if (known !== undefined) return known
    await this.#refuseHalted(signed)
    return this.#lanes.enterSigned(signed)
  }

  async lookup(key: Hash32): Promise<Receipt | undefined> {
    const flying = this.#inFlight.get(key)
    if (flying !== undefined) return flying.catch(() => undefined)
    const hash = this.#outbox.find(key)
    if (hash === undefined) return undefined
    return (await this.#lanes.flightOf(hash)?.catch(() => undefined)) ?? this.receipt(hash)
  }

  async receipt(transaction: Hash32): Promise<Receipt | undefined> {
    const probe = await this.#ask('eth_getTransactionByHash', [transaction])
    return probe === null ? undefined : receiptByHash(this.#ask, transaction)
  }

  async read(call: { readonly to: Address; readonly data: Hex }, at?: Head): Promise<ReadAnswer> {
    for (let attempt = 0; ; attempt++) {
      const block = at ?? headOf(await this.#ask('eth_getBlockByNumber', ['latest', false]))
      try {
        const json = await this.#ask('eth_call', [call, quantityHex(block.height)])
        return { data: hexOf(json, 'eth_call'), at: block }
      } catch (error) {
        const failure = readFailure(error)
        const overtaken = failure instanceof IsletError && failure.code === 'STATE_PRUNED' && at === undefined
        if (!overtaken || attempt === 3) throw failure
      }
    }
  }

  async code(at: Address): Promise<Hex> {
    return hexOf(await this.#ask('eth_getCode', [at, 'latest']), 'eth_getCode')
  }

  async *logs(filter: LogFilter): AsyncGenerator<BlockLogs> {
    const pages = logPages(this.#ask, await this.head(), filter)
    yield* withGenesis(pages, this.#genesisLogs, filter, () => this.block(1))
  }

  watchHeads(listener: (head: Head) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  state(): LedgerState {
    const cause = this.#haltedBecause()
    return cause === undefined ? { status: 'running' } : { status: 'halted', code: cause.code }
  }

  close(): Promise<void> {
    this.#closing ??= (async () => {
      clearInterval(this.#resender)
      this.#lanes.close()
      await this.#watch.close()
      await this.#outbox.close()
      this.#endpoints.close()
      await this.#releaseThreads()
      await this.#lock.release()
    })()
    return this.#closing
  }

  #haltedBecause(): IsletError | undefined {
    if (this.#closing !== undefined) return new IsletError('CLOSED', 'it is closed')
    const now = performance.now()
    if (now - this.#watch.answeredAt > this.#haltAfterMs) {
      return new IsletError('UNREACHABLE', 'no endpoint answers')
    }
    const oldest = this.#lanes.oldestFirstSent
    const still = now - Math.max(this.#watch.movedAt, oldest ?? now)
    if (still > this.#haltAfterMs) return new IsletError('HEAD_STANDS_STILL', 'no block has come for a while')
    return undefined
  }

  async #refuseHalted(call: Pick<Call, 'data'>): Promise<void> {
    if (this.#haltedBecause() === undefined || URGENT_SELECTORS.has(call.data.slice(0, 10))) return
    // Perhaps only this process was too busy to look.
    await this.#watch.look().catch(() => undefined)
    const cause = this.#haltedBecause()
    if (cause?.code === 'CLOSED') throw new IsletError('LEDGER_CLOSED', 'the ledger is closed')
    if (cause !== undefined) throw haltedBy(cause)
  }
}

function partlyKnown(): IsletError {
  return new IsletError(
    'KEYS_PARTLY_KNOWN',
    'some of the intents inside were submitted before, others not',
    {},
    { remedy: 'Look each key up and submit the unknown ones alone.' },
  )
}
