/**
 * A consortium whose nodes all run on this machine: founded, started, stopped.
 *
 * Law: ten members, the first of them with seats; every key is made here and lies at rest in an encrypted key file; no
 * node starts that might sign what it signed before.
 */
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import {
  type ConsortiumProcess,
  configureNodes,
  consortiumEngine,
  foundConsortium,
  type StartOptions,
  signedPath,
  startConsortiumNode,
  untilAnswering,
} from '../../ledger/consortium.door.ts'
import { IsletError, type UnixSeconds } from '../../vocabulary/index.ts'
import { openInstitutionKeys } from '../institution/key-ring.ts'
import { CHARTER, THRESHOLD } from '../world/charter.ts'
import { founderOf } from '../world/enrolment.ts'
import { EPOCH_SECONDS } from './member-request.ts'
import {
  findNetwork,
  isRunning,
  type NetworkFile,
  type NetworkNode,
  readNetwork,
  writeNetwork,
} from './network-file.ts'
import { keepNodeSecrets, openNodeSecrets, unlockOf } from './node-secrets.ts'
import { requireSignedBefore } from './signed-before.ts'

const HEARTBEAT_SECONDS = 10
const STOP_LIMIT_MS = 20_000
const FIRST_LOOK_MS = 5_000

export interface FoundOptions {
  readonly directory: string
  /** How many of the ten members have a seat, 4 to 10. */
  readonly seats: number
  /** How often an idle chain makes a block, seconds. */
  readonly heartbeatSeconds?: number
  readonly now: UnixSeconds
  readonly progress: (what: string) => void
}

/** Founds a network. Throws `NETWORK_EXISTS`, `ENGINE_MISSING`, `TOO_FEW_SEATS`. */
export async function foundNetwork(options: FoundOptions): Promise<NetworkFile> {
  const { directory, seats, heartbeatSeconds = HEARTBEAT_SECONDS, now, progress } = options
  if ((await findNetwork(directory)) !== undefined) {
    throw new IsletError(
      'NETWORK_EXISTS',
      'a network was founded in this data directory before',
      {},
      { remedy: 'run islet network start, or name another directory with --data DIR' },
    )
  }
  const binary = consortiumEngine()
  const unlock = await unlockOf(directory)
  const founders = []
  // Whoever has a seat stands in the genesis; the others of the charter that are no founders come in by vote.
  for (const { key, roles } of CHARTER.filter(({ founder }, place) => founder || place < seats)) {
    const keys = await openInstitutionKeys(join(directory, 'institutions', key), unlock)
    founders.push(founderOf(keys.public, roles))
    progress(`keys of ${key}`)
  }
  const home = join(directory, 'network')
  // What an interrupted founding left has no record, so nobody relies on it.
  await rm(home, { recursive: true, force: true })
  const { chainId, genesis, nodes } = await foundConsortium({
    ...{ binary, directory: home, founders, threshold: THRESHOLD, seats, progress },
    ...{
      begins: now,
      epochSeconds: EPOCH_SECONDS,
      heartbeatSeconds,
    },
  })
  for (const node of nodes) await keepNodeSecrets(node.home, node.secrets, unlock)
  const network: NetworkFile = {
    schema: 'islet.network-file/1',
    ...{ chainId, genesis },
    ...{ engine: null, heartbeatSeconds },
    nodes: nodes.map(({ home, seatKey, nodeId, ports }, place) => ({
      institution: CHARTER[place]?.key ?? '',
      ...{ home, seatKey, nodeId, ports: { ...ports }, pid: null },
    })),
  }
  await writeNetwork(directory, network)
  return network
}

/**
 * Starts what does not run and waits until each node shows a block. Throws `NO_NETWORK`, `ENGINE_FAILED`, and what keeps a
 * seat from signing twice: `SEAT_RUNS_ALREADY`, `SEAT_WOULD_SIGN_TWICE`, `SIGNATURES_UNKNOWN`.
 */
export async function startNetwork(
  directory: string,
  progress: (what: string) => void,
  options: StartOptions = {},
): Promise<NetworkFile> {
  const { nodes } = await readNetwork(directory)
  return startNodes(
    directory,
    nodes.map(({ institution }) => institution),
    progress,
    options,
  )
}

