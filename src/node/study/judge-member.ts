/**
 * A member's vote that another one be suspended, or taken back: what follows a site that lied.
 *
 * Laws: the ledger counts, and decides at its own threshold; a vote joins the proposal for the same change that is open
 * on the ledger already, so that members who vote on different days still vote for one thing; from the deciding block on
 * every gate refuses the member.
 */
import {
  CHANGE_KINDS,
  contractEvents,
  type Deployment,
  type Ledger,
  readContract,
  type Signer,
} from '../../ledger/index.ts'
import { type Hash32, hash32, IsletError, quantity, type UnixSeconds } from '../../vocabulary/index.ts'
import { type StandingVote, voteOnStanding } from '../world/member-standing.ts'

/** Where the members' decision stands after a vote. */
export interface JudgedMember {
  /** Votes that count, of those that are needed. */
  readonly votes: number
  readonly needed: number
  readonly isDecided: boolean
  /** Until when votes count. */
  readonly until: UnixSeconds
}

type Place = { readonly ledger: Ledger; readonly deployment: Deployment }
type Wanted = Omit<StandingVote, 'deadline'>

/** Seconds in which enough members have to vote. */
const TERM = 14 * 86_400

/** Votes under a member's key. Throws `CHANGE_REFUSED`, also where the member stands so already, and the codes of the ledger. */
export async function judgeMember(
  { ledger, deployment }: Place,
  by: Signer,
  wanted: Wanted,
  now: UnixSeconds,
): Promise<JudgedMember> {
  const { kind, institution } = wanted
  const active = await readContract(ledger, deployment, 'membership', 'isActiveInstitution', [institution])
  // The contract would take the vote, and it would count when the member stands otherwise again.
  if (active.value !== (kind === 'SUSPEND'))
    throw new IsletError('CHANGE_REFUSED', 'the member stands so already', { institution })
  const until = (await openProposal({ ledger, deployment }, wanted, now)) ?? quantity<UnixSeconds>(now + TERM)
  await voteOnStanding({ ledger, deployment, by }, { ...wanted, deadline: until })
  const { proposals, executed } = await proposalsOn({ ledger, deployment }, wanted)
  const proposal = proposals.find(({ deadline }) => deadline === until)?.proposal ?? NONE
  const [{ value: votes }, { value: needed }] = await Promise.all([
    readContract(ledger, deployment, 'membership', 'tally', [proposal]),
    readContract(ledger, deployment, 'membership', 'threshold', []),
  ])
  return { votes: Number(votes), needed, isDecided: executed.has(proposal), until }
}

const NONE = hash32(`0x${'00'.repeat(32)}`)

/** Until when votes count for a change that is proposed already and not decided. */
async function openProposal(
  place: Place,
  wanted: Wanted,
  now: UnixSeconds,
): Promise<UnixSeconds | undefined> {
  const { proposals, executed } = await proposalsOn(place, wanted)
  return proposals.find(({ proposal, deadline }) => deadline > now && !executed.has(proposal))?.deadline
}

/** Every proposal of a change of one member's standing, and which of all were decided, by the ledger's events. */
async function proposalsOn({ ledger, deployment }: Place, { kind, institution }: Wanted) {
  const { height } = await ledger.head()
  const executed = new Set<Hash32>()
  const proposals: { readonly proposal: Hash32; readonly deadline: UnixSeconds }[] = []
  for await (const { block, logs } of ledger.logs({
    from: 0,
    to: height,
    addresses: [deployment.membership],
  })) {
    for (const event of contractEvents(deployment, block, logs)) {
      if (event.name === 'Executed') executed.add(hash32(event.args.proposal))
      if (event.name !== 'Proposed') continue
      const { proposal, change } = event.args
      if (CHANGE_KINDS[change.kind] !== kind || change.member.id !== institution || change.nonce !== 0n)
        continue
      proposals.push({ proposal: hash32(proposal), deadline: quantity<UnixSeconds>(Number(change.deadline)) })
    }
  }
  return { proposals, executed }
}
