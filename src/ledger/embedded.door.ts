/**
 * The embedded engine: a single-operator ledger inside one process and one directory, no consensus.
 *
 * Law: nothing acknowledged is ever lost, whichever process dies when; a second process on the same directory is
 * refused; only this door starts the executor. The product says "single-operator ledger" wherever it shows it.
 */
import type { ChainParameters } from '../journal/index.ts'
import {
  type Address,
  type Hash32,
  type Hex,
  IsletError,
  quantity,
  type UnixSeconds,
} from '../vocabulary/index.ts'
import { anvilBinary } from './anvil-binary.ts'
import { EMBEDDED_CHAIN } from './chain-parameters.ts'
import { type Disk, realDisk } from './disk.ts'
import { EmbeddedChain, type Notice } from './embedded-chain.ts'
import { headReads } from './head-reads.ts'
import { lockDataDirectory } from './lock.door.ts'
import { logPages } from './log-pages.ts'
import type {
  Call,
  Head,
  Ledger,
  LedgerState,
  LogFilter,
  ReadAnswer,
  Receipt,
  Signer,
  SubmitOptions,
} from './port.ts'
import { readFailure } from './read-failure.ts'
import { headOf, hexOf, quantityHex } from './rpc-shapes.ts'
import { Sequencer, type SequencerOptions } from './sequencer.ts'
import { signatureThreads } from './signature-threads.ts'
import type { SignedHead } from './signed-head.ts'
import { URGENT_SELECTORS } from './urgency.ts'

export type { Notice } from './embedded-chain.ts'
export { type Gateway, type GatewayOptions, openGateway } from './gateway.ts'

export interface EmbeddedOptions {
  readonly directory: string
  /** Signs the block heads; the same key at every opening. */
  readonly operator: Signer
  readonly notice?: (notice: Notice) => void
  /** Blocks replayed of those to replay, at opening and after the executor died. */
  readonly progress?: (done: number, of: number) => void
  readonly clock?: () => UnixSeconds
  readonly disk?: Disk
  readonly binary?: string
  readonly chain?: ChainParameters
  readonly limits?: Partial<Pick<SequencerOptions, 'line' | 'block' | 'gapWaitMs' | 'quietMs'>>
  readonly snapshotEvery?: number
}

export interface EmbeddedLedger extends Ledger {
  readonly engine: 'embedded'
  /** The newest head under the operator's signature, for the other members to keep. */
  signedHead(): SignedHead
  /** Takes a signed transaction without waiting for its block; for the gateway. */
  acceptRaw(raw: Hex): Promise<Hash32>
  /** A read of the executor by method name; for the gateway, which allows a list of them only. */
  ask(method: string, params: readonly unknown[]): Promise<unknown>
  pendingNonce(account: Address): Promise<number>
  readonly figures: {
    readonly waiting: number
    readonly journalBytes: number
    readonly executorRestarts: number
  }
  /** Process id of the executor, for measuring memory and for crash tests. */
  readonly executorPid: number
}

/** What a revoke may have to wait for is one block: bounded in gas too, to a few tenths of a second of execution. */
const LIMITS: Pick<SequencerOptions, 'line' | 'block' | 'gapWaitMs' | 'quietMs'> = {
  line: { perSender: 4_096, total: 16_384 },
  block: { items: 256, gas: 40_000_000, bytes: 4_000_000 },
  gapWaitMs: 60_000,
  quietMs: 300,
}
const SNAPSHOT_EVERY = 2_000

/** Opens the ledger of a directory, beginning one where there is none. Throws `DATA_IN_USE` and the codes of disk and journal. */
export async function openEmbedded(options: EmbeddedOptions): Promise<EmbeddedLedger> {
  const chainParameters = options.chain ?? EMBEDDED_CHAIN
  const binary = options.binary ?? anvilBinary()
  const lock = await lockDataDirectory(options.directory)
  const listeners = new Set<(head: Head) => void>()
  let chain: EmbeddedChain
  try {
    chain = await EmbeddedChain.open({
      directory: options.directory,
      operator: options.operator,
      chain: chainParameters,
      binary,
      disk: options.disk ?? realDisk,
      clock: options.clock ?? (() => quantity<UnixSeconds>(Math.floor(Date.now() / 1000))),
      notice: options.notice ?? (() => undefined),
      snapshotEvery: options.snapshotEvery ?? SNAPSHOT_EVERY,
      ...(options.progress === undefined ? {} : { progress: options.progress }),
    })
  } catch (error) {
    await lock.release()
    throw error
  }
  const sequencer = new Sequencer(chain, {
    ...LIMITS,
    ...options.limits,
    chainId: chainParameters.chainId,
    urgent: URGENT_SELECTORS,
    onHead: (head) => {
      for (const listener of listeners) listener(head)
    },
  })
  const releaseThreads = signatureThreads.hold()
  let closing: Promise<void> | undefined
  const ask = (method: string, params: readonly unknown[]): Promise<unknown> => chain.call(method, params)
  const view = headReads(async (call, { height }) =>
    hexOf(await ask('eth_call', [call, quantityHex(height)]), 'eth_call'),
  )

  return {
    engine: 'embedded',
    chainId: chainParameters.chainId,
    genesisHash: chain.genesis.hash,
    head: async () => chain.head,
    block: async (height) => {
      if (height > chain.head.height) return undefined
      const known = chain.recent.block(height)
      if (known !== undefined) return known
      const json = await ask('eth_getBlockByNumber', [quantityHex(height), false])
      return json === null ? undefined : headOf(json)
    },
    submit: (call: Call, submitted: SubmitOptions): Promise<Receipt> => sequencer.submit(call, submitted),
    submitRaw: async (raw) => (await sequencer.acceptRaw(raw)).settled,
    lookup: (key) => sequencer.lookup(key),
    receipt: (transaction) => sequencer.receipt(transaction),
    read: async (call, at): Promise<ReadAnswer> => {
      const block = at ?? chain.head
      if (closing !== undefined) throw new IsletError('LEDGER_CLOSED', 'the ledger is closed')
      try {
        return { data: await view(call, block), at: block }
      } catch (error) {
        throw readFailure(error)
      }
    },
    code: async (at) => hexOf(await ask('eth_getCode', [at, 'latest']), 'eth_getCode'),
    logs: (filter: LogFilter) => {
      const known = chain.recent.logs(filter, chain.head)
      return known === undefined ? logPages(ask, chain.head, filter) : each(known)
    },
    watchHeads: (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    state: (): LedgerState => {
      const cause = closing === undefined ? sequencer.halted : new IsletError('CLOSED', 'closed')
      return cause === undefined ? { status: 'running' } : { status: 'halted', code: cause.code }
    },
    close: () => {
      closing ??= (async () => {
        await sequencer.close()
        await chain.close()
        await releaseThreads()
        await lock.release()
      })()
      return closing
    },
    signedHead: () => chain.signedHead,
    acceptRaw: async (raw) => (await sequencer.acceptRaw(raw)).hash,
    ask,
    pendingNonce: (account) => sequencer.pendingNonce(account),
    get figures() {
      return {
        waiting: sequencer.waiting,
        journalBytes: chain.journalBytes,
        executorRestarts: chain.restarts,
      }
    },
    get executorPid() {
      return chain.executorPid
    },
  }
}

async function* each<T>(list: readonly T[]): AsyncGenerator<T> {
  yield* list
}
