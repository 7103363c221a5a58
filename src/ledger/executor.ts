/**
 * The executor: turns journaled blocks into executed ones, the same way in live work and in replay.
 *
 * Law: a block holds exactly its record's transactions, in the record's order. One that the engine refuses leaves the
 * pool before the next block, in live work as in replay, so that both end at the same head hash.
 */
import type { ChainParameters, JournalBlock } from '../journal/index.ts'
import { type Hash32, IsletError, type UnixSeconds } from '../vocabulary/index.ts'
import { type AnvilProcess, startAnvil } from './anvil-process.ts'
import { type RpcCall, refusal } from './json-rpc.ts'
import type { Head, Receipt } from './port.ts'
import { blockOf, headOf, numberOf, quantityHex, receiptsOf, textOf } from './rpc-shapes.ts'
import { transactionHash } from './transaction.ts'

export interface ExecutedBlock {
  readonly head: Head
  readonly receipts: readonly Receipt[]
  /** Transactions of the record that did not enter the block: refused, or stuck behind a refused one. */
  readonly left: ReadonlyMap<Hash32, 'refused' | 'stuck'>
}

/** Transactions in one request: anvil works a batch off concurrently and in order only while it is this short. */
const SEND_BATCH = 48

export class Executor {
  readonly process: AnvilProcess
  readonly genesis: Head
  #head: Head

  private constructor(process: AnvilProcess, genesis: Head) {
    this.process = process
    this.genesis = genesis
    this.#head = genesis
  }

  /** Throws `ENGINE_FAILED`. */
  static async start(binary: string, chain: ChainParameters): Promise<Executor> {
    const process = await startAnvil(binary, chain)
    try {
      // A line for every call costs both sides more than many a call does.
      await process.rpc.call('anvil_setLoggingEnabled', [false])
      return new Executor(process, headOf(await process.rpc.call('eth_getBlockByNumber', ['0x0', false])))
    } catch (error) {
      await process.kill()
      throw error
    }
  }

  get head(): Head {
    return this.#head
  }

  /**
   * Executes a record, whose transactions' hashes a caller may know already.
   * Throws `ENGINE_FAILED` where the block does not come out as the record says.
   */
  async execute(
    record: JournalBlock,
    hashes: readonly Hash32[] = record.transactions.map(({ raw }) => transactionHash(raw)),
  ): Promise<ExecutedBlock> {
    const { rpc } = this.process
    const refused = new Set<Hash32>()
    for (let i = 0; i < record.transactions.length; i += SEND_BATCH) {
      const part = record.transactions.slice(i, i + SEND_BATCH)
      const calls = part.map(({ raw }): RpcCall => ['eth_sendRawTransaction', [raw]])
      const answers = await rpc.batch(calls)
      answers.forEach((answer, k) => {
        const hash = hashes[i + k]
        if (answer.ok || hash === undefined) return
        if (answer.code === 0) throw refusal('eth_sendRawTransaction', answer)
        refused.add(hash)
      })
    }
    await rpc.call('evm_mine', [{ timestamp: record.timestamp }])
    const [blockAnswer, receiptsAnswer] = await rpc.batch([
      // The latest, not the one of this height: a block made behind our back must not pass for ours.
      ['eth_getBlockByNumber', ['latest', false]],
      ['eth_getBlockReceipts', [quantityHex(record.height)]],
    ])
    if (!blockAnswer?.ok || !receiptsAnswer?.ok) throw engineFailed('the block is missing', record.height)
    const { head, transactions } = blockOf(blockAnswer.result)
    this.#check(record, head, transactions, hashes)
    const included = new Set(transactions)
    const left = new Map<Hash32, 'refused' | 'stuck'>()
    for (const hash of transactions.length === hashes.length ? [] : hashes) {
      if (included.has(hash)) continue
      left.set(hash, refused.has(hash) ? 'refused' : 'stuck')
      // What was refused is not in the pool; what waits behind it is, and must not enter a later block.
      if (!refused.has(hash)) await rpc.call('anvil_dropTransaction', [hash])
    }
    this.#head = head
    return { head, receipts: receiptsOf(receiptsAnswer.result, head), left }
  }

  #check(record: JournalBlock, head: Head, transactions: readonly Hash32[], hashes: readonly Hash32[]): void {
    if (head.height !== record.height || head.parentHash !== record.parentHash) {
      throw engineFailed('the block does not follow its parent', record.height)
    }
    if (head.timestamp !== record.timestamp) throw engineFailed('the block has another time', record.height)
    const included = new Set(transactions)
    const expected = hashes.filter((hash) => included.has(hash))
    if (transactions.length !== expected.length || transactions.some((hash, i) => hash !== expected[i])) {
      throw engineFailed('the block holds other transactions', record.height)
    }
  }

  /** The whole state as bytes of anvil's own format (gzipped JSON as hex text). */
  async dump(): Promise<string> {
    return textOf(await this.process.rpc.call('anvil_dumpState', []), 'state')
  }

  /** Loads a dumped state; the head is then the one it was dumped at. */
  async load(state: string): Promise<Head> {
    await this.process.rpc.call('anvil_loadState', [state])
    this.#head = headOf(await this.process.rpc.call('eth_getBlockByNumber', ['latest', false]))
    return this.#head
  }

  async nonce(account: string): Promise<number> {
    return numberOf(await this.process.rpc.call('eth_getTransactionCount', [account, 'latest']), 'nonce')
  }
}

export function engineFailed(what: string, height: number): IsletError {
  return new IsletError('ENGINE_FAILED', `the ledger executor failed: ${what}`, { height })
}

/** The time of the next block: the clock, but never before the block before (the chain's time is never jumped). */
export function nextTimestamp(clock: UnixSeconds, parent: Head): UnixSeconds {
  return clock > parent.timestamp ? clock : parent.timestamp
}
