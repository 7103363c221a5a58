/**
 * What a block did: its transactions as the header names them, and how each came out as the next header names it.
 *
 * Laws: none can be left out, added or moved without another hash; which of them the ledger executed is said by the
 * outcomes, not by whoever shows them. Of an engine's transaction the Ethereum one inside is what counts.
 * Source: CometBFT v0.39 (types.Txs.Hash: a tree over SHA-256 of each; types.NewResults: a tree over code, data, gas wanted
 * and gas used); cosmos-sdk (TxRaw, TxBody); cosmos/evm (MsgEthereumTx, fields 5 and 6).
 */
import { emptyRoot, type TreeHasher } from '../vault/index.ts'
import { type Bytes, concat, equalBytes } from '../vocabulary/index.ts'
import { type Header, merkleRoot } from './header.ts'
import { refusal } from './refusal.ts'
import { bytesField, numberField, readMessage } from './wire.ts'

/** How a transaction came out. */
export interface Outcome {
  /** 0 where it was executed, also where the contract reverted; anything else where it was turned away. */
  readonly code: number
  readonly data: Bytes
  readonly gasWanted: number
  readonly gasUsed: number
}

export interface BlockContent {
  readonly transactions: readonly Bytes[]
  readonly outcomes: readonly Outcome[]
}

/** Field of the Any messages that only marks a transaction as the EVM's. */
const EXTENSION = 1_023

/**
 * The raw Ethereum transactions that a block executed, in order; `next` is the header after it, which alone says how they
 * came out: a block of none needs no next one. Throws `CONTENT_ALTERED`, `OUTCOMES_ALTERED`, `PROOF_MALFORMED`.
 */
export function executedIn(
  { transactions, outcomes }: BlockContent,
  header: Header,
  next: Header | undefined,
  hasher: TreeHasher,
): readonly Bytes[] {
  const { height } = header
  if (
    !equalBytes(
      rootOf(
        transactions.map((one) => hasher.sha256(one)),
        hasher,
      ),
      header.dataHash,
    )
  ) {
    throw refusal('CONTENT_ALTERED', 'the transactions are not those that the header names', { height })
  }
  const told = rootOf(outcomes.map(writeOutcome), hasher)
  const named = next?.lastResultsHash ?? emptyRoot(hasher)
  if (outcomes.length !== transactions.length || !equalBytes(told, named)) {
    throw refusal('OUTCOMES_ALTERED', 'the outcomes are not those that the next header names', { height })
  }
  return transactions.filter((_, place) => outcomes[place]?.code === 0).map(ethereumIn)
}

/** The transaction inside an engine's one. Throws `PROOF_MALFORMED`. */
function ethereumIn(transaction: Bytes): Bytes {
  const body = readMessage(readMessage(transaction, [1, 2, 3]).bytes(1), [1, 2, 3], [EXTENSION])
  const message = readMessage(body.bytes(1), [1, 2])
  return readMessage(message.bytes(2), [5, 6]).bytes(6)
}

function writeOutcome({ code, data, gasWanted, gasUsed }: Outcome): Bytes {
  return concat(numberField(1, code), bytesField(2, data), numberField(5, gasWanted), numberField(6, gasUsed))
}

function rootOf(leaves: readonly Bytes[], hasher: TreeHasher): Bytes {
  return leaves.length === 0 ? emptyRoot(hasher) : merkleRoot(leaves, hasher)
}
