/** `islet network propose|vote`: seats decided by members on hosts of their own; a proposal goes from host to host as a file. */
import { secp256k1Signer } from '../../ledger/index.ts'
import { quantity, type UnixSeconds } from '../../vocabulary/index.ts'
import { writeDocumentFile } from '../institution/document-file.ts'
import { wallClock } from '../institution/wire.ts'
import { MemberRequest } from '../network/member-request.ts'
import { readNetwork, writeNetwork } from '../network/network-file.ts'
import { proposalOf, SeatProposal, voteOnProposal, withSeated } from '../network/seat-proposal.ts'
import { firstId } from '../world/enrolment.ts'
import { fileOf, told, withOwnNode } from './network-members.ts'
import { usage } from './outcome.ts'
import type { Action } from './verb.ts'

export const networkPropose: Action = async (context, [file = ''], options) => {
  const [requests, take] = [listed(options['seat']), listed(options['unseat'])]
  if (requests.length + take.length === 0)
    throw usage('a proposal changes a seat', 'add --seat REQUEST or --unseat NAME')
  const give = await Promise.all(requests.map((one) => fileOf(one, MemberRequest)))
  const network = await readNetwork(context.data)
  const wanted = { give, take, power: Number(options['power']) }
  const proposal = await withOwnNode(context, ({ ledger }) =>
    proposalOf(ledger, network, wanted, wallClock() * 1_000),
  )
  await writeDocumentFile(file, proposal)
  return told(context, { done: 'proposed', institution: proposal.moves[0]?.institution ?? null }, [
    `${file} holds the change: every member runs islet network vote on it, this one too`,
  ])
}

export const networkVote: Action = async (context, [file = '']) => {
  const proposal = await fileOf(file, SeatProposal)
  const network = await readNetwork(context.data)
  const { votes, needed, decided } = await withOwnNode(context, ({ ledger, keys }) =>
    voteOnProposal(
      ...([ledger, network, proposal] as const),
      { key: firstId(keys.public.messageKey), signer: secp256k1Signer(keys.ledgerKey) },
      quantity<UnixSeconds>(Math.floor(wallClock())),
    ),
  )
  await writeNetwork(context.data, withSeated(network, proposal))
  return told(
    context,
    { done: decided ? 'decided' : 'voted', institution: proposal.moves[0]?.institution ?? null },
    [decided ? 'decided, and in force on this node' : `voted: ${votes} of ${needed} votes`],
  )
}

function listed(named: unknown): readonly string[] {
  return Array.isArray(named) ? named.map(String) : []
}
