/**
 * Whose nodes show a data directory's ledger: those of the network founded here, or of the institutions in it.
 */
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { type CometNode, cometNode } from '../../finality/comet.door.ts'
import { findNetwork } from './network-file.ts'

/** The interfaces of every node whose home lies in the directory; none where the ledger has one operator. */
export async function consensusNodes(directory: string): Promise<readonly CometNode[]> {
  const institutions = await readdir(join(directory, 'institutions')).catch(() => [])
  const homes = [directory, ...institutions.sort().map((key) => join(directory, 'institutions', key))]
  const networks = await Promise.all(homes.map(findNetwork))
  return networks.flatMap((network) => (network?.nodes ?? []).map(({ ports }) => cometNode(ports.comet)))
}
