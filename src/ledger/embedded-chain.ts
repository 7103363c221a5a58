/**
 * The embedded chain: journal, executor and snapshots held together, so that the executor may die at any moment.
 *
 * Laws: a block is in the journal, synced, before it is executed; it is acknowledged only with its receipts; after any
 * crash the same blocks come out with the same hashes, and where they do not, nothing goes on (`REPLAY_MISMATCH`).
 * Source: DESIGN 4.
 */

import { join } from 'node:path'
import type { ChainParameters, JournalBlock, JournalTransaction } from '../journal/index.ts'
import { type Hash32, IsletError, toHex, type UnixSeconds } from '../vocabulary/index.ts'
import type { Disk } from './disk.ts'
import { type ExecutedBlock, Executor, engineFailed, nextTimestamp } from './executor.ts'
import { type HeadMark, openHeadMark, readHeadMark } from './head-mark.ts'
import { JournalFile, type JournalPlace, KeyIndex } from './journal-file.ts'
import type { Head, Signer } from './port.ts'
import { RecentBlocks } from './recent-blocks.ts'
import { mismatch, refuseLostBlocks, refuseOtherChain } from './replay-refusals.ts'
import { type SignedHead, signHead } from './signed-head.ts'
import { readSnapshot, snapshotHeights, writeSnapshot } from './snapshot.ts'
import { SnapshotPace } from './snapshot-pace.ts'

/** What an operator should hear of, with numbers only. */
export type Notice =
  | { readonly code: 'REPLAYED'; readonly height: number; readonly replayed: number }
  | { readonly code: 'EXECUTOR_RESTARTED'; readonly height: number }
  | { readonly code: 'SNAPSHOT_REFUSED'; readonly height: number }
  | { readonly code: 'CLOCK_BEHIND_CHAIN'; readonly seconds: number }
  | { readonly code: 'JOURNAL_LONG'; readonly transactions: number }

export interface ChainOptions {
  readonly directory: string
  readonly operator: Signer
  readonly chain: ChainParameters
  readonly binary: string
  readonly disk: Disk
  readonly clock: () => UnixSeconds
  readonly notice: (notice: Notice) => void
  /** Transactions after which a snapshot is taken in the next pause; a fifth of the chain where that is more. */
  readonly snapshotEvery: number
  readonly progress?: (done: number, of: number) => void
}

/** Beyond this many transactions an executor in memory is the wrong engine. */
const JOURNAL_LONG = 100_000
const RETRY_MS = [0, 100, 500, 2000, 5000]
/** How often a recovery is tried again, by what stopped it. */
const HEALABLE: ReadonlyMap<string, number> = new Map([
  ['ENGINE_FAILED', 8],
  ['UNREACHABLE', 8],
  ['RPC_REFUSED', 8],
  ['REPLAY_MISMATCH', 1],
])

export class EmbeddedChain {
  readonly #options: ChainOptions
  readonly #journal: JournalFile
  readonly #keys: KeyIndex
  readonly #mark: HeadMark
  readonly #pace: SnapshotPace
  /** Blocks of this process at hand. */
  readonly recent = new RecentBlocks()
  #executor: Executor
  #head: Head
  #signed: SignedHead | undefined
  #recovering: Promise<ExecutedBlock | undefined> | undefined
  #failed: IsletError | undefined
  #closed = false
  #restarts = 0

  private constructor(
    options: ChainOptions,
    journal: JournalFile,
    keys: KeyIndex,
    mark: HeadMark,
    executor: Executor,
    transactions: number,
  ) {
    this.#options = options
    this.#journal = journal
    this.#keys = keys
    this.#mark = mark
    this.#executor = executor
    this.#head = executor.head
    this.#pace = new SnapshotPace(options.snapshotEvery, transactions)
  }