/** Starts those of the named institutions' nodes that do not run. Throws as `startNetwork`. */
export async function startNodes(
  directory: string,
  named: readonly string[],
  progress: (what: string) => void,
  options: StartOptions = {},
): Promise<NetworkFile> {
  const { network, started } = await launchNodes(directory, named, options)
  // Where others run on hosts of their own, the first block may be a while in coming.
  const alone = (network.distant ?? []).length > 0
  for (const { node, running } of started) {
    const up = untilAnswering(node.ports.rpc, running, alone ? FIRST_LOOK_MS : undefined)
    await up.catch(async (error: unknown) => {
      if (!alone || !(await isRunning({ ...node, pid: running.pid }))) throw error
    })
    progress(`node of ${node.institution}`)
  }
  return network
}

/** The same without waiting: alone, a node shows no block before others run. */
export async function launchNodes(
  directory: string,
  named: readonly string[],
  options: StartOptions = {},
): Promise<{
  readonly network: NetworkFile
  readonly started: readonly { readonly node: NetworkNode; readonly running: ConsortiumProcess }[]
}> {
  const known = await readNetwork(directory)
  const institutions: string[] = []
  for (const node of known.nodes) {
    if (named.includes(node.institution) && !(await isRunning(node))) institutions.push(node.institution)
  }
  const binary = engineOf(known)
  const unlock = await unlockOf(directory)
  const folder = join(directory, 'network')
  const homes = known.nodes.map((node) => ({ ...node, signed: signedPath(folder, node.seatKey) }))
  const places = known.nodes.flatMap(({ institution }, place) =>
    institutions.includes(institution) ? [place] : [],
  )
  await configureNodes(binary, homes, places, known.heartbeatSeconds, known.distant)
  const started: { readonly node: NetworkNode; readonly running: ConsortiumProcess }[] = []
  const nodes: NetworkFile['nodes'] = []
  for (const node of known.nodes) {
    if (!institutions.includes(node.institution)) nodes.push(node)
    else {
      await requireSignedBefore(
        folder,
        node,
        known.nodes.filter((other) => other !== node && !institutions.includes(other.institution)),
      )
      const running = startConsortiumNode(
        binary,
        node.home,
        await openNodeSecrets(node.home, unlock),
        options,
      )
      started.push({ node, running })
      nodes.push({ ...node, pid: running.pid })
    }
  }
  const network = { ...known, nodes }
  await writeNetwork(directory, network)
  return { network, started }
}

/** Ends every node in order; a block that is being decided is finished or forgotten by all alike. */
export async function stopNetwork(directory: string, progress: (what: string) => void): Promise<NetworkFile> {
  const { nodes } = await readNetwork(directory)
  return stopNodes(
    directory,
    nodes.map(({ institution }) => institution),
    progress,
  )
}

/** Ends the nodes of the named institutions, in order. Throws `NO_NETWORK`. */
export async function stopNodes(
  directory: string,
  institutions: readonly string[],
  progress: (what: string) => void,
): Promise<NetworkFile> {
  const known = await readNetwork(directory)
  for (const node of known.nodes.filter(({ institution }) => institutions.includes(institution))) {
    await endNode(node)
    progress(`node of ${node.institution}`)
  }
  const network = {
    ...known,
    nodes: known.nodes.map((node) =>
      institutions.includes(node.institution) ? { ...node, pid: null } : node,
    ),
  }
  await writeNetwork(directory, network)
  return network
}

/** The engine that this network runs. Throws `ENGINE_MISSING`. */
export function engineOf({ engine }: Pick<NetworkFile, 'engine'>): string {
  return engine ?? consortiumEngine()
}

async function endNode(node: NetworkNode): Promise<void> {
  if (node.pid === null || !(await isRunning(node))) return
  process.kill(node.pid, 'SIGTERM')
  const until = performance.now() + STOP_LIMIT_MS
  while (performance.now() < until && (await isRunning(node))) await pause(100)
  if (await isRunning(node)) process.kill(node.pid, 'SIGKILL')
}

export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}
