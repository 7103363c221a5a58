/**
 * What the members of a consortium agree on before it begins; the engine makes the genesis from it.
 *
 * Law: the same members, seats and instant give the same agreement, so that each member writes it alone and compares
 * the hash of the genesis. The chain id follows from the agreement too: two consortia do not share one by accident, and
 * no signature of one is valid in the other.
 */

import { createHash } from 'node:crypto'
import { type Abi, encodeDeployData, getContractAddress } from 'viem'
import type { Founding } from '../journal/index.ts'
import {
  type Address,
  address,
  canonicalJson,
  fromHex,
  type Hash32,
  type Hex,
  IsletError,
  toHex,
  type UnixSeconds,
} from '../vocabulary/index.ts'
import {
  anchorLedgerAbi,
  anchorLedgerBytecode,
  consentLedgerAbi,
  consentLedgerBytecode,
  membershipAbi,
  membershipBytecode,
  validatorSetAbi,
  validatorSetBytecode,
} from './abi/index.ts'
import { EMBEDDED_CHAIN } from './chain-parameters.ts'
import type { Deployment } from './contracts.ts'
import type { Founder } from './deploy.ts'
import { member } from './json-rpc.ts'

/** A founding institution's validator. */
export interface FoundingSeat {
  readonly institution: Founder['id']
  /** Ed25519 public key that its validator signs votes with. */
  readonly key: Hash32
  /** Voting power, 1 to 10^9; no seat may hold a third of the sum. */
  readonly power: number
}

export interface ConsortiumPlan {
  readonly founders: readonly Founder[]
  /** Votes that a change of members needs. */
  readonly threshold: number
  /** Four or more, of founders. */
  readonly seats: readonly FoundingSeat[]
  readonly begins: UnixSeconds
  /** Length of the epoch in which less than a third of the power moves, seconds. */
  readonly epochSeconds: number
}

/** The engine's input, field for field what `islet-consortium genesis` reads. */
export interface Agreement {
  readonly chain_id: string
  readonly begins: string
  readonly block_gas: string
  readonly council: readonly Address[]
  readonly create: readonly { readonly name: string; readonly code: Hex }[]
  readonly seats: string
}

/** Contracts that stand from the first block on. */
export type ConsortiumContracts = Deployment & { readonly validators: Address }

/**
 * The account that creates the contracts of the genesis: the last 20 bytes of Keccak-256("islet genesis"), to which
 * nobody has a key; the engine has the same constant (engines/consortium/seats/keeper.go).
 */
const CREATOR: Address = address('0x3a87348622f3f522f9ba4f4a18ddb30700b64e1b')

/** Above every chain id of 32 bits, so that none in public use is met. */
const CHAIN_IDS_FROM = 2 ** 32

/** Addresses of the genesis' contracts: they depend on their order alone. */
export const CONSORTIUM_CONTRACTS: ConsortiumContracts = {
  membership: createdAt(0),
  consents: createdAt(1),
  anchors: createdAt(2),
  validators: createdAt(3),
}

/** Writes the agreement of a plan. */
export function consortiumAgreement(plan: ConsortiumPlan): Agreement {
  const { membership } = CONSORTIUM_CONTRACTS
  const founders = plan.founders.map((founder) => ({ ...founder }))
  const seats = plan.seats.map(({ power, ...seat }) => ({ ...seat, power: BigInt(power) }))
  const create = [
    creation('membership', membershipAbi, membershipBytecode, [founders, plan.threshold]),
    creation('consents', consentLedgerAbi, consentLedgerBytecode, [membership]),
    creation('anchors', anchorLedgerAbi, anchorLedgerBytecode, [membership]),
    creation('validators', validatorSetAbi, validatorSetBytecode, [
      membership,
      seats,
      BigInt(plan.epochSeconds),
    ]),
  ]
  const words = {
    begins: new Date(plan.begins * 1_000).toISOString(),
    block_gas: String(EMBEDDED_CHAIN.blockGasLimit),
    council: plan.founders.map(({ ledgerKey }) => ledgerKey),
    create,
    seats: 'validators',
  }
  const hash = createHash('sha256').update(canonicalJson(words)).digest()
  return { chain_id: `islet-${CHAIN_IDS_FROM + hash.readUInt32BE(0)}`, ...words }
}

/** What a genesis executes, from the agreement's text. Throws `AGREEMENT_DAMAGED`. */
export function foundingOf(agreement: string): Founding {
  try {
    const create = member(JSON.parse(agreement), 'create')
    if (!Array.isArray(create)) throw new Error('no creations')
    const creations = create.map((one: unknown) => toHex(fromHex(String(member(one, 'code')))))
    return { creator: CREATOR, creations }
  } catch (cause) {
    throw new IsletError(
      'AGREEMENT_DAMAGED',
      'the agreement of the consortium does not have its form',
      {},
      { cause, remedy: 'Take it from another member: all hold the same.' },
    )
  }
}

function creation(
  name: string,
  abi: Abi,
  bytecode: Hex,
  args: readonly unknown[],
): Agreement['create'][number] {
  return { name, code: encodeDeployData({ abi, bytecode, args }) }
}

function createdAt(place: number): Address {
  return address(getContractAddress({ from: CREATOR, nonce: BigInt(place) }).toLowerCase())
}
