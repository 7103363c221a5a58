/**
 * Puts the contracts of studies on a ledger that has a consortium, or attaches to those that stand.
 *
 * Law: as `deploy.ts`: deploying twice with the same arguments gives the same contracts, and attaching compares code
 * and wiring. They are apart from the consortium's three, so that a consortium without studies stays what it is.
 */
import type { Address } from '../vocabulary/index.ts'
import {
  roundLedgerAbi,
  roundLedgerBytecode,
  roundLedgerImmutables,
  roundLedgerRuntimeBytecode,
  studyLedgerAbi,
  studyLedgerBytecode,
  studyLedgerImmutables,
  studyLedgerRuntimeBytecode,
} from './abi/index.ts'
import { createContract, otherContract, requireCode } from './contract-code.ts'
import { type Deployment, readContract } from './contracts.ts'
import type { Ledger, Signer } from './port.ts'

/** Addresses of the contracts of studies, beside those of their consortium. */
export type StudyDeployment = Deployment & Readonly<Record<'studies' | 'rounds', Address>>

export interface StudyDeployOptions {
  readonly by: Signer
  /** Seats of the committee that make a decision, 1 to 65,535. */
  readonly quorum: number
}

/** Deploys, or finds what the same call deployed before. Throws `DEPLOYMENT_FAILED`. */
export async function deployStudies(
  ledger: Ledger,
  deployment: Deployment,
  options: StudyDeployOptions,
): Promise<StudyDeployment> {
  const studies = await createContract(ledger, options.by, 'studies', {
    abi: studyLedgerAbi,
    bytecode: studyLedgerBytecode,
    args: [deployment.membership, options.quorum],
  })
  const rounds = await createContract(ledger, options.by, 'rounds', {
    abi: roundLedgerAbi,
    bytecode: roundLedgerBytecode,
    args: [studies],
  })
  return attachStudies(ledger, { ...deployment, studies, rounds })
}

/** Checks that both addresses hold our contracts and belong to the consortium. Throws `OTHER_CONTRACT` (facts.contract). */
export async function attachStudies(ledger: Ledger, deployment: StudyDeployment): Promise<StudyDeployment> {
  await requireCode(ledger, 'studies', deployment.studies, {
    runtime: studyLedgerRuntimeBytecode,
    immutables: studyLedgerImmutables,
  })
  await requireCode(ledger, 'rounds', deployment.rounds, {
    runtime: roundLedgerRuntimeBytecode,
    immutables: roundLedgerImmutables,
  })
  const membership = await readContract(ledger, deployment, 'studies', 'membership', [])
  if (String(membership.value).toLowerCase() !== deployment.membership) throw otherContract('studies')
  const studies = await readContract(ledger, deployment, 'rounds', 'studies', [])
  if (String(studies.value).toLowerCase() !== deployment.studies) throw otherContract('rounds')
  return deployment
}
