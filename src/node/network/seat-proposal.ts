/**
 * A change of seats that members on hosts of their own vote on, each with its own key over its own node: a file goes round.
 *
 * Laws: nothing in the file is believed: a seat is given to a key that its institution signed for with the message key that
 * the ledger has of it, and the rules of the set are asked before a vote is cast; more than two thirds decide (ValidatorSet).
 */
import Type, { type Static } from 'typebox'
import { Hash32Field, InstitutionIdField } from '../../api/index.ts'
import { CONSORTIUM_CONTRACTS } from '../../ledger/consortium.door.ts'
import { type Ledger, readContract } from '../../ledger/index.ts'
import {
  hash32,
  type InstitutionId,
  IsletError,
  institutionId,
  quantity,
  type UnixSeconds,
} from '../../vocabulary/index.ts'
import { MemberRequest, memberId, requireSigned } from './member-request.ts'
import type { NetworkFile } from './network-file.ts'
import { noSeat, seatsAfter } from './seat-rules.ts'
import { castVote, requireActive, type SeatChange, untilInForce, type Voter } from './seat-vote.ts'

export const SeatProposal = Type.Object({
  schema: Type.Literal('islet.seat-proposal/1'),
  moves: Type.Array(
    Type.Object({
      institution: InstitutionIdField,
      seatKey: Hash32Field,
      /** 0 takes the seat away. */
      power: Type.Integer({ minimum: 0 }),
      /** What the institution signed about its node; null where a seat is taken. */
      request: Type.Union([MemberRequest, Type.Null()]),
    }),
    { minItems: 1, maxItems: 100 },
  ),
  nonce: Type.Integer({ minimum: 1 }),
  /** Votes count up to here, seconds since 1970. */
  deadline: Type.Integer({ minimum: 1 }),
})
export type SeatProposal = Static<typeof SeatProposal>

const VOTING_SECONDS = 7 * 86_400

/** Who shall have which power, and who no seat any more, by handle. */
export interface WantedSeats {
  readonly give: readonly MemberRequest[]
  readonly power: number
  readonly take: readonly string[]
}

/** The change as a file. Throws `NO_SEAT` for a handle without one and `REQUEST_WITHOUT_NODE`. */
export async function proposalOf(
  ledger: Ledger,
  { nodes, distant = [] }: NetworkFile,
  { give, power, take }: WantedSeats,
  nowMs: number,
): Promise<SeatProposal> {
  const seats = await seatsOf(ledger)
  const taken = take.map((handle) => {
    const { seatKey } = [...nodes, ...distant].find((one) => one.institution === handle) ?? {}
    const seat = seats.find(({ key }) => key === seatKey)
    if (seat === undefined) throw noSeat(handle)
    return { institution: seat.institution, seatKey: hash32(seat.key), power: 0, request: null }
  })
  const given = give.map((request) => {
    const { key, node } = request.body
    if (node === null) {
      throw new IsletError('REQUEST_WITHOUT_NODE', 'this member’s request names no node', { member: key })
    }
    return { institution: memberId(request), seatKey: node.seatKey, power, request }
  })
  const now = Math.floor(nowMs)
  return {
    schema: 'islet.seat-proposal/1',
    moves: [...given, ...taken],
    nonce: now,
    deadline: Math.floor(now / 1_000) + VOTING_SECONDS,
  }
}

export interface Cast {
  readonly votes: number
  readonly needed: number
  /** Carried, and in force where this host's node looks. */
  readonly decided: boolean
}

/**
 * Checks a proposal and votes for it with one member's key. Throws `REQUEST_NOT_SIGNED`, `SEAT_KEY_NOT_SIGNED_FOR`,
 * `INSTITUTION_NOT_ACTIVE`, `VOTING_OVER`, the codes of `seatsAfter` and of a vote.
 */
export async function voteOnProposal(
  ledger: Ledger,
  network: NetworkFile,
  proposal: SeatProposal,
  voter: Voter,
  now: UnixSeconds,
): Promise<Cast> {
  if (now > proposal.deadline) {
    throw new IsletError('VOTING_OVER', 'the time of this proposal is over', {
      deadline: quantity<UnixSeconds>(proposal.deadline),
    })
  }
  const change = changeOf(proposal)
  if (!(await isDecided(ledger, change))) {
    await check(ledger, proposal)
    await castVote(ledger, change, voter)
  }
  const decided = await isDecided(ledger, change)
  if (decided) {
    await untilInForce(
      network,
      proposal.moves.map(({ seatKey, power }) => ({ seatKey: hash32(seatKey), power })),
    )
  }
  const { value } = await readContract(ledger, CONSORTIUM_CONTRACTS, 'validators', 'tally', [
    await idOf(ledger, change),
  ])
  const [votes, needed] = value
  return { votes: Number(votes), needed: Number(needed), decided }
}

/** The nodes of other hosts, with those that a proposal gives a seat. */
export function withSeated(
  { nodes, distant = [], ...rest }: NetworkFile,
  { moves }: SeatProposal,
): NetworkFile {
  const known = new Set([...nodes, ...distant].map(({ seatKey }) => seatKey))
  const more = moves.flatMap(({ request }) => {
    const { key, node } = request?.body ?? {}
    return key === undefined || node == null || known.has(node.seatKey) ? [] : [{ institution: key, ...node }]
  })
  return { ...rest, nodes, distant: [...distant, ...more] }
}

async function check(ledger: Ledger, { moves }: SeatProposal): Promise<void> {
  const seats = await seatsOf(ledger)
  seatsAfter(
    new Map(seats.map(({ institution, power }) => [institution, power])),
    new Map(moves.map(({ institution, power }) => [institution, power])),
  )
  for (const { institution, seatKey, power, request } of moves) {
    if (power === 0) continue
    const id = institutionId(institution)
    const { value } = await readContract(ledger, CONSORTIUM_CONTRACTS, 'membership', 'institution', [id])
    if (request !== null) requireSigned(request)
    if (request?.body.messageKey !== value.messageKey || request.body.node?.seatKey !== seatKey) {
      throw new IsletError(
        'SEAT_KEY_NOT_SIGNED_FOR',
        'the institution did not sign for this seat’s key with the message key that the ledger has of it',
        { institution },
        { remedy: 'Ask it for its request (islet network request) and propose anew.' },
      )
    }
    await requireActive(ledger, request.body.key, id)
  }
}

async function seatsOf(
  ledger: Ledger,
): Promise<readonly { readonly institution: InstitutionId; readonly key: string; readonly power: number }[]> {
  const { value } = await readContract(ledger, CONSORTIUM_CONTRACTS, 'validators', 'seats', [])
  return value.map(({ institution, key, power }) => ({
    ...{ institution: institutionId(institution), key, power: Number(power) },
  }))
}

function changeOf({ moves, nonce, deadline }: SeatProposal): SeatChange {
  return {
    moves: moves.map(({ institution, seatKey, power }) => ({
      ...{ institution: institutionId(institution), key: hash32(seatKey), power: BigInt(power) },
    })),
    nonce: BigInt(nonce),
    deadline: BigInt(deadline),
  }
}

async function idOf(ledger: Ledger, change: SeatChange) {
  return (await readContract(ledger, CONSORTIUM_CONTRACTS, 'validators', 'proposalId', [change])).value
}

/** `EXECUTED` of the contract's states. */
const EXECUTED = 2

async function isDecided(ledger: Ledger, change: SeatChange): Promise<boolean> {
  const id = await idOf(ledger, change)
  const { value } = await readContract(ledger, CONSORTIUM_CONTRACTS, 'validators', 'proposalState', [id])
  return value === EXECUTED
}
