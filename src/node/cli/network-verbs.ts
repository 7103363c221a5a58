/** The verbs under `islet network`, their options, help and examples. */
import { type Command, InvalidArgumentError } from 'commander'
import type { MakeVerb } from './verb.ts'

function seats(text: string): number {
  if (!/^([4-9]|10)$/.test(text))
    throw new InvalidArgumentError('4 to 10: with fewer than four none may fail')
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
  ).option('--local <n>', 'how many members have a seat', seats, 4)
  verb('start', 'start the nodes', 'islet network start', async () => (await verbs()).networkStart, network)
  verb('stop', 'stop the nodes', 'islet network stop', async () => (await verbs()).networkStop, network)
  verb(
    'status',
    'the newest block, who signs, and how many more may fail',
    'islet network status --json',
    async () => (await verbs()).networkShow,
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
