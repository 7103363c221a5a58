/**
 * The port to the chain: what every room above may ask of a ledger, whatever engine stands behind it.
 *
 * Law: the port promises only what a BFT engine behind plain Ethereum JSON-RPC gives as well: one-block finality,
 * block times that never decrease (two blocks may carry the same second), reads at the head, logs in block order.
 * A decision about time takes its instant as an argument, never from a view (a quiet chain's clock stands still).
 * Source: DESIGN 4, PROTOCOL 4, 5, 20; cosmos/evm divergences in JSON-RPC (receipts, log ranges, header hashes).
 */
import type { Address, Bytes, Hash32, Hex, UnixSeconds } from '../vocabulary/index.ts'

/** A block, named by height and hash; `timestamp` is set by the sequencer or the validators. */
export interface Head {
  readonly height: number
  readonly hash: Hash32
  readonly parentHash: Hash32
  readonly timestamp: UnixSeconds
}

/** A secp256k1 key that signs 32-byte digests; the secret stays behind this interface. */
export interface Signer {
  readonly address: Address
  /** 65 bytes r ‖ s ‖ recovery (0 or 1), low s. */
  sign(digest: Uint8Array): Bytes
}

/** A state-changing call. `to: null` creates a contract. `gas` is the limit, ≤ half of a block's. */
export interface Call {
  readonly to: Address | null
  readonly data: Hex
  readonly gas: number
}

export interface SubmitOptions {
  /** Who sends: each address is one sequential nonce lane. */
  readonly by: Signer
  /**
   * Idempotency keys: the digests of the intents inside the call. Submitting a key again gives the first receipt,
   * also after a restart. Several keys when a call carries a batch.
   */
  readonly keys: readonly Hash32[]
}

export interface Log {
  readonly address: Address
  readonly topics: readonly Hash32[]
  readonly data: Hex
  /** Position in its block. */
  readonly index: number
  readonly transaction: Hash32
}

/** A transaction included and final. A reverted one is final too: its key is used up. */
export interface Receipt {
  readonly transaction: Hash32
  readonly block: Head
  /** Position in its block. */
  readonly index: number
  readonly status: 'success' | 'reverted'
  readonly gasUsed: number
  /** The contract created by it, if any. */
  readonly created: Address | null
  readonly logs: readonly Log[]
}

/** The logs of one block, ascending by index; blocks without logs appear only as the last of a range. */
export interface BlockLogs {
  readonly block: Head
  readonly logs: readonly Log[]
}

export interface LogFilter {
  readonly from: number
  /** Last height, inclusive; the head when absent or beyond it. */
  readonly to?: number
  readonly addresses?: readonly Address[]
}

export interface ReadAnswer {
  readonly data: Hex
  /** The block whose state answered. */
  readonly at: Head
}

export type LedgerState =
  | { readonly status: 'running' }
  | {
      readonly status: 'halted'
      /** `DISK_FULL`, `READ_ONLY_DIRECTORY`, `DISK_FAILED`, `ENGINE_FAILED`, `HEAD_STANDS_STILL`, `UNREACHABLE`, `CLOSED` … */
      readonly code: string
    }

/**
 * A ledger that is open. Errors thrown by its verbs:
 * `LEDGER_BUSY` (facts.retry_after_seconds), `LEDGER_HALTED` (facts.because), `LEDGER_CLOSED`, `KEYS_PARTLY_KNOWN`,
 * `TRANSACTION_REFUSED`, `CALL_REVERTED` (facts.data), `STATE_PRUNED`, `BLOCK_UNKNOWN`.
 */
export interface Ledger {
  readonly chainId: number
  readonly genesisHash: Hash32
  /** `embedded`: one operator, no consensus; the product says so wherever it shows the ledger. */
  readonly engine: 'embedded' | 'rpc'

  head(): Promise<Head>
  /** A block by height, or undefined beyond the head. */
  block(height: number): Promise<Head | undefined>
  /** Resolves once the call is included and final; a revoke overtakes everything that waits. */
  submit(call: Call, options: SubmitOptions): Promise<Receipt>
  /** Sends a transaction that somebody else signed (the direct path of a patient); its hash is its key. */
  submitRaw(raw: Hex): Promise<Receipt>
  /** The receipt that a key led to, or undefined; awaits it while it is in flight. */
  lookup(key: Hash32): Promise<Receipt | undefined>
  /** The receipt of a transaction by its hash, or undefined. */
  receipt(transaction: Hash32): Promise<Receipt | undefined>
  /** Evaluates a view at the head, or at a block where the engine still has its state (`STATE_PRUNED` where not). */
  read(call: { readonly to: Address; readonly data: Hex }, at?: Head): Promise<ReadAnswer>
  /** Deployed code, `0x` where there is none. */
  code(at: Address): Promise<Hex>
  /** Logs of a range of heights in order. */
  logs(filter: LogFilter): AsyncIterable<BlockLogs>
  /** Calls back with every new head, in order, soon after it is final; returns the unsubscribing function. */
  watchHeads(listener: (head: Head) => void): () => void
  state(): LedgerState
  close(): Promise<void>
}