  /** Opens or begins the chain of a directory. Throws the codes of journal, disk and executor. */
  static async open(options: ChainOptions): Promise<EmbeddedChain> {
    const { disk, directory, binary, chain, operator } = options
    await disk.makeDirectory(directory)
    const marked = await readHeadMark(disk, join(directory, 'head'))
    const executor = await Executor.start(binary, chain)
    let self: EmbeddedChain | undefined
    let journal: JournalFile | undefined
    try {
      const keys = new KeyIndex()
      // The journal names a block's hash in the record after it.
      let hashAtMark: Hash32 | undefined
      let transactions = 0
      journal = await JournalFile.open(
        disk,
        join(directory, 'journal'),
        async () => ({ ...chain, genesisHash: executor.genesis.hash, operator: operator.address }),
        ({ block }) => {
          keys.add(block)
          if (block.height - 1 === marked?.height) hashAtMark = block.parentHash
          transactions += block.transactions.length
        },
      )
      refuseOtherChain(journal, executor.genesis, operator)
      refuseLostBlocks(journal, marked, hashAtMark)
      const mark = await openHeadMark(disk, join(directory, 'head'))
      const opened = new EmbeddedChain(options, journal, keys, mark, executor, transactions)
      self = opened
      await opened.#rebuild().catch((error: unknown) => {
        if (error instanceof IsletError && error.code === 'UNREACHABLE') return opened.#recover()
        throw error
      })
      if (
        marked !== undefined &&
        marked.height === opened.#head.height &&
        marked.hash !== opened.#head.hash
      ) {
        throw mismatch(marked.height)
      }
      await opened.#markHead()
      opened.#watch(opened.#executor)
      return opened
    } catch (error) {
      await (self?.close() ?? Promise.all([executor.process.kill(), journal?.close()]))
      throw error
    }
  }

  get head(): Head {
    return this.#head
  }

  get genesis(): Head {
    return this.#executor.genesis
  }

  get signedHead(): SignedHead {
    return this.#signed ?? this.#sign()
  }

  get executorPid(): number {
    return this.#executor.process.pid
  }

  get journalBytes(): number {
    return this.#journal.bytes
  }

  /** Why nothing goes on, where it does not. */
  get failed(): IsletError | undefined {
    return this.#failed
  }

  get recovering(): boolean {
    return this.#recovering !== undefined
  }

  /** How often the executor had to be started again. */
  get restarts(): number {
    return this.#restarts
  }

  placeOf(key: Hash32): JournalPlace | undefined {
    return this.#keys.find(key)
  }

  /** The journaled transaction at a place, or undefined. */
  async transactionAt(place: JournalPlace): Promise<JournalTransaction | undefined> {
    return (await this.#journal.block(place.height))?.transactions[place.index]
  }

  /**
   * Makes the next block. When it throws a disk code the block does not exist; any executor failure after the journal
   * was written is healed by replay before this returns.
   */
  async seal(
    transactions: readonly JournalTransaction[],
    hashes?: readonly Hash32[],
  ): Promise<ExecutedBlock> {
    if (this.#failed !== undefined) throw this.#failed
    await this.#recovering
    const { clock, notice } = this.#options
    const now = clock()
    if (now < this.#head.timestamp) {
      notice({ code: 'CLOCK_BEHIND_CHAIN', seconds: this.#head.timestamp - now })
    }
    const record: JournalBlock = {
      height: this.#head.height + 1,
      timestamp: nextTimestamp(now, this.#head),
      parentHash: this.#head.hash,
      transactions,
    }
    await this.#journal.append(record)
    this.#keys.add(record)
    const executed = await this.#executeOrRecover(record, hashes)
    this.#head = executed.head
    this.recent.add(executed.head, executed.receipts)
    this.#count(transactions.length)
    await this.#markHead()
    return executed
  }

  async #executeOrRecover(
    record: JournalBlock,
    hashes: readonly Hash32[] | undefined,
  ): Promise<ExecutedBlock> {
    // The executor may have died while the journal was written, and the replay have met the new record already.
    const replayed = this.#recovering === undefined ? undefined : await this.#recovering
    if (replayed?.head.height === record.height) return replayed
    try {
      return await this.#executor.execute(record, hashes)
    } catch {
      const executed = await this.#recover()
      if (executed === undefined || executed.head.height !== record.height) throw mismatch(record.height)
      return executed
    }
  }

  #count(transactions: number): void {
    const before = this.#pace.transactions
    this.#pace.sealed(transactions)
    const after = this.#pace.transactions
    if (before < JOURNAL_LONG && after >= JOURNAL_LONG) {
      this.#options.notice({ code: 'JOURNAL_LONG', transactions: after })
    }
  }

  /** One read of the executor; outlives its death. Throws `RPC_REFUSED`, `ENGINE_FAILED`. */
  async call(method: string, params: readonly unknown[]): Promise<unknown> {
    for (let attempt = 0; ; attempt++) {
      await this.#recovering
      if (this.#failed !== undefined) throw this.#failed
      if (this.#closed) throw new IsletError('LEDGER_CLOSED', 'the ledger is closed')
      try {
        const { rpc, view } = this.#executor.process
        return await (method === 'eth_call' ? view(method, params) : rpc.call(method, params))
      } catch (error) {
        if (!(error instanceof IsletError) || error.code !== 'UNREACHABLE' || attempt === 4) throw error
        if (!this.#closed) await this.#recover()
      }
    }
  }

  /** Whether a snapshot is worth its pause, and whether it has waited too long for one. */
  get snapshots(): Pick<SnapshotPace, 'isDue' | 'isOverdue'> {
    return this.#pace
  }

  /** Takes a snapshot; call it between blocks. A failing disk only costs the snapshot. */
  async snapshot(): Promise<void> {
    if (!this.#pace.isStale || this.#failed !== undefined) return
    const { disk, directory } = this.#options
    const { height, hash } = this.#head
    this.#pace.taken()
    try {
      const state = await this.#executor.dump()
      const genesisHash = this.#executor.genesis.hash
      await writeSnapshot(disk, directory, { height, hash, genesisHash, state: `0x${state.slice(2)}` })
    } catch {
      // The journal is the truth; the next start replays more of it.
    }
  }

  /** Ends a dead or lying executor and replays into a new one; several callers share one recovery. */
  #recover(): Promise<ExecutedBlock | undefined> {
    this.#recovering ??= this.#restart().finally(() => {
      this.#recovering = undefined
    })
    return this.#recovering
  }

  async #restart(): Promise<ExecutedBlock | undefined> {
    for (let attempt = 0; ; attempt++) {
      if (this.#closed) throw new IsletError('LEDGER_CLOSED', 'the ledger is closed')
      await pause(RETRY_MS[Math.min(attempt, RETRY_MS.length - 1)] ?? 0)
      try {
        await this.#executor.process.kill()
        this.#executor = await Executor.start(this.#options.binary, this.#options.chain)
        const last = await this.#rebuild()
        this.#restarts += 1
        this.#options.notice({ code: 'EXECUTOR_RESTARTED', height: this.#head.height })
        this.#watch(this.#executor)
        return last
      } catch (error) {
        const failure =
          error instanceof IsletError ? error : engineFailed('it does not start', this.#head.height)
        // A dying executor can break a replay at any point; the same break again is no accident.
        const tries = HEALABLE.get(failure.code) ?? 0
        if (attempt >= tries) {
          this.#failed = failure
          throw failure
        }
      }
    }
  }

  #watch(executor: Executor): void {
    executor.process.gone.then(() => {
      if (!this.#closed && this.#executor === executor && this.#recovering === undefined) {
        this.#recover().catch(() => undefined)
      }
    })
  }

  /** Brings a fresh executor to the journal's end: newest usable snapshot, then the rest; else everything. */
  async #rebuild(): Promise<ExecutedBlock | undefined> {
    const { disk, directory, notice } = this.#options
    for (const height of await snapshotHeights(disk, directory)) {
      if (height > this.#journal.height) continue
      const snapshot = await readSnapshot(disk, directory, height)
      const own = snapshot?.genesisHash === this.#executor.genesis.hash && snapshot.height === height
      if (snapshot !== undefined && own) {
        try {
          const loaded = await this.#executor.load(snapshot.state)
          if (loaded.hash === snapshot.hash && loaded.height === height) return await this.#replay(height)
        } catch {
          // Judged below: the journal alone decides.
        }
      }
      notice({ code: 'SNAPSHOT_REFUSED', height })
      await this.#executor.process.kill()
      this.#executor = await Executor.start(this.#options.binary, this.#options.chain)
    }
    return this.#replay(0)
  }

  async #replay(from: number): Promise<ExecutedBlock | undefined> {
    let last: ExecutedBlock | undefined
    let replayed = 0
    for (let height = from + 1; height <= this.#journal.height; height++) {
      const block = await this.#journal.block(height)
      if (block === undefined) break
      last = await this.#executor.execute(block).catch((error: unknown) => {
        throw error instanceof IsletError && error.code === 'ENGINE_FAILED' ? mismatch(height) : error
      })
      replayed += block.transactions.length
      this.#options.progress?.(height - from, this.#journal.height - from)
    }
    this.#head = this.#executor.head
    this.#pace.replayed(replayed)
    this.#options.notice({ code: 'REPLAYED', height: this.#head.height, replayed })
    return last
  }

  #sign(): SignedHead {
    const { height, hash, timestamp } = this.#head
    const { chainId, genesisHash, operator } = this.#journal.genesis
    const journal = toHex(this.#journal.lastHash) as Hash32
    const unsigned = {
      schema: 'islet.head/1',
      chainId,
      genesisHash,
      height,
      hash,
      timestamp,
      journal,
      operator,
    } as const
    return signHead(unsigned, this.#options.operator)
  }

  async #markHead(): Promise<void> {
    this.#signed = this.#sign()
    // A full disk must not undo a block that stands in the journal; the older mark still guards what it names.
    await this.#mark.write(this.#signed).catch(() => undefined)
  }

  async close(): Promise<void> {
    if (this.#closed) return
    if (this.#pace.isDue) await this.snapshot()
    this.#closed = true
    await this.#recovering?.catch(() => undefined)
    await this.#executor.process.kill()
    await this.#journal.close()
    await this.#mark.close()
  }
}

function pause(ms: number): Promise<void> {
  return ms === 0 ? Promise.resolve() : new Promise((resolve) => setTimeout(resolve, ms))
}
