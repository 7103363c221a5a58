/**
 * Door to the consortium engine: founding a network on one machine and running its nodes.
 *
 * Law: nothing here is a second path to the ledger: what a founded network offers is an endpoint for the RPC engine.
 */
import { copyFile, mkdir, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { type Hash32, IsletError } from '../vocabulary/index.ts'
import { type ConsortiumPlan, consortiumAgreement } from './consortium-agreement.ts'
import { configureEngine, type EnginePorts, engineKeys, makeGenesis } from './consortium-engine.ts'
import type { Founder } from './deploy.ts'

export { CONSORTIUM_CONTRACTS, type ConsortiumContracts } from './consortium-agreement.ts'
export { consortiumEngine, type EnginePorts } from './consortium-engine.ts'
export { type ConsortiumProcess, startConsortiumNode, untilAnswering } from './consortium-process.ts'
export { type ConsensusStatus, consensusStatus } from './consortium-status.ts'

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

export interface FoundedNode {
  readonly institution: Founder['id']
  readonly home: string
  readonly ports: EnginePorts
  readonly seatKey: Hash32
}

export interface FoundedConsortium {
  readonly chainId: number
  /** SHA-256 of the genesis that every node made for itself. */
  readonly genesis: Hash32
  readonly nodes: readonly FoundedNode[]
}

/** Power of each founding seat; a number that a third can be taken of in many steps. */
const FOUNDING_POWER = 100

/**
 * Founds a network whose seats all live on this machine: keys made in each home, the agreement written once, the genesis
 * made by each node for itself and compared. Throws `TOO_FEW_SEATS`, `GENESIS_DIFFERS`, `ENGINE_FAILED`.
 */
export async function foundConsortium(options: FoundingOptions): Promise<FoundedConsortium> {
  const { binary, directory, progress = () => undefined } = options
  const seated = options.founders.slice(0, options.seats)
  if (seated.length < 4) {
    throw new IsletError(
      'TOO_FEW_SEATS',
      'a consortium has four seats or more, so that one may fail',
      { seats: seated.length },
      { remedy: 'Name at least four institutions with a seat.' },
    )
  }
  const nodes: (FoundedNode & { readonly nodeId: string })[] = []
  for (const [place, founder] of seated.entries()) {
    const home = join(directory, `node-${place + 1}`)
    await mkdir(home, { recursive: true, mode: 0o700 })
    const { nodeId, seatKey } = await engineKeys(binary, home)
    nodes.push({ institution: founder.id, home, nodeId, seatKey, ports: await freePorts() })
    progress(`keys of node ${place + 1}`)
  }
  const agreement = consortiumAgreement({
    ...options,
    seats: nodes.map(({ institution, seatKey: key }) => ({ institution, key, power: FOUNDING_POWER })),
  })
  const written = join(directory, 'agreement.json')
  await writeFile(written, `${JSON.stringify(agreement, null, 2)}\n`, { mode: 0o600 })
  let genesis: Hash32 | undefined
  for (const [place, { home, ports, nodeId }] of nodes.entries()) {
    await copyFile(written, join(home, 'agreement.json'))
    const made = await makeGenesis(binary, join(home, 'agreement.json'), join(home, 'config', 'genesis.json'))
    if (genesis !== undefined && made !== genesis) {
      throw new IsletError('GENESIS_DIFFERS', 'two nodes made different genesis files', { node: place + 1 })
    }
    genesis = made
    const peers = nodes
      .filter((other) => other.nodeId !== nodeId)
      .map((one) => `${one.nodeId}@${one.ports.peer}`)
    const { heartbeatSeconds } = options
    await configureEngine(binary, { home, name: `node-${place + 1}`, ports, peers, heartbeatSeconds })
    progress(`genesis of node ${place + 1}`)
  }
  if (genesis === undefined) throw new IsletError('ENGINE_FAILED', 'no genesis was made')
  return { chainId: Number(agreement.chain_id.replace('islet-', '')), genesis, nodes }
}

/** Four ports of the loopback that are free now. */
async function freePorts(): Promise<EnginePorts> {
  const servers = await Promise.all([0, 1, 2, 3].map(listening))
  const taken = servers.map((server) => {
    const at = server.address()
    return typeof at === 'object' && at !== null ? at.port : 0
  })
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))))
  const [peer = 0, comet = 0, rpc = 0, ws = 0] = taken
  const at = (port: number): string => `127.0.0.1:${port}`
  return { peer: at(peer), comet: at(comet), rpc: at(rpc), ws: at(ws) }
}

function listening(): Promise<ReturnType<typeof createServer>> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => resolve(server))
  })
}
