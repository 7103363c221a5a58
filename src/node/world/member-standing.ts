/**
 * One member's vote on whether another stays in force: suspended, or taken back.
 *
 * Law: the ledger decides when enough members voted for the same change; the same vote of the same member counts once,
 * however often it is sent. From the block on that carries it, every gate judges the member anew (PROTOCOL 6).
 */
import { createHash } from 'node:crypto'
import {
  CHANGE_KINDS,
  contractCall,
  type Deployment,
  type Ledger,
  type Receipt,
  type Signer,
} from '../../ledger/index.ts'
import {
  address,
  hash32,
  type InstitutionId,
  IsletError,
  toHex,
  type UnixSeconds,
} from '../../vocabulary/index.ts'

/** A change of a member's standing; the deadline makes it one proposal for all who vote. */
export interface StandingVote {
  readonly kind: 'SUSPEND' | 'REINSTATE'
  readonly institution: InstitutionId
  readonly deadline: UnixSeconds
}

const NOBODY = address(`0x${'00'.repeat(20)}`)
const NOTHING = hash32(`0x${'00'.repeat(32)}`)

/** Votes under a member's key. Throws `CHANGE_REFUSED` and the codes of the ledger. */
export async function voteOnStanding(
  {
    ledger,
    deployment,
    by,
  }: { readonly ledger: Ledger; readonly deployment: Deployment; readonly by: Signer },
  { kind, institution: id, deadline }: StandingVote,
): Promise<Receipt> {
  const change = {
    kind: CHANGE_KINDS.indexOf(kind),
    member: { id, ledgerKey: NOBODY, messageKey: NOTHING, hpkeKeyHash: NOTHING, roles: 0 },
    threshold: 0,
    nonce: 0n,
    deadline: BigInt(deadline),
  }
  const said = `islet/v1/standing-vote\0${kind}\0${id}\0${deadline}\0${by.address}`
  const receipt = await ledger.submit(contractCall(deployment, 'membership', 'vote', [change]), {
    by,
    keys: [hash32(toHex(createHash('sha256').update(said).digest()))],
  })
  if (receipt.status === 'success') return receipt
  throw new IsletError('CHANGE_REFUSED', 'the ledger did not take the vote on a member', { institution: id })
}
