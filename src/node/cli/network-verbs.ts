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

  verb(
    'init',
    'found a consortium of ten members whose nodes run on this machine',
    'islet network init --local 4',
    async () => (await verbs()).networkInit,
    network,
  )
    .option('--local <n>', 'how many members have a seat', seats, 4)
    .option('--heartbeat <seconds>', 'how often an idle chain makes a block', whole, 10)
  verb('start', 'start the nodes', 'islet network start', async () => (await verbs()).networkStart, network)
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
