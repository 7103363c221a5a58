/** `islet network init|start|stop|status`: a consortium on this machine, and how it stands. */
import type { NetworkDocument } from '../../api/documents.door.ts'
import { quantity, type UnixSeconds } from '../../vocabulary/index.ts'
import { wallClock } from '../institution/wire.ts'
import { holdNodes } from '../network/held-nodes.ts'
import { foundNetwork, startNetwork, stopNetwork } from '../network/network.ts'
import { type NetworkFile, readNetwork } from '../network/network-file.ts'
import { networkStatus } from '../network/status.ts'
import { pinGiven } from './engine-of.ts'
import { EXIT, printDocument } from './outcome.ts'
import { startProgress } from './progress.ts'
import type { Action, VerbContext, VerbOutcome } from './verb.ts'

/** Ten members' keys, then keys and genesis of each node. */
const MEMBERS = 10

export const networkInit: Action = (context, _, options) => {
  const seats = Number(options['local'])
  return withProgress(context, 'founding', MEMBERS + 2 * seats, (progress) =>
    foundNetwork({
      directory: context.data,
      seats,
      heartbeatSeconds: Number(options['heartbeat']),
      now: quantity<UnixSeconds>(Math.floor(wallClock())),
      progress,
    }),
  )
}

export const networkStart: Action = async (context, _, options) => {
  const { nodes } = await readNetwork(context.data)
  await pinGiven(context.data, options['anchor'])
  return withProgress(context, 'starting', nodes.length, (progress) => startHeld(context.data, progress))
}

/** Starts the nodes of a directory and holds them to the block that it is held to. */
export async function startHeld(directory: string, progress: (what: string) => void): Promise<NetworkFile> {
  const network = await startNetwork(directory, progress)
  await holdNodes(directory, network)
  return network
}

export const networkStop: Action = async (context) => {
  const { nodes } = await readNetwork(context.data)
  return withProgress(context, 'stopping', nodes.length, (progress) => stopNetwork(context.data, progress))
}

export const networkShow: Action = async (context) => show(context, await readNetwork(context.data))

/** Does work on a network under a progress display and shows how it stands then. */
export async function withProgress(
  context: VerbContext,
  label: string,
  total: number,
  work: (progress: (what: string) => void) => Promise<NetworkFile>,
): VerbOutcome {
  const bar = startProgress(label, total, context.terminal)
  let done = 0
  try {
    const network = await work((what) => {
      done += 1
      bar.advance(done, what)
    })
    bar.finish()
    return await show(context, network)
  } finally {
    bar.finish()
  }
}

async function show({ terminal, json }: VerbContext, network: NetworkFile): VerbOutcome {
  const document = await networkStatus(network)
  if (json) printDocument(document, terminal)
  else for (const line of wordsOf(document)) terminal.out(`${line}\n`)
  return EXIT.done
}

function wordsOf(document: NetworkDocument): readonly string[] {
  const { chain_id, genesis_sha256, head, validators, can_lose, halted_because } = document
  const width = Math.max(...validators.map(({ institution }) => institution.length))
  return [
    `chain ${chain_id}, genesis ${genesis_sha256}`,
    head === null ? 'no block is shown' : `block ${head.height} of ${head.time}`,
    ...validators.map(
      ({ institution, power, signing, rpc }) =>
        `  ${institution.padEnd(width)}  power ${power}  ${signing ? 'signing' : 'silent '}  ${rpc ?? ''}`,
    ),
    ...validators.flatMap(({ institution, signed_twice_height: height }) =>
      height === null
        ? []
        : [`${institution} signed twice at height ${height}: docs/operations.md says what to do`],
    ),
    halted_because === null
      ? `${can_lose === 1 ? 'one more seat' : `${can_lose} more seats`} may fail`
      : `no blocks: ${halted_because}`,
  ]
}
