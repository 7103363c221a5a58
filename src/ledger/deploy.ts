/**
 * Puts the three contracts on a ledger, or attaches to those that stand.
 *
 * Law: deploying twice with the same founders gives the same contracts (the calls carry keys), so a crash half-way is
 * mended by asking again; attaching compares the code on the chain with the committed one, immutables masked.
 */
import type { Address, Hash32, InstitutionId } from '../vocabulary/index.ts'
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
import { createContract, otherContract, requireCode } from './contract-code.ts'
import { type Deployment, readContract } from './contracts.ts'
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

const FOUNDER_GAS = 250_000

/** Deploys, or finds what the same call deployed before. Throws `DEPLOYMENT_FAILED`. */
export async function deployContracts(ledger: Ledger, options: DeployOptions): Promise<Deployment> {
  const founders = options.founders.map((founder) => ({ ...founder }))
  const membership = await createContract(ledger, options.by, 'membership', {
    extraGas: founders.length * FOUNDER_GAS,
    abi: membershipAbi,
    bytecode: membershipBytecode,
    args: [founders, options.threshold],
  })
  const consents = await createContract(ledger, options.by, 'consents', {
    abi: consentLedgerAbi,
    bytecode: consentLedgerBytecode,
    args: [membership],
  })
  const anchors = await createContract(ledger, options.by, 'anchors', {
    abi: anchorLedgerAbi,
    bytecode: anchorLedgerBytecode,
    args: [membership],
  })
  return attachContracts(ledger, { membership, consents, anchors })
}

/** Checks that the three addresses hold our contracts and belong together. Throws `OTHER_CONTRACT` (facts.contract). */
export async function attachContracts(ledger: Ledger, deployment: Deployment): Promise<Deployment> {
  for (const contract of ['membership', 'consents', 'anchors'] as const) {
    await requireCode(ledger, contract, deployment[contract], RUNTIME[contract])
  }
  for (const contract of ['consents', 'anchors'] as const) {
    const { value } = await readContract(ledger, deployment, contract, 'membership', [])
    if (String(value).toLowerCase() !== deployment.membership) throw otherContract(contract)
  }
  return deployment
}

const RUNTIME = {
  membership: { runtime: membershipRuntimeBytecode, immutables: membershipImmutables },
  consents: { runtime: consentLedgerRuntimeBytecode, immutables: consentLedgerImmutables },
  anchors: { runtime: anchorLedgerRuntimeBytecode, immutables: anchorLedgerImmutables },
} as const
