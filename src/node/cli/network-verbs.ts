/** The verbs under `islet network`, their options, help and examples. */
import { type Command, InvalidArgumentError } from 'commander'
import type { MakeVerb } from './verb.ts'

/** A number of validators on this machine. */
export function seats(text: string): number {
  if (!/^([4-9]|10)$/.test(text))
    throw new InvalidArgumentError('4 to 10: with fewer than four none may fail')
  return Number(text)
}

function whole(text: string): number {
  if (!/^[1-9]\d{0,9}$/.test(text)) throw new InvalidArgumentError('a whole number from 1')
  return Number(text)
}

/** Adds `network` and its verbs. */
export function networkVerbs(program: Command, verb: MakeVerb): void {
  const network = program
    .command('network')
    .description('a ledger that no single member controls: found it, run its nodes, see how it stands')
  const verbs = async () => await import('./network.ts')
  const members = async () => await import('./network-members.ts')

  verb(
    'init',
    'found a consortium: ten members on this machine, or this member’s part of one on hosts of their own',
    'islet network init --local 4',
    async () => (await members()).networkFound,
    network,
  )
    .option('--local <n>', 'how many members have a seat', seats, 4)
    .option('--heartbeat <seconds>', 'how often an idle chain makes a block', whole, 10)
    .option('--members <file>', 'the members’ requests, where each has a host of its own')
    .option('--genesis <sha256>', 'with --members: refuse another genesis than the one that the others name')
  const held =
    'a block of the consortium (islet network anchor) that the node must show, now and at every later start'
  verb(
    'start',
    'start the nodes',
    'islet network start',
    async () => (await verbs()).networkStart,
    network,
  ).option('--anchor <file>', held)
  verb('stop', 'stop the nodes', 'islet network stop', async () => (await verbs()).networkStop, network)
  verb(
    'status',
    'the newest block, who signs, and how many more may fail',
    'islet network status --json',
    async () => (await verbs()).networkShow,
    network,
  )
  const changes = async () => await import('./network-changes.ts')
  verb(
    'add <institution>',
    'give an institution a node and, by the members’ votes, a seat',
    'islet network add mill',
    async () => (await changes()).networkAdd,
    network,
  ).option('--power <n>', 'power of the seat', whole, 100)
  verb(
    'remove <institution>',
    'take a seat by the members’ votes, and stop its node',
    'islet network remove west --for mill',
    async () => (await changes()).networkRemove,
    network,
  ).option('--for <institution>', 'who gets a seat in the same change')
  verb(
    'weigh <institution> <power>',
    'give a seat another power by the members’ votes',
    'islet network weigh north 120',
    async () => (await changes()).networkWeigh,
    network,
  )
  verb(
    'upgrade <engine>',
    'go on with another binary of the engine, one node after another',
    'islet network upgrade ./islet-consortium-2 --height 120000',
    async () => (await changes()).networkUpgrade,
    network,
  ).option(
    '--height <n>',
    'all nodes change before this block, where the new engine decides otherwise',
    whole,
  )
  verb(
    'request <file>',
    'make this member’s keys and node here, and sign what the others need of it',
    'islet network request north.json --handle north --name "North Clinic" --role hospital --peer 10.0.0.7:26656',
    async () => (await members()).networkRequest,
    network,
  )
    .requiredOption('--handle <name>', 'short name among the members, a to z and digits')
    .requiredOption('--name <name>', 'name of the institution')
    .requiredOption('--role <role...>', 'what it is: hospital, research, …')
    .requiredOption('--peer <host:port>', 'where the other members’ nodes reach this one')
  verb(
    'members <file> <request...>',
    'put the members’ requests into one file that all of them found the network from',
    'islet network members members.json north.json south.json east.json west.json',
    async () => (await members()).networkMembers,
    network,
  ).option('--heartbeat <seconds>', 'how often an idle chain makes a block', whole, 10)
  verb(
    'invite <request> <file>',
    'invite an institution to a network that runs',
    'islet network invite mill.json invitation.json',
    async () => (await members()).networkInvite,
    network,
  )
  verb(
    'join <invitation> <answer>',
    'join by an invitation: the same genesis, a node that follows, and a signed answer',
    'islet network join invitation.json answer.json',
    async () => (await members()).networkJoin,
    network,
  ).option('--anchor <file>', held)
  verb(
    'admit <answer>',
    'vote for an institution that was invited, after checking its answer',
    'islet network admit answer.json',
    async () => (await members()).networkAdmit,
    network,
  )
  const seatVotes = async () => await import('./network-seats.ts')
  verb(
    'propose <file>',
    'write a change of seats that members on hosts of their own vote on',
    'islet network propose seats.json --seat mill.json --unseat west',
    async () => (await seatVotes()).networkPropose,
    network,
  )
    .option('--seat <request...>', 'who gets a seat: the signed request of islet network request')
    .option('--power <n>', 'power of each seat given', whole, 100)
    .option('--unseat <institution...>', 'who loses its seat')
  verb(
    'vote <file>',
    'check a proposed change of seats and vote for it with this member’s key',
    'islet network vote seats.json',
    async () => (await seatVotes()).networkVote,
    network,
  )
  const copies = async () => await import('./backup.ts')
  verb(
    'backup <file>',
    'write the data directory of stopped nodes into one file, without what their seats signed; as islet backup',
    'islet network backup mill-2026-11-21.tar.gz',
    async () => (await copies()).backup,
    network,
  )
  verb(
    'restore <file>',
    'restore it into an empty data directory; a seat then begins above what other nodes show; as islet restore',
    'islet network restore mill-2026-11-21.tar.gz --data ./restored',
    async () => (await copies()).restore,
    network,
  )
  const proofs = async () => await import('./network-proof.ts')
  verb(
    'anchor <file>',
    'write the newest block, for those who verify proofs from it',
    'islet network anchor anchor.json',
    async () => (await proofs()).networkAnchor,
    network,
  )
  verb(
    'proof <consent> <file>',
    'prove how a consent stands, for islet verify without a node',
    'islet network proof 0x4513…2456 consent.proof --anchor anchor.json',
    async () => (await proofs()).networkProof,
    network,
  )
    .option('--anchor <file>', 'the block that the proof is to be verified from')
    .option('--signer <address>', 'the address that signed the consent; found on the ledger when left out')
}
