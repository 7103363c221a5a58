/**
 * Puts the contract of participation vouchers on a ledger that has the contracts of studies.
 *
 * Law: as `deploy-studies.ts`: deploying twice gives the same contract, and it is recognised by its code and its wiring.
 */
import type { Address } from '../vocabulary/index.ts'
import { creditsAbi, creditsBytecode, creditsImmutables, creditsRuntimeBytecode } from './abi/index.ts'
import { createContract, otherContract, requireCode } from './contract-code.ts'
import { readContract } from './contracts.ts'
import type { StudyDeployment } from './deploy-studies.ts'
import type { Ledger, Signer } from './port.ts'

/** Addresses of the contracts of studies with that of their vouchers. */
export type CreditsDeployment = StudyDeployment & Readonly<Record<'credits', Address>>

/** Deploys, or finds what the same call deployed before. Throws `DEPLOYMENT_FAILED`, `OTHER_CONTRACT`. */
export async function deployCredits(
  ledger: Ledger,
  deployment: StudyDeployment,
  by: Signer,
): Promise<CreditsDeployment> {
  const credits = await createContract(ledger, by, 'credits', {
    abi: creditsAbi,
    bytecode: creditsBytecode,
    args: [deployment.studies],
  })
  return attachCredits(ledger, { ...deployment, credits })
}

/** Checks that an address holds our contract over these studies. Throws `OTHER_CONTRACT` (facts.contract). */
export async function attachCredits(
  ledger: Ledger,
  deployment: CreditsDeployment,
): Promise<CreditsDeployment> {
  await requireCode(ledger, 'credits', deployment.credits, {
    runtime: creditsRuntimeBytecode,
    immutables: creditsImmutables,
  })
  const studies = await readContract(ledger, deployment, 'credits', 'studies', [])
  if (String(studies.value).toLowerCase() !== deployment.studies) throw otherContract('credits')
  return deployment
}
