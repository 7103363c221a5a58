/**
 * A consortium whose nodes all run on this machine: founded, started, stopped, and told how it stands.
 *
 * Law: ten members, the first of them with seats; every key is made here and lies at rest in an encrypted key file; who
 * validates is read from the ledger's own consensus, never from this directory.
 */
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { NetworkDocument } from '../../api/documents.door.ts'
import { nodeKey } from '../../identity/key-file.door.ts'
import {
  type ConsensusStatus,
  consensusStatus,
  consortiumEngine,
  foundConsortium,
  startConsortiumNode,
  untilAnswering,
} from '../../ledger/consortium.door.ts'
import { nodeCrypto } from '../../vault/node-cipher.door.ts'
import { IsletError, type UnixSeconds } from '../../vocabulary/index.ts'
import { openInstitutionKeys } from '../institution/key-ring.ts'
import { CHARTER, THRESHOLD } from '../world/charter.ts'
import { founderOf } from '../world/enrolment.ts'
import { findNetwork, isRunning, type NetworkFile, readNetwork, writeNetwork } from './network-file.ts'

/** Less than a third of the power moves in this time. */
const EPOCH_SECONDS = 3_600
const HEARTBEAT_SECONDS = 10
const STOP_LIMIT_MS = 20_000

export interface FoundOptions {
  readonly directory: string
  /** How many of the ten members have a seat, 4 to 10. */
  readonly seats: number
  readonly now: UnixSeconds
  readonly progress: (what: string) => void
}

/** Founds a network. Throws `NETWORK_EXISTS`, `ENGINE_MISSING`, `TOO_FEW_SEATS`. */
export async function foundNetwork({ directory, seats, now, progress }: FoundOptions): Promise<NetworkFile> {
  if ((await findNetwork(directory)) !== undefined) {
    throw new IsletError(
      'NETWORK_EXISTS',
      'a network was founded in this data directory before',
      {},
      { remedy: 'run islet network start, or name another directory with --data DIR' },
    )
  }
  const binary = consortiumEngine()
  const unlock = {
    nodeKey: await nodeKey(join(directory, 'node.key'), (length) => nodeCrypto.cipher.random(length)),
  }
  const founders = []
  for (const { key, roles } of CHARTER) {
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
      heartbeatSeconds: HEARTBEAT_SECONDS,
    },
  })
  const network: NetworkFile = {
    schema: 'islet.network-file/1',
    chainId,
    genesis,
    nodes: nodes.map((node, place) => ({
      institution: CHARTER[place]?.key ?? '',
      home: node.home,
      seatKey: node.seatKey,
      ports: { ...node.ports },
      pid: null,
    })),
  }
  await writeNetwork(directory, network)
  return network
}

/** Starts what does not run and waits until each node shows a block. Throws `NO_NETWORK`, `ENGINE_FAILED`. */
export async function startNetwork(
  directory: string,
  progress: (what: string) => void,
): Promise<NetworkFile> {
  const known = await readNetwork(directory)
  const binary = consortiumEngine()
  const started = []
  const nodes: NetworkFile['nodes'] = []
  for (const node of known.nodes) {
    if (await isRunning(node)) nodes.push(node)
    else {
      const running = startConsortiumNode(binary, node.home)
      started.push({ node, running })
      nodes.push({ ...node, pid: running.pid })
    }
  }
  const network = { ...known, nodes }
  await writeNetwork(directory, network)
  for (const { node, running } of started) {
    await untilAnswering(node.ports.rpc, running)
    progress(`node of ${node.institution}`)
  }
  return network
}

/** Ends every node in order; a block that is being decided is finished or forgotten by all alike. */
export async function stopNetwork(directory: string, progress: (what: string) => void): Promise<NetworkFile> {
  const known = await readNetwork(directory)
  for (const node of known.nodes) {
    if (node.pid !== null && (await isRunning(node))) {
      process.kill(node.pid, 'SIGTERM')
      const until = performance.now() + STOP_LIMIT_MS
      while (performance.now() < until && (await isRunning(node))) await pause(100)
      if (await isRunning(node)) process.kill(node.pid, 'SIGKILL')
    }
    progress(`node of ${node.institution}`)
  }
  const network = { ...known, nodes: known.nodes.map((node) => ({ ...node, pid: null })) }
  await writeNetwork(directory, network)
  return network
}

/** How the network stands, as its nodes tell. */
export async function networkStatus(network: NetworkFile): Promise<NetworkDocument> {
  const told = await Promise.all(network.nodes.map(({ ports }) => consensusStatus(ports.comet)))
  const newest = told.reduce<ConsensusStatus | undefined>(
    (best, one) => (one !== undefined && one.height > (best?.height ?? 0) ? one : best),
    undefined,
  )
  const validators = network.nodes.map(({ institution, seatKey, ports, pid }, place) => {
    const seat = newest?.seats.find(({ key }) => key === seatKey)
    const signing = told[place] !== undefined && seat?.lastSigned !== undefined
    return {
      ...{ id: seatKey, institution, power: seat?.power ?? 0, signing },
      last_signed_height: seat?.lastSigned ?? null,
      pid,
      rpc: `http://${ports.rpc}/`,
    }
  })
  const powers = validators.filter((_, place) => told[place] !== undefined).map(({ power }) => power)
  const total = newest?.seats.reduce((sum, { power }) => sum + power, 0) ?? 0
  const silent = validators
    .filter((_, place) => told[place] === undefined)
    .map(({ institution }) => institution)
  return {
    schema: 'islet.network/1',
    engine: 'cometbft+cosmos-evm',
    chain_id: network.chainId,
    genesis_sha256: network.genesis,
    head: newest === undefined ? null : { height: newest.height, hash: newest.hash, time: newest.time },
    block_seconds_p50: newest?.blockSeconds ?? null,
    validators,
    can_lose: canLose(powers, total),
    peers: told.find((one) => one !== undefined)?.peers ?? 0,
    halted_because: haltedBecause(powers, total, silent),
  }
}

/** How many of the seats that answer may fail, the strongest first, until no more than two thirds of all power is left. */
export function canLose(powers: readonly number[], total: number): number {
  let left = powers.reduce((sum, power) => sum + power, 0)
  let lost = 0
  for (const power of [...powers].sort((a, b) => b - a)) {
    left -= power
    if (3 * left <= 2 * total) break
    lost += 1
  }
  return lost
}

function haltedBecause(powers: readonly number[], total: number, silent: readonly string[]): string | null {
  if (total === 0) return 'no node answers: run islet network start'
  const left = powers.reduce((sum, power) => sum + power, 0)
  if (3 * left > 2 * total) return null
  return `${silent.join(', ')} do not answer, and more than two thirds of the power must sign: start one of them`
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}
