/** A consortium of four nodes on the loopback, founded by the tests' institutions. */
import { quantity, type UnixSeconds } from '../../vocabulary/index.ts'
import { consortiumEngine, type FoundedConsortium, foundConsortium } from '../consortium.door.ts'
import { type FoundedNodes, foundedNodes } from '../founded-nodes.door.ts'
import { founderOf } from './fixtures.ts'

export interface FourNodes extends FoundedNodes {
  readonly network: FoundedConsortium
  readonly urls: readonly string[]
}

const ALL = [0, 1, 2, 3]

/** Founds four; nothing runs yet. Throws `ENGINE_MISSING` where the engine is not built. */
export function foundFourNodes(directory: string): Promise<FoundedConsortium> {
  return foundConsortium({
    binary: consortiumEngine(),
    directory,
    founders: ['north', 'south', 'east', 'west'].map(founderOf),
    threshold: 3,
    seats: 4,
    begins: quantity<UnixSeconds>(1_767_225_600),
    epochSeconds: 3_600,
    heartbeatSeconds: 2,
  })
}

/** Starts four that were founded. */
export async function runFourNodes(network: FoundedConsortium): Promise<FourNodes> {
  const nodes = foundedNodes(consortiumEngine(), network.nodes)
  try {
    await nodes.start(ALL)
  } catch (error) {
    await nodes.stop()
    throw error
  }
  return { ...nodes, network, urls: network.nodes.map(({ ports }) => `http://${ports.rpc}/`) }
}

/** Founds and starts them. Throws `ENGINE_MISSING` where the engine is not built. */
export async function startFourNodes(directory: string): Promise<FourNodes> {
  return runFourNodes(await foundFourNodes(directory))
}
