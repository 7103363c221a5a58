/**
 * Signing: the only way from a proposal to a dose.
 *
 * Law: a `SignedDose` cannot be built outside this file (its brand is private) and is built only after a verifier says that
 * a clinician signed exactly these words: units, formula, model, instant. A changed proposal has other words.
 */
import { sha256 } from '@noble/hashes/sha2.js'
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js'
import { canonicalJson, type InsulinUnits } from '../../vocabulary/index.ts'
import type { Proposal } from './proposal.ts'
import { doseRefused } from './therapy.ts'

declare const signed: unique symbol

export interface SignedDose {
  readonly [signed]: true
  readonly state: 'signed'
  readonly units: InsulinUnits
  readonly proposal: Proposal
  /** Who signed, as the verifier names them. */
  readonly clinician: string
}

export interface DoseSignature {
  /** The clinician's name in the system, such as a did. */
  readonly clinician: string
  readonly signature: Uint8Array
}

/** Says whether this clinician may sign doses and signed this digest; brought by the room that knows clinicians. */
export interface SignatureVerifier {
  verify(clinician: string, digest: string, signature: Uint8Array): boolean | Promise<boolean>
}

/** SHA-256 of what a clinician signs, hexadecimal: the whole proposal as canonical JSON. */
export function proposalDigest(proposal: Proposal): string {
  const { formula, reasons, explanation, ...plain } = proposal
  const words = canonicalJson({
    schema: 'islet.dose-proposal/1',
    ...plain,
    formula: { ...formula },
    reasons: reasons.map((reason) => ({ ...reason })),
    explanation: { ...explanation },
  })
  return bytesToHex(sha256(utf8ToBytes(words)))
}

/** A dose that a clinician signed. Throws `NOT_SIGNED` where the verifier does not vouch for it. */
export async function signDose(
  proposal: Proposal,
  { clinician, signature }: DoseSignature,
  verifier: SignatureVerifier,
): Promise<SignedDose> {
  // Only `true` counts: a verifier that answers anything else has not vouched.
  if ((await verifier.verify(clinician, proposalDigest(proposal), signature)) !== true)
    throw doseRefused(
      'NOT_SIGNED',
      'no clinician has signed this proposal',
      { bytes: signature.length },
      'let a clinician look at the proposal and sign its digest',
    )
  // The one place where the brand is given.
  return { state: 'signed', units: proposal.units, proposal, clinician } as SignedDose
}
