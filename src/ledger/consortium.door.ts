/**
 * Door to the consortium engine: founding a network on one machine and running its nodes.
 *
 * Law: nothing here is a second path to the ledger: what a founded network offers is an endpoint for the RPC engine.
 */
import { mkdir, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { type Hash32, IsletError } from '../vocabulary/index.ts'
import { type Agreement, type ConsortiumPlan, consortiumAgreement } from './consortium-agreement.ts'
import {
  configureEngine,
  drawEngineSecrets,
  type EnginePorts,
  type EngineSecrets,
  engineKeys,
  makeGenesis,
} from './consortium-engine.ts'
import type { Founder } from './deploy.ts'
import { freePorts } from './free-ports.ts'
import { beginSigned } from './signed-record.ts'

export {
  type Agreement,
  CONSORTIUM_CONTRACTS,
  type ConsortiumContracts,
  consortiumAgreement,
  foundingOf,
} from './consortium-agreement.ts'
export { consortiumEngine, type EnginePorts, type EngineSecrets, engineVersion } from './consortium-engine.ts'
export { signedTwice } from './consortium-evidence.ts'
export {
  type ConsortiumProcess,
  type StartOptions,
  startConsortiumNode,
  untilAnswering,
} from './consortium-process.ts'
export { type ConsensusStatus, consensusStatus } from './consortium-status.ts'
export { foundingLogs } from './genesis-logs.ts'
export { beginSigned, signedHeight } from './signed-record.ts'

export interface FoundingOptions
  extends Pick<ConsortiumPlan, 'founders' | 'threshold' | 'begins' | 'epochSeconds'> {
  readonly binary: string
  readonly directory: string
  /** How many of the founders, from the first on, have a seat; four or more. */
  readonly seats: number
  readonly heartbeatSeconds: number
  /** Called as each step is done. */
  readonly progress?: (what: string) => void
}

/** A node's home with everything but its secrets, which whoever made it keeps encrypted. */
export interface NodeHome {
  readonly home: string
  readonly ports: EnginePorts
  /** Its name among its peers. */
  readonly nodeId: string
  readonly seatKey: Hash32
  /** Where the engine keeps what the seat signed last; outside the home. */
  readonly signed: string
}

export interface FoundedNode extends NodeHome {
  readonly institution: Founder['id']
  readonly secrets: EngineSecrets
}

export interface FoundedConsortium {
  readonly chainId: number
  /** SHA-256 of the genesis that every node made for itself. */
  readonly genesis: Hash32
  readonly nodes: readonly FoundedNode[]
}

/** Power of each founding seat; a number that a third can be taken of in many steps. */
export const FOUNDING_POWER = 100
const FEWEST_SEATS = 4

/**
 * Founds a network whose seats all live on this machine: keys made for each home, the agreement written once, the genesis
 * made by each node for itself and compared. Throws `TOO_FEW_SEATS`, `GENESIS_DIFFERS`, `ENGINE_FAILED`.
 */
export async function foundConsortium(options: FoundingOptions): Promise<FoundedConsortium> {
  const { binary, directory, heartbeatSeconds, progress = () => undefined } = options
  const seated = options.founders.slice(0, options.seats)
  requireSeats(seated.length)
  const nodes: FoundedNode[] = []
  for (const [place, founder] of seated.entries()) {
    const made = await makeNode(binary, directory, place + 1)
    nodes.push({ institution: founder.id, ...made })
    progress(`keys of node ${place + 1}`)
  }
  const agreement = consortiumAgreement({
    ...options,
    seats: nodes.map(({ institution, seatKey: key }) => ({ institution, key, power: FOUNDING_POWER })),
  })
  await writeAgreement(directory, agreement)
  let genesis: Hash32 | undefined
  for (const [place, { home }] of nodes.entries()) {
    const made = await ownGenesis(binary, directory, home)
    if (genesis !== undefined && made !== genesis) throw genesisDiffers(place + 1)
    genesis = made
    await configureNodes(binary, nodes, [place], heartbeatSeconds)
    progress(`genesis of node ${place + 1}`)
  }
  if (genesis === undefined) throw new IsletError('ENGINE_FAILED', 'no genesis was made')
  return { chainId: chainIdOf(agreement), genesis, nodes }
}

/**
 * One member's own founding: keeps the agreement and makes the genesis of its node from it, for the member to compare.
 * Throws `TOO_FEW_SEATS`, `ENGINE_FAILED`.
 */
export async function foundHere(options: {
  readonly binary: string
  readonly directory: string
  readonly home: string
  readonly agreement: Agreement
}): Promise<{ readonly chainId: number; readonly genesis: Hash32 }> {
  const { binary, directory, home, agreement } = options
  await writeAgreement(directory, agreement)
  return { chainId: chainIdOf(agreement), genesis: await ownGenesis(binary, directory, home) }
}

/** Throws `TOO_FEW_SEATS`. */
export function requireSeats(seats: number): void {
  if (seats >= FEWEST_SEATS) return
  throw new IsletError(
    'TOO_FEW_SEATS',
    'a consortium has four seats or more, so that one may fail',
    { seats },
    { remedy: 'Name at least four institutions with a seat.' },
  )
}

/**
 * Makes a further node of a founded network: fresh keys, and the genesis made from the agreement and compared.
 * Throws `GENESIS_DIFFERS`, `ENGINE_FAILED`.
 */
export async function makeFurtherNode(options: {
  readonly binary: string
  readonly directory: string
  /** Number of its folder, of no other node. */
  readonly number: number
  /** SHA-256 of the genesis that the others have. */
  readonly genesis: string
}): Promise<NodeHome & { readonly secrets: EngineSecrets }> {
  const { binary, directory, number } = options
  const made = await makeNode(binary, directory, number)
  if ((await ownGenesis(binary, directory, made.home)) !== options.genesis) throw genesisDiffers(number)
  return made
}

/** A node of another host, as its peers reach it. */
export interface DistantNode {
  readonly nodeId: string
  /** Host and port. */
  readonly peer: string
}

/** Writes the configuration of the nodes at the given places: all others are their peers. Throws `ENGINE_FAILED`. */
export async function configureNodes(
  binary: string,
  nodes: readonly Omit<NodeHome, 'seatKey'>[],
  places: readonly number[],
  heartbeatSeconds: number,
  distant: readonly DistantNode[] = [],
): Promise<void> {
  for (const place of places) {
    const node = nodes[place]
    if (node === undefined) continue
    const { home, ports, signed } = node
    const here = nodes.filter((other) => other !== node)
    const others = [...here.map((one) => ({ nodeId: one.nodeId, peer: one.ports.peer })), ...distant]
    const peers = others.map(({ nodeId, peer }) => `${nodeId}@${peer}`)
    await configureEngine(binary, { home, signed, name: basename(home), ports, peers, heartbeatSeconds })
  }
}

const agreementOf = (directory: string): string => join(directory, 'agreement.json')

function writeAgreement(directory: string, agreement: Agreement): Promise<void> {
  return writeFile(agreementOf(directory), `${JSON.stringify(agreement, null, 2)}\n`, { mode: 0o600 })
}

function chainIdOf({ chain_id }: Agreement): number {
  return Number(chain_id.replace('islet-', ''))
}

/**
 * Makes the home of a node with fresh keys, reached by its peers at `peer` (host and port), else on the loopback.
 * Throws `ENGINE_FAILED`.
 */
export async function makeNode(
  binary: string,
  directory: string,
  number: number,
  peer?: string,
): Promise<NodeHome & { readonly secrets: EngineSecrets }> {
  const home = join(directory, `node-${number}`)
  await mkdir(join(home, 'config'), { recursive: true, mode: 0o700 })
  await mkdir(join(home, 'data'), { recursive: true, mode: 0o700 })
  const secrets = drawEngineSecrets()
  const keys = await engineKeys(binary, secrets)
  const signed = signedPath(directory, keys.seatKey)
  await beginSigned(signed)
  const ports = await enginePorts()
  return { home, signed, secrets, ...keys, ports: peer === undefined ? ports : { ...ports, peer } }
}

/** Where the record of a seat lies in a network's directory: beside the homes, in none of them. */
export function signedPath(directory: string, seatKey: string): string {
  return join(directory, 'signed', `${seatKey.slice(2)}.json`)
}

function ownGenesis(binary: string, directory: string, home: string): Promise<Hash32> {
  return makeGenesis(binary, agreementOf(directory), join(home, 'config', 'genesis.json'))
}

function genesisDiffers(node: number): IsletError {
  return new IsletError('GENESIS_DIFFERS', 'two nodes made different genesis files', { node })
}

async function enginePorts(): Promise<EnginePorts> {
  const [peer = 0, comet = 0, rpc = 0, ws = 0, metrics = 0] = await freePorts(5)
  const at = (port: number): string => `127.0.0.1:${port}`
  return { peer: at(peer), comet: at(comet), rpc: at(rpc), ws: at(ws), metrics: at(metrics) }
}
