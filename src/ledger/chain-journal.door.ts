/**
 * A member's own journal of a consortium: every block's transactions as its ledger shows them, in the embedded
 * engine's format, so that an auditor reads both alike.
 *
 * Laws: a block is written once, when it is final, and only where it names the one before as its parent; a transaction's
 * bytes are put together again from its fields and must give its hash. A chain that shows another past than the journal
 * is refused (`JOURNAL_DIFFERS`), never followed.
 */

import { join } from 'node:path'
import type { Founding } from '../journal/index.ts'
import { type Address, type Hash32, hash32, IsletError, toHex } from '../vocabulary/index.ts'
import { EMBEDDED_CHAIN, EVM_FORK } from './chain-parameters.ts'
import { realDisk } from './disk.ts'
import { type HeadMark, openHeadMark, readHeadMark } from './head-mark.ts'
import { JournalFile } from './journal-file.ts'
import type { Head, Ledger, Signer } from './port.ts'
import { rawTransactionOf } from './raw-of-fields.ts'
import { RpcEndpoints } from './rpc-endpoints.ts'
import { fullBlockOf, quantityHex } from './rpc-shapes.ts'
import { type SignedHead, signHead } from './signed-head.ts'

export interface ChainJournalOptions {
  readonly ledger: Ledger
  /** Endpoints of the same chain. */
  readonly urls: readonly string[]
  readonly directory: string
  readonly founding: Founding
  /** The contract whose members sign heads. */
  readonly membership: Address
  /** Signs the mark of how far the journal is. */
  readonly by: Signer
  /** Told what goes wrong where nobody waits. */
  readonly report?: (error: unknown) => void
}

export interface ChainJournal {
  /** Writes what the ledger has and the journal has not. Throws `JOURNAL_DIFFERS`, `UNREACHABLE` and the codes of the disk. */
  catchUp(): Promise<void>
  /** The newest journaled block under a member's signature, after catching up. */
  signedHead(by: Signer): Promise<SignedHead>
  close(): Promise<void>
}

/** Opens the journal of a directory and follows the ledger. Throws as `catchUp`, `JOURNAL_CUT_SHORT`, and the codes of a journal. */
export async function openChainJournal(options: ChainJournalOptions): Promise<ChainJournal> {
  const { ledger, directory, report = () => undefined } = options
  const { chainId, genesisHash } = ledger
  const endpoints = new RpcEndpoints({ urls: options.urls, expect: { chainId, genesisHash } })
  const opened: { close(): Promise<void> }[] = [{ close: async () => endpoints.close() }]
  const closeAll = async (): Promise<void> => {
    for (const thing of opened.splice(0).reverse()) await thing.close()
  }
  try {
    await realDisk.makeDirectory(directory)
    const path = join(directory, 'journal')
    const file = await openFile(path, options)
    opened.push(file)
    const marked = await readHeadMark(realDisk, join(directory, 'head'))
    if (marked !== undefined && marked.height > file.height) {
      throw new IsletError(
        'JOURNAL_CUT_SHORT',
        'the journal lacks a block that was marked as written',
        { acknowledged: marked.height, found: file.height },
        { remedy: 'Restore the journal, or delete journal and head: both are read from the chain again.' },
      )
    }
    const mark = await openHeadMark(realDisk, join(directory, 'head'))
    opened.push(mark)
    const following = new Following(options, endpoints, file, mark)
    await following.begin()
    await following.catchUp()
    const stop = ledger.watchHeads(() => void following.catchUp().catch(report))
    return {
      catchUp: () => following.catchUp(),
      signedHead: async (by) => {
        await following.catchUp()
        return following.signed(by)
      },
      close: async () => {
        stop()
        await following.idle()
        await closeAll()
      },
    }
  } catch (error) {
    await closeAll()
    throw error
  }
}

