/**
 * Seats of a running network: given, taken, weighed, each with the node behind it.
 *
 * Law: a new node runs and is level with the others before it has a vote; an old one runs until it has none, so that no
 * change costs the ledger a signature that it counts on.
 */
import { mkdir, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { consensusStatus, makeFurtherNode } from '../../ledger/consortium.door.ts'
import { hash32, IsletError } from '../../vocabulary/index.ts'
import { CHARTER } from '../world/charter.ts'
import { engineOf, pause, startNodes, stopNodes } from './network.ts'
import { type NetworkFile, type NetworkNode, readNetwork, writeNetwork } from './network-file.ts'
import { keepNodeSecrets, unlockOf } from './node-secrets.ts'
import { noSeat } from './seat-rules.ts'
import { decideSeats } from './seat-vote.ts'

export interface SeatWork {
  readonly directory: string
  readonly signal: AbortSignal
  readonly progress: (what: string) => void
}

/** Power of a seat where none is named: that of the founders. */
const POWER = 100
const LEVEL_LIMIT_MS = 600_000

/** Gives an institution a node and, by vote, a seat. Throws `SEAT_EXISTS`, `INSTITUTION_UNKNOWN` and as `decideSeats`. */
export async function addSeat(work: SeatWork, institution: string, power = POWER): Promise<NetworkFile> {
  const node = await newNode(work, institution)
  return vote(work, [{ ...node, power }])
}

/**
 * Takes an institution's seat by vote, and then its node; with `heir`, another gets one in the same change. The node's
 * home stays where it is. Throws `NO_SEAT`, `TOO_FEW_SEATS` and as `addSeat`.
 */
export async function removeSeat(work: SeatWork, institution: string, heir?: string): Promise<NetworkFile> {
  const leaving = await seatOf(work, institution)
  const arriving = heir === undefined ? [] : [{ ...(await newNode(work, heir)), power: POWER }]
  await vote(work, [{ ...leaving, power: 0 }, ...arriving])
  const known = await stopNodes(work.directory, [institution], work.progress)
  const network = { ...known, nodes: known.nodes.filter((node) => node.institution !== institution) }
  await writeNetwork(work.directory, network)
  return network
}

/** Gives a seat another power by vote. Throws `NO_SEAT` and as `decideSeats`. */
export async function weighSeat(work: SeatWork, institution: string, power: number): Promise<NetworkFile> {
  return vote(work, [{ ...(await seatOf(work, institution)), power }])
}

async function vote(
  work: SeatWork,
  moves: readonly { readonly institution: string; readonly seatKey: string; readonly power: number }[],
): Promise<NetworkFile> {
  const network = await readNetwork(work.directory)
  await decideSeats({
    ...work,
    network,
    moves: moves.map(({ institution, seatKey, power }) => ({
      ...{ institution, seatKey: hash32(seatKey), power },
    })),
  })
  return network
}

async function seatOf({ directory }: SeatWork, institution: string): Promise<NetworkNode> {
  const node = (await readNetwork(directory)).nodes.find((one) => one.institution === institution)
  if (node === undefined) throw noSeat(institution)
  return node
}

/** Makes and starts a node; it is on record before it has a seat, so that an interrupted one is found again. */
async function newNode(work: SeatWork, institution: string): Promise<NetworkNode> {
  const { directory, progress, signal } = work
  const known = await readNetwork(directory)
  if (!CHARTER.some(({ key }) => key === institution)) {
    throw new IsletError(
      'INSTITUTION_UNKNOWN',
      'there is no such institution here',
      { institution },
      { remedy: `one of: ${CHARTER.map((one) => one.key).join(', ')}` },
    )
  }
  const began = known.nodes.find((one) => one.institution === institution)
  if (began !== undefined) {
    const told = await newest(known)
    if (told === undefined || told.seats.some(({ key }) => key === began.seatKey)) {
      throw new IsletError('SEAT_EXISTS', 'this institution has a seat in this network', { institution })
    }
  } else {
    const folder = join(directory, 'network')
    const made = await makeFurtherNode({
      binary: engineOf(known),
      directory: folder,
      number: await freeNumber(folder),
      genesis: known.genesis,
    })
    await keepNodeSecrets(made.home, made.secrets, await unlockOf(directory))
    const { home, seatKey, nodeId, ports } = made
    const node = { institution, home, seatKey, nodeId, ports: { ...ports }, pid: null }
    await writeNetwork(directory, { ...known, nodes: [...known.nodes, node] })
    progress(`keys of ${institution}`)
  }
  const goal = (await newest(known))?.height ?? 0
  const { nodes } = await startNodes(directory, [institution], progress)
  const node = nodes.find((one) => one.institution === institution)
  if (node === undefined) throw noSeat(institution)
  for (const until = performance.now() + LEVEL_LIMIT_MS; performance.now() < until; await pause(250)) {
    if (signal.aborted) throw new IsletError('INTERRUPTED', 'interrupted')
    if (((await consensusStatus(node.ports.comet))?.height ?? 0) >= goal) return node
  }
  throw new IsletError(
    'NODE_NOT_LEVEL',
    'the new node is not level with the others after ten minutes',
    {},
    { remedy: 'Run the same command again: it goes on from there.' },
  )
}

async function newest(network: NetworkFile) {
  const told = await Promise.all(network.nodes.map(({ ports }) => consensusStatus(ports.comet)))
  return told.filter((one) => one !== undefined).sort((a, b) => b.height - a.height)[0]
}

/** A number that no folder has, that of a node that left included. */
async function freeNumber(folder: string): Promise<number> {
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const numbers = (await readdir(folder)).map((name) => Number(/^node-(\d+)$/.exec(name)?.[1] ?? 0))
  return Math.max(0, ...numbers) + 1
}
