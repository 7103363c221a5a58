/**
 * Puts the three contracts on a ledger, or attaches to those that stand.
 *
 * Law: deploying twice with the same founders gives the same contracts (the calls carry keys), so a crash half-way is
 * mended by asking again; attaching compares the code on the chain with the committed one, immutables masked.
 */
import { keccak_256 } from '@noble/hashes/sha3.js'
import { type Abi, encodeDeployData } from 'viem'
import {
  type Address,
  concat,
  fromHex,
  type Hash32,
  type Hex,
  hash32,
  type InstitutionId,
  IsletError,
  toHex,
  utf8,
} from '../vocabulary/index.ts'
import {
  anchorLedgerAbi,
  anchorLedgerBytecode,
  anchorLedgerImmutables,
  anchorLedgerRuntimeBytecode,
  consentLedgerAbi,
  consentLedgerBytecode,
  consentLedgerImmutables,
  consentLedgerRuntimeBytecode,
  membershipAbi,
  membershipBytecode,
  membershipImmutables,
  membershipRuntimeBytecode,
} from './abi/index.ts'
import { type ContractName, type Deployment, readContract } from './contracts.ts'
import type { Ledger, Signer } from './port.ts'

/** An institution as `Membership` admits it. */
export interface Founder {
  readonly id: InstitutionId
  readonly ledgerKey: Address
  /** Ed25519 public key. */
  readonly messageKey: Hash32
  readonly hpkeKeyHash: Hash32
  /** Bit mask over `INSTITUTION_ROLES`. */
  readonly roles: number
}

export interface DeployOptions {
  readonly by: Signer
  readonly founders: readonly Founder[]
  /** Votes that a change of members needs. */
  readonly threshold: number
}

/** Under half of a block, enough for the largest of the three. */
const DEPLOY_GAS = 8_000_000
const FOUNDER_GAS = 250_000

/** Deploys, or finds what the same call deployed before. Throws `DEPLOYMENT_FAILED`. */
export async function deployContracts(ledger: Ledger, options: DeployOptions): Promise<Deployment> {
  const founders = options.founders.map((founder) => ({ ...founder }))
  const membership = await create(ledger, options.by, 'membership', founders.length * FOUNDER_GAS, {
    abi: membershipAbi,
    bytecode: membershipBytecode,
    args: [founders, options.threshold],
  })
  const consents = await create(ledger, options.by, 'consents', 0, {
    abi: consentLedgerAbi,
    bytecode: consentLedgerBytecode,
    args: [membership],
  })
  const anchors = await create(ledger, options.by, 'anchors', 0, {
    abi: anchorLedgerAbi,
    bytecode: anchorLedgerBytecode,
    args: [membership],
  })
  return attachContracts(ledger, { membership, consents, anchors })
}

/** Checks that the three addresses hold our contracts and belong together. Throws `OTHER_CONTRACT` (facts.contract). */
export async function attachContracts(ledger: Ledger, deployment: Deployment): Promise<Deployment> {
  for (const contract of ['membership', 'consents', 'anchors'] as const) {
    const { runtime, immutables } = RUNTIME[contract]
    const found = masked(await ledger.code(deployment[contract]), immutables)
    if (found !== masked(runtime, immutables)) throw otherContract(contract)
  }
  for (const contract of ['consents', 'anchors'] as const) {
    const { value } = await readContract(ledger, deployment, contract, 'membership', [])
    if (String(value).toLowerCase() !== deployment.membership) throw otherContract(contract)
  }
  return deployment
}

async function create(
  ledger: Ledger,
  by: Signer,
  contract: ContractName,
  extra: number,
  what: { readonly abi: Abi; readonly bytecode: Hex; readonly args: readonly unknown[] },
): Promise<Address> {
  const data = encodeDeployData(what)
  const key = hash32(toHex(keccak_256(concat(utf8(`islet/v1/deploy/${contract}`), fromHex(data)))))
  const receipt = await ledger.submit({ to: null, data, gas: DEPLOY_GAS + extra }, { by, keys: [key] })
  if (receipt.status !== 'success' || receipt.created === null) {
    throw new IsletError('DEPLOYMENT_FAILED', 'a contract could not be created', { contract })
  }
  return receipt.created
}

const RUNTIME = {
  membership: { runtime: membershipRuntimeBytecode, immutables: membershipImmutables },
  consents: { runtime: consentLedgerRuntimeBytecode, immutables: consentLedgerImmutables },
  anchors: { runtime: anchorLedgerRuntimeBytecode, immutables: anchorLedgerImmutables },
} as const

function masked(code: Hex, immutables: readonly { readonly start: number; readonly length: number }[]): Hex {
  const bytes = fromHex(code)
  for (const { start, length } of immutables) bytes.fill(0, start, start + length)
  return toHex(bytes)
}

function otherContract(contract: ContractName): IsletError {
  return new IsletError(
    'OTHER_CONTRACT',
    'an address does not hold the contract of this version',
    { contract },
    { remedy: 'Check the addresses, or use the version that deployed them.' },
  )
}
