/**
 * The consortium that this data directory founded: what its nodes are and where they run.
 *
 * Law: a process is ended only when it is one of these nodes still: its number and its home must fit.
 */
import { readFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { type Static, Type } from 'typebox'
import { IsletError } from '../../vocabulary/index.ts'
import { readDocumentFile, writeDocumentFile } from '../institution/document-file.ts'

const text = Type.String()
/** A node of this machine. */
export const NetworkNodeRecord = Type.Object({
  institution: text,
  home: text,
  seatKey: text,
  nodeId: text,
  ports: Type.Object({ peer: text, comet: text, rpc: text, ws: text, metrics: text }),
  pid: Type.Union([Type.Integer(), Type.Null()]),
})
const NetworkFile = Type.Object({
  schema: Type.Literal('islet.network-file/1'),
  chainId: Type.Integer(),
  genesis: text,
  /** The engine's binary where another was chosen than the built one. */
  engine: Type.Union([text, Type.Null()]),
  /** How often an idle chain makes a block. */
  heartbeatSeconds: Type.Number({ exclusiveMinimum: 0 }),
  nodes: Type.Array(NetworkNodeRecord),
  /** Nodes of other hosts, as this one's reach them. */
  distant: Type.Optional(
    Type.Array(Type.Object({ institution: text, seatKey: text, nodeId: text, peer: text })),
  ),
})
export type NetworkFile = Static<typeof NetworkFile>
export type NetworkNode = NetworkFile['nodes'][number]

const pathOf = (directory: string): string => join(directory, 'network', 'network.json')

/** The record, undefined where no network was founded. Throws `NETWORK_FILE_DAMAGED`. */
export async function findNetwork(directory: string): Promise<NetworkFile | undefined> {
  const known = await readDocumentFile(pathOf(directory), NetworkFile, 'NETWORK_FILE_DAMAGED')
  if (known === undefined) return undefined
  // A directory that was moved, or restored elsewhere, takes its homes along.
  const nodes = known.nodes.map((node) => ({
    ...node,
    home: join(directory, 'network', basename(node.home)),
  }))
  return { ...known, nodes }
}

/** The record. Throws `NO_NETWORK`, `NETWORK_FILE_DAMAGED`. */
export async function readNetwork(directory: string): Promise<NetworkFile> {
  const known = await findNetwork(directory)
  if (known !== undefined) return known
  throw new IsletError(
    'NO_NETWORK',
    'no network was founded in this data directory',
    {},
    { remedy: 'run islet network init --local 4, or name another with --data DIR' },
  )
}

export function writeNetwork(directory: string, network: NetworkFile): Promise<void> {
  return writeDocumentFile(pathOf(directory), network)
}

/** Whether a node's process runs: a process of its number, and, where the system tells, on its home. */
export async function isRunning({ pid, home }: Pick<NetworkNode, 'pid' | 'home'>): Promise<boolean> {
  if (pid === null) return false
  try {
    process.kill(pid, 0)
  } catch {
    return false
  }
  const line = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => undefined)
  return line === undefined ? process.platform !== 'linux' : line.split('\0').includes(home)
}
