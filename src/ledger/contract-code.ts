/**
 * Code on a ledger: putting a contract there once, and knowing ours when it is found.
 *
 * Law: creating carries a key made of the code and its arguments, so asking again after a crash gives the same
 * contract; code is compared with the committed one, immutables masked.
 */
import { keccak_256 } from '@noble/hashes/sha3.js'
import { type Abi, encodeDeployData } from 'viem'
import {
  type Address,
  concat,
  fromHex,
  type Hex,
  hash32,
  IsletError,
  toHex,
  utf8,
} from '../vocabulary/index.ts'
import type { Ledger, Signer } from './port.ts'

/** Under half of a block, enough for the largest contract. */
const DEPLOY_GAS = 8_000_000

interface Creation {
  readonly abi: Abi
  readonly bytecode: Hex
  readonly args: readonly unknown[]
  readonly extraGas?: number
}

/** Creates a contract, or finds what the same call created before. Throws `DEPLOYMENT_FAILED`. */
export async function createContract(
  ledger: Pick<Ledger, 'submit'>,
  by: Signer,
  contract: string,
  what: Creation,
): Promise<Address> {
  const data = encodeDeployData({ abi: what.abi, bytecode: what.bytecode, args: what.args })
  const key = hash32(toHex(keccak_256(concat(utf8(`islet/v1/deploy/${contract}`), fromHex(data)))))
  const gas = DEPLOY_GAS + (what.extraGas ?? 0)
  const receipt = await ledger.submit({ to: null, data, gas }, { by, keys: [key] })
  if (receipt.status !== 'success' || receipt.created === null) {
    throw new IsletError('DEPLOYMENT_FAILED', 'a contract could not be created', { contract })
  }
  return receipt.created
}

interface CommittedCode {
  readonly runtime: Hex
  readonly immutables: readonly { readonly start: number; readonly length: number }[]
}

/** Throws `OTHER_CONTRACT` (facts.contract) when an address does not hold the committed code. */
export async function requireCode(
  ledger: Pick<Ledger, 'code'>,
  contract: string,
  at: Address,
  { runtime, immutables }: CommittedCode,
): Promise<void> {
  const found = masked(await ledger.code(at), immutables)
  if (found !== masked(runtime, immutables)) throw otherContract(contract)
}

function masked(code: Hex, immutables: CommittedCode['immutables']): Hex {
  const bytes = fromHex(code)
  for (const { start, length } of immutables) bytes.fill(0, start, start + length)
  return toHex(bytes)
}

export function otherContract(contract: string): IsletError {
  return new IsletError(
    'OTHER_CONTRACT',
    'an address does not hold the contract of this version',
    { contract },
    { remedy: 'Check the addresses, or use the version that deployed them.' },
  )
}
