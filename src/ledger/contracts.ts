/**
 * Typed calls and reads of the contracts: the room's words for them, over the port.
 *
 * Law: gas limits are stated, never estimated (an estimate is a second execution, and one engine's estimate call drops
 * the calldata); they follow the committed gas snapshot with room above it.
 */
import {
  type Abi,
  type ContractFunctionArgs,
  type ContractFunctionName,
  type ContractFunctionReturnType,
  decodeErrorResult,
  decodeFunctionResult,
  encodeFunctionData,
  prepareEncodeFunctionData,
} from 'viem'
import { type Address, type Hex, isIsletError } from '../vocabulary/index.ts'
import {
  anchorLedgerAbi,
  consentLedgerAbi,
  creditsAbi,
  membershipAbi,
  roundLedgerAbi,
  studyLedgerAbi,
  validatorSetAbi,
} from './abi/index.ts'
import type { Call, Head, Ledger } from './port.ts'

/** The contracts that every consortium has. */
export const CONTRACTS = {
  membership: membershipAbi,
  consents: consentLedgerAbi,
  anchors: anchorLedgerAbi,
} as const
export type ContractName = keyof typeof CONTRACTS

const ABIS = {
  ...CONTRACTS,
  studies: studyLedgerAbi,
  rounds: roundLedgerAbi,
  credits: creditsAbi,
  validators: validatorSetAbi,
} as const
/** Every contract that can be called, those of studies included. */
export type CallableContract = keyof typeof ABIS
type AbiOf<C extends CallableContract> = (typeof ABIS)[C]

/** Addresses of the contracts of one consortium. */
export type Deployment = Readonly<Record<ContractName, Address>>
type At<C extends CallableContract> = Readonly<Record<C, Address>>

// Spelt out once per contract: a lookup costs the compiler nothing, the conditional types of viem minutes.
type CallArgsOf = {
  readonly [C in CallableContract]: {
    readonly [F in ContractFunctionName<AbiOf<C>, 'nonpayable'>]: ContractFunctionArgs<
      AbiOf<C>,
      'nonpayable',
      F
    >
  }
}
type ViewArgsOf = {
  readonly [C in CallableContract]: {
    readonly [F in ContractFunctionName<AbiOf<C>, 'pure' | 'view'>]: ContractFunctionArgs<
      AbiOf<C>,
      'pure' | 'view',
      F
    >
  }
}
type ViewResultOf = {
  readonly [C in CallableContract]: {
    readonly [F in ContractFunctionName<AbiOf<C>, 'pure' | 'view'>]: ContractFunctionReturnType<
      AbiOf<C>,
      'pure' | 'view',
      F
    >
  }
}

export type CallName<C extends CallableContract> = keyof CallArgsOf[C] & string
export type CallArgs<C extends CallableContract, F extends CallName<C>> = CallArgsOf[C][F]
export type ViewName<C extends CallableContract> = keyof ViewArgsOf[C] & keyof ViewResultOf[C] & string
export type ViewArgs<C extends CallableContract, F extends ViewName<C>> = ViewArgsOf[C][F]
export type ViewResult<C extends CallableContract, F extends ViewName<C>> = ViewResultOf[C][F]

/** A state-changing call, ready to submit. */
export function contractCall<C extends CallableContract, F extends CallName<C>>(
  deployment: At<C>,
  contract: C,
  name: F,
  args: CallArgs<C, F>,
): Call {
  const data = encode(contract, name, args)
  return { to: deployment[contract], data, gas: gasFor(name, args) }
}

/**
 * Asks a view at the head, or at a block that the engine still has. `value` is typed by the ABI.
 * Throws `CALL_REVERTED`, `STATE_PRUNED`. Never let a decision rest on the time of the block that answered.
 */
export async function readContract<C extends CallableContract, F extends ViewName<C>>(
  ledger: Pick<Ledger, 'read'>,
  deployment: At<C>,
  contract: C,
  name: F,
  args: ViewArgs<C, F>,
  at?: Head,
): Promise<{ readonly value: ViewResult<C, F>; readonly at: Head }> {
  const answer = await ledger.read({ to: deployment[contract], data: encode(contract, name, args) }, at)
  // Of an ABI of one function nothing has to be looked for.
  const value = decodeFunctionResult({ abi: functionOf(contract, name).abi, data: answer.data })
  return { value: value as ViewResult<C, F>, at: answer.at }
}

/** Name of the contract's error inside a `CALL_REVERTED`, or undefined. */
export function revertName(error: unknown): string | undefined {
  if (!isIsletError(error, 'CALL_REVERTED')) return undefined
  const data = error.facts['data']
  if (typeof data !== 'string') return undefined
  const abi: Abi = Object.values(ABIS).flatMap((items) => [...items])
  try {
    return decodeErrorResult({ abi, data: data as Hex }).errorName
  } catch {
    return undefined
  }
}

/** Functions found and their selectors hashed once, by contract and name. */
const prepared = new Map<string, { readonly abi: Abi; readonly functionName: Hex }>()

function functionOf(contract: CallableContract, name: string) {
  const known = prepared.get(`${contract} ${name}`)
  if (known !== undefined) return known
  const whole: Abi = ABIS[contract]
  const { abi, functionName } = prepareEncodeFunctionData({ abi: whole, functionName: name })
  prepared.set(`${contract} ${name}`, { abi, functionName })
  return { abi, functionName }
}

function encode(contract: CallableContract, name: string, args: unknown): Hex {
  return encodeFunctionData({ ...functionOf(contract, name), args: Array.isArray(args) ? args : [] })
}

/** Gas limits: a fixed part and a part an item of the first argument; committed snapshot + a third. */
const GAS: Readonly<Record<string, readonly [fixed: number, item: number]>> = {
  grantBatch: [60_000, 110_000],
  grant: [160_000, 0],
  revoke: [160_000, 0],
  revokeDirect: [120_000, 0],
  requestAccess: [150_000, 0],
  anchor: [160_000, 0],
  anchorBatch: [60_000, 140_000],
  anchorSlot: [200_000, 0],
  // A tally asks every one of up to 256 members.
  vote: [4_000_000, 0],
  execute: [4_000_000, 0],
  rotateOwnKeys: [400_000, 0],
  setBoard: [200_000, 70_000],
  // Walks back over up to 1,000 versions.
  withdrawVersion: [16_000_000, 0],
}

/** The gas limit of a call by name. */
export function gasFor(name: string, args: unknown): number {
  const [fixed, item] = GAS[name] ?? [1_000_000, 0]
  const first: unknown = Array.isArray(args) ? args[0] : undefined
  return fixed + item * (Array.isArray(first) ? first.length : 0)
}
