/**
 * The replayed blocks against an independent model of the contracts, and their events kept as history.
 *
 * Laws: every transaction's outcome is what the rules say, every event is accounted for; the contracts were created from
 * the committed code; whatever engine and model disagree on is a finding with its block and transaction.
 */
import type { JournalGenesis } from '../journal/index.ts'
import {
  anchorLedgerBytecode,
  type ContractName,
  consentLedgerBytecode,
  type Deployment,
  membershipBytecode,
} from '../ledger/index.ts'
import { fromHex, type Hex, isIsletError, quantity, toHex, type UnixSeconds } from '../vocabulary/index.ts'
import { hexWord, type RawEvent, Unreadable } from './abi-words.ts'
import type { Findings } from './finding.ts'
import { type BlockTime, LedgerHistory } from './history.ts'
import { ContractModel, createdAddress, type Predicted } from './model/contracts.ts'
import { type RawTransaction, readRawTransaction } from './raw-transaction.ts'
import type { ReplayedBlock, ReplayedTransaction } from './replay.ts'

const CONTRACT_NAMES = ['membership', 'consents', 'anchors'] as const satisfies readonly ContractName[]
const CREATION_CODE: Readonly<Record<ContractName, Hex>> = {
  membership: membershipBytecode,
  consents: consentLedgerBytecode,
  anchors: anchorLedgerBytecode,
}

/** A creation of the genesis has no limit of gas that a transaction would. */
const CREATES = { to: null, gas: BigInt(Number.MAX_SAFE_INTEGER) } as const

/** Takes in replayed blocks one after the other. */
export class LedgerCheck {
  readonly history: LedgerHistory
  readonly #deployment: Deployment
  readonly #genesis: JournalGenesis
  readonly #model: ContractModel
  readonly #findings: Findings
  readonly #ours: ReadonlySet<string>
  readonly #created = new Set<ContractName>()
  #blocks = 0
  #transactions = 0

  constructor(deployment: Deployment, genesis: JournalGenesis, findings: Findings) {
    this.history = new LedgerHistory(deployment, findings)
    this.#deployment = deployment
    this.#genesis = genesis
    this.#model = new ContractModel(deployment, genesis.chainId, membershipBytecode)
    this.#findings = findings
    this.#ours = new Set(Object.values(deployment))
  }

  get blocks(): number {
    return this.#blocks
  }

  get transactions(): number {
    return this.#transactions
  }

  /** What a consortium's genesis created, before its first block. */
  founded(created: readonly ReplayedTransaction[]): void {
    const { founding, genesisTimestamp } = this.#genesis
    const block = { height: 0, timestamp: quantity<UnixSeconds>(genesisTimestamp) }
    for (const [place, code] of (founding?.creations ?? []).entries()) {
      const replayed = created[place]
      const where = `creation ${place + 1} of the genesis`
      if (founding === undefined || replayed === undefined) {
        this.#findings.add('MODEL_DIFFERS', where, 'it was not executed')
        continue
      }
      const { hash } = replayed
      const transaction = {
        ...{ hash, sender: founding.creator, nonce: BigInt(place) },
        ...CREATES,
        data: fromHex(code),
      }
      const seen = replayed.events.filter((event) => this.#ours.has(event.address))
      this.#transaction(transaction, replayed, seen, block, where)
      for (const event of seen) this.#remember(event, block, where)
    }
  }

  block({ record, transactions }: ReplayedBlock): void {
    this.#blocks += 1
    const parsed = new Map(
      record.transactions.flatMap(({ raw }) => {
        const one = readable(raw, this.#genesis.chainId)
        return one === undefined ? [] : [[one.hash, one] as const]
      }),
    )
    for (const replayed of transactions) {
      this.#transactions += 1
      const where = `block ${record.height}, transaction ${replayed.hash}`
      const transaction = parsed.get(replayed.hash)
      const seen = replayed.events.filter((event) => this.#ours.has(event.address))
      if (transaction === undefined) this.#findings.add('MODEL_DIFFERS', where, 'it cannot be read')
      else this.#transaction(transaction, replayed, seen, record, where)
      for (const event of seen) this.#remember(event, record, where)
    }
  }

  /** What must have happened by the end: three contracts, created from the committed code, for one another. */
  finish(): void {
    for (const contract of CONTRACT_NAMES) {
      if (!this.#created.has(contract)) {
        this.#findings.add('CONTRACT_CODE_DIFFERS', `contract ${contract}`, this.#deployment[contract])
      }
    }
  }

  #transaction(
    transaction: RawTransaction,
    replayed: ReplayedTransaction,
    seen: readonly RawEvent[],
    block: BlockTime,
    where: string,
  ): void {
    if (transaction.to === null && replayed.succeeded) this.#creation(transaction)
    // Out of gas is the engine's to say: 63/64 of what is left may go to an inner call (EIP-150).
    if (!replayed.succeeded && BigInt(replayed.gasUsed) * 64n >= transaction.gas * 63n) return
    const trouble = differenceOf(this.#model.run(transaction, block.timestamp), replayed, seen)
    if (trouble === 'FOREIGN_CALL') this.#findings.add('CALL_NOT_FOLLOWED', where)
    else if (trouble !== undefined) this.#findings.add('MODEL_DIFFERS', where, trouble)
  }

  #creation({ sender, nonce, data }: RawTransaction): void {
    const at = createdAddress(sender, nonce)
    const contract = CONTRACT_NAMES.find((name) => this.#deployment[name] === at)
    if (contract === undefined) return
    const code = toHex(data)
    const committed = CREATION_CODE[contract]
    const argument = toHex(hexWord(this.#deployment.membership)).slice(2)
    const same = contract === 'membership' ? code.startsWith(committed) : code === `${committed}${argument}`
    if (same) this.#created.add(contract)
  }

  #remember(event: RawEvent, block: BlockTime, where: string): void {
    try {
      this.history.add(event, block)
    } catch (error) {
      if (!(error instanceof Unreadable)) throw error
      this.#findings.add('MODEL_DIFFERS', where, 'an event does not have its form')
    }
  }
}

function differenceOf(
  predicted: Predicted,
  replayed: ReplayedTransaction,
  seen: readonly RawEvent[],
): string | undefined {
  switch (predicted.code) {
    case 'FOREIGN':
      return seen.length > 0 ? 'FOREIGN_CALL' : undefined
    case 'REVERTS':
      return replayed.succeeded ? 'it should have been refused' : undefined
    case 'SUCCEEDS':
      if (!replayed.succeeded) return 'it should have been accepted'
      return sameEvents(predicted.events, seen)
        ? undefined
        : 'its events are not those that follow from the rules'
    default:
      return predicted satisfies never
  }
}

function sameEvents(a: readonly RawEvent[], b: readonly RawEvent[]): boolean {
  return a.map(nameOf).join('\n') === b.map(nameOf).join('\n')
}

function nameOf({ address, topics, data }: RawEvent): string {
  return `${address} ${topics.join(' ')} ${data}`
}

function readable(raw: Hex, chainId: number): RawTransaction | undefined {
  try {
    return readRawTransaction(raw, chainId)
  } catch (error) {
    if (isIsletError(error, 'TRANSACTION_MALFORMED')) return undefined
    throw error
  }
}