async function openFile(path: string, options: ChainJournalOptions): Promise<JournalFile> {
  const { ledger, founding, membership } = options
  const begin = async () => {
    const first = await ledger.block(1)
    if (first === undefined) throw new IsletError('UNREACHABLE', 'the ledger shows no first block')
    return {
      chainId: ledger.chainId,
      genesisTimestamp: Number(first.timestamp),
      blockGasLimit: EMBEDDED_CHAIN.blockGasLimit,
      fork: EVM_FORK,
      genesisHash: ledger.genesisHash,
      operator: membership,
      founding,
    }
  }
  const file = await JournalFile.open(realDisk, path, begin, () => undefined)
  if (file.genesis.chainId === ledger.chainId && file.genesis.genesisHash === ledger.genesisHash) return file
  await file.close()
  throw differs(0)
}

class Following {
  readonly #options: ChainJournalOptions
  readonly #endpoints: RpcEndpoints
  readonly #file: JournalFile
  readonly #mark: HeadMark
  #newest: { readonly head: Head; readonly journal: Hash32 } | undefined
  #turn: Promise<void> = Promise.resolve()

  constructor(options: ChainJournalOptions, endpoints: RpcEndpoints, file: JournalFile, mark: HeadMark) {
    this.#options = options
    this.#endpoints = endpoints
    this.#file = file
    this.#mark = mark
  }

  /** Holds the last block of a journal that was begun before against the chain. */
  async begin(): Promise<void> {
    const { height } = this.#file
    if (height === 0) return
    const [last, head] = [await this.#file.block(height), await this.#options.ledger.block(height)]
    if (last === undefined || head?.parentHash !== last.parentHash || head.timestamp !== last.timestamp) {
      throw differs(height)
    }
    this.#newest = { head, journal: this.#lastHash }
  }

  /** Several callers share one turn behind the one that runs. */
  catchUp(): Promise<void> {
    const turn = this.#turn.then(
      () => this.#catchUp(),
      () => this.#catchUp(),
    )
    this.#turn = turn.catch(() => undefined)
    return turn
  }

  idle(): Promise<void> {
    return this.#turn
  }

  signed(by: Signer): SignedHead {
    if (this.#newest === undefined) throw new IsletError('UNREACHABLE', 'no block was journaled yet')
    const { head, journal } = this.#newest
    const { chainId, genesisHash } = this.#options.ledger
    const { height, hash, timestamp } = head
    return signHead(
      {
        schema: 'islet.head/1',
        chainId,
        genesisHash,
        height,
        hash,
        timestamp,
        journal,
        operator: by.address,
      },
      by,
    )
  }

  async #catchUp(): Promise<void> {
    const { ledger, by } = this.#options
    const { height: until } = await ledger.head()
    const before = this.#file.height
    for (let height = before + 1; height <= until; height++) await this.#take(height)
    if (this.#file.height > before) await this.#mark.write(this.signed(by))
  }

  async #take(height: number): Promise<void> {
    const json = await this.#endpoints.ask('eth_getBlockByNumber', [quantityHex(height), true])
    if (json === null) throw new IsletError('UNREACHABLE', 'a block below the head is missing')
    const { head, transactions } = fullBlockOf(json)
    if (head.height !== height) throw differs(height)
    if (this.#newest !== undefined && head.parentHash !== this.#newest.head.hash) throw differs(height)
    const { parentHash, timestamp } = head
    const raws = transactions.map((fields) => ({ raw: rawTransactionOf(fields), keys: [] }))
    await this.#file.append({ height, timestamp, parentHash, transactions: raws })
    this.#newest = { head, journal: this.#lastHash }
  }

  get #lastHash(): Hash32 {
    return hash32(toHex(this.#file.lastHash))
  }
}

function differs(height: number): IsletError {
  return new IsletError(
    'JOURNAL_DIFFERS',
    'the ledger shows another past than this member’s own journal',
    { height },
    { remedy: 'Keep the journal: with the heads that others hold it shows who changed what.' },
  )
}
