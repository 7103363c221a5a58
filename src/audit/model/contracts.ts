/**
 * The three contracts as one model: fed with transactions in order, it says which revert and what the others write down.
 *
 * Law: it knows the rules from their prose and shares no code with the engine; where engine and model disagree, one of
 * them is wrong, and the verifier says so.
 */
import { keccak } from '../../consent/index.ts'
import type { Deployment } from '../../ledger/index.ts'
import {
  type Address,
  address,
  type Bytes,
  concat,
  fromHex,
  type Hex,
  toHex,
  type UnixSeconds,
} from '../../vocabulary/index.ts'
import { type RawEvent, Unreadable, Words } from '../abi-words.ts'
import type { RawTransaction } from '../raw-transaction.ts'
import { AnchorModel } from './anchors.ts'
import { ConsentModel } from './consents.ts'
import { MembershipModel } from './membership.ts'
import { type CallContext, Reverted } from './store.ts'

export type Predicted =
  | { readonly code: 'SUCCEEDS'; readonly events: readonly RawEvent[] }
  | { readonly code: 'REVERTS' }
  /** A transaction that none of the three contracts receives. */
  | { readonly code: 'FOREIGN' }

export class ContractModel {
  readonly #deployment: Deployment
  readonly #membershipCode: Hex
  readonly #membership: MembershipModel
  readonly #consents: ConsentModel
  readonly #anchors: AnchorModel

  /** `membershipCode`: creation code, after which the constructor's arguments stand. */
  constructor(deployment: Deployment, chainId: number, membershipCode: Hex) {
    this.#deployment = deployment
    this.#membershipCode = membershipCode
    this.#membership = new MembershipModel(deployment.membership)
    this.#consents = new ConsentModel(deployment.consents, chainId)
    this.#anchors = new AnchorModel(deployment.anchors)
  }

  /** What a transaction does in a block of that time; its changes are kept. */
  run(transaction: RawTransaction, timestamp: UnixSeconds): Predicted {
    const stores = [...this.#membership.stores, ...this.#consents.stores, ...this.#anchors.stores]
    try {
      const events = this.#dispatch(transaction, { sender: transaction.sender, now: BigInt(timestamp) })
      for (const store of stores) store.commit()
      return events === undefined ? { code: 'FOREIGN' } : { code: 'SUCCEEDS', events }
    } catch (error) {
      if (!(error instanceof Reverted || error instanceof Unreadable)) throw error
      for (const store of stores) store.rollback()
      return { code: 'REVERTS' }
    }
  }

  #dispatch(transaction: RawTransaction, context: CallContext): readonly RawEvent[] | undefined {
    const { to, data, sender } = transaction
    if (to === null) return this.#create(transaction)
    const name = toHex(data.subarray(0, 4))
    const words = new Words(data, 4)
    switch (to) {
      case this.#deployment.membership:
        return this.#membership.call(name, words, context)
      case this.#deployment.consents:
        return this.#consents.call(name, words, context, this.#membership.activeMemberOf(sender))
      case this.#deployment.anchors:
        return this.#anchors.call(name, words, context, this.#membership.activeMemberOf(sender))
      default:
        return undefined
    }
  }

  #create({ sender, nonce, data }: RawTransaction): readonly RawEvent[] | undefined {
    const created = createdAddress(sender, nonce)
    if (created === this.#deployment.consents || created === this.#deployment.anchors) return []
    if (created !== this.#deployment.membership) return undefined
    const length = this.#membershipCode.length / 2 - 1
    return this.#membership.construct(new Words(new Uint8Array(data.subarray(length))))
  }
}

/** Address of what an account creates with its n-th transaction: the end of keccak256(rlp([sender, nonce])). */
export function createdAddress(sender: Address, nonce: bigint): Address {
  const number = nonce === 0n ? '' : nonce.toString(16)
  const digits = fromHex(number.length % 2 === 0 ? number : `0${number}`)
  const encoded: Bytes =
    digits.length === 1 && (digits[0] ?? 0) < 0x80
      ? digits
      : concat(Uint8Array.of(0x80 + digits.length), digits)
  const payload = concat(Uint8Array.of(0x94), fromHex(sender), encoded)
  return address(`0x${keccak(concat(Uint8Array.of(0xc0 + payload.length), payload)).slice(26)}`)
}
