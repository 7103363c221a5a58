/** A consortium of four nodes on the loopback, founded by the tests' institutions. */
import { quantity, type UnixSeconds } from '../../vocabulary/index.ts'
import {
  type ConsortiumProcess,
  consortiumEngine,
  type FoundedConsortium,
  type FoundedNode,
  foundConsortium,
  startConsortiumNode,
  untilAnswering,
} from '../consortium.door.ts'
import { founderOf } from './fixtures.ts'

export interface FourNodes {
  readonly network: FoundedConsortium
  readonly urls: readonly string[]
  /** Starts the nodes of the given places again. */
  start(places: readonly number[]): Promise<void>
  /** Ends nodes at once (SIGKILL). */
  kill(places: readonly number[]): Promise<void>
  stop(): Promise<void>
}

const ALL = [0, 1, 2, 3]

/** Founds and starts them. Throws `ENGINE_MISSING` where the engine is not built. */
export async function startFourNodes(directory: string): Promise<FourNodes> {
  const binary = consortiumEngine()
  const network = await foundConsortium({
    binary,
    directory,
    founders: ['north', 'south', 'east', 'west'].map(founderOf),
    threshold: 3,
    seats: 4,
    begins: quantity<UnixSeconds>(1_767_225_600),
    epochSeconds: 3_600,
    heartbeatSeconds: 2,
  })
  const running = new Map<number, ConsortiumProcess>()
  const nodeAt = (place: number): FoundedNode => {
    const node = network.nodes[place]
    if (node === undefined) throw new Error(`no node ${place}`)
    return node
  }
  const start = async (places: readonly number[]): Promise<void> => {
    for (const place of places)
      running.set(place, startConsortiumNode(binary, nodeAt(place).home, nodeAt(place).secrets))
    for (const place of places) {
      const node = running.get(place)
      if (node !== undefined) await untilAnswering(nodeAt(place).ports.rpc, node)
    }
  }
  const kill = async (places: readonly number[]): Promise<void> => {
    const ended = places.map((place) => running.get(place)).filter((node) => node !== undefined)
    for (const { pid } of ended) endNow(pid)
    await Promise.all(ended.map(({ gone }) => gone))
    for (const place of places) running.delete(place)
  }
  try {
    await start(ALL)
  } catch (error) {
    await kill([...running.keys()])
    throw error
  }
  return {
    network,
    urls: network.nodes.map(({ ports }) => `http://${ports.rpc}/`),
    start,
    kill,
    stop: () => kill([...running.keys()]),
  }
}

/** One that ended by itself is ended. */
function endNow(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // ESRCH: there is nothing left to end.
  }
}
