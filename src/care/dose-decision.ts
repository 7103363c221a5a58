/**
 * Sign-off: what a clinician decides on a proposed dose, with the reason, signed with their own key.
 *
 * Laws: only a decision that accepts or changes a proposal makes a dose, and only under the signature of a clinician who is
 * on the staff at that instant; it names the digest of the exact proposal that was shown and is refused once that is ten
 * minutes old; what differs from the proposal, or refuses it, says why; a changed dose stays inside the hard limits; a
 * decision that fails any of it makes nothing. The ledger gets a salted hash of it, never a value.
 */
import { requireSigned } from '../consent/browser.door.ts'
import type { Ed25519 } from '../identity/index.ts'
import {
  type DoseLimits,
  type Proposal,
  proposalDigest,
  type SignedDose,
  signDose,
} from '../learning/index.ts'
import {
  fromBase64Url,
  hash32,
  type InsulinUnits,
  IsletError,
  quantity,
  type UnixSeconds,
} from '../vocabulary/index.ts'
import type { DoseDecision } from './signed-decision.ts'
import { requireDuty, type StaffMember } from './staff.ts'

/** A proposal is decided on within this: afterwards glucose is another. */
export const DECISION_SECONDS = 600
const CLOCK_SLACK_SECONDS = 60
const LEAST_REASON = 5

export interface DecisionGround {
  readonly proposal: Proposal
  readonly limits: DoseLimits
  /** Who has the key that signed, on the staff at `at`. */
  readonly clinician: StaffMember | undefined
  readonly at: UnixSeconds
  readonly ed: Ed25519
}

/**
 * The dose that a decision makes; undefined where the proposal was rejected.
 * Throws `NOT_ON_DUTY`, `SIGNATURE_REFUSED`, `PROPOSAL_CHANGED`, `PROPOSAL_OLD`, `DECISION_UNSOUND`, `REASON_MISSING`.
 */
export async function doseDecided(
  decision: DoseDecision,
  { proposal, limits, clinician, at, ed }: DecisionGround,
): Promise<SignedDose | undefined> {
  const { name, key } = requireDuty(clinician, 'clinician')
  requireSigned(decision, ed, 'decision on a dose', key)
  const { body } = decision
  if (body.proposal !== hash32(`0x${proposalDigest(proposal)}`)) {
    throw new IsletError(
      'PROPOSAL_CHANGED',
      'the decision is on another proposal than the one at hand',
      {},
      { remedy: 'look at the newest proposal and decide on it' },
    )
  }
  const age = Math.max(at, body.at) - proposal.at
  if (age > DECISION_SECONDS || body.at > at + CLOCK_SLACK_SECONDS || body.at < proposal.at) {
    throw new IsletError(
      'PROPOSAL_OLD',
      'a proposal is decided on within ten minutes',
      { allowed_seconds: DECISION_SECONDS },
      { remedy: 'ask for a new proposal' },
    )
  }
  const units = soundUnits(body, proposal, limits)
  if (body.verdict !== 'accepted' && body.reason.trim().length < LEAST_REASON) {
    throw new IsletError(
      'REASON_MISSING',
      'a changed or rejected proposal needs a reason',
      {},
      { at: { field: 'reason' }, remedy: 'say why in a few words' },
    )
  }
  if (units === undefined) return undefined
  const decided: Proposal = { ...proposal, units }
  const words = proposalDigest(decided)
  return signDose(
    decided,
    { clinician: name, signature: fromBase64Url(decision.signature) },
    // The signature was checked above, over the digest of what was shown and the units decided on.
    { verify: (_, digest) => digest === words },
  )
}

/** The units of a decision, inside the limits; undefined for a rejection. Throws `DECISION_UNSOUND`. */
function soundUnits(
  { verdict, units }: DoseDecision['body'],
  proposal: Proposal,
  limits: DoseLimits,
): InsulinUnits | undefined {
  switch (verdict) {
    case 'rejected':
      if (units === null) return undefined
      throw unsound('a rejected proposal has no units')
    case 'accepted':
      if (units === proposal.units) return proposal.units
      throw unsound('an accepted proposal keeps its units')
    case 'changed': {
      if (units === null || units === proposal.units) throw unsound('a changed proposal has other units')
      const steps = units / limits.increment
      if (Math.abs(steps - Math.round(steps)) > 1e-6) throw unsound('the pen cannot give these units')
      if (units > limits.mostUnits || units + proposal.formula.onBoard > limits.mostOnBoard)
        throw unsound('the units lie beyond the hard limits')
      return quantity<InsulinUnits>(units)
    }
    default:
      return verdict satisfies never
  }
}

function unsound(message: string): IsletError {
  return new IsletError(
    'DECISION_UNSOUND',
    message,
    {},
    { at: { field: 'units' }, remedy: 'decide again, inside the limits that are shown' },
  )
}
