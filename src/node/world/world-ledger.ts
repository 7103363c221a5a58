/**
 * The ledger under a world: the executor of this one process, or the consortium that this data directory founded.
 *
 * Laws: which of the two it is stands in the directory, so every later opening finds the same; above this line only the
 * port is known. Nodes that do not run are started, and those that were started here are stopped at the end.
 */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { foundingOf } from '../../ledger/consortium.door.ts'
import { type EmbeddedLedger, type Notice, openEmbedded } from '../../ledger/embedded.door.ts'
import type { Deployment, Ledger, Signer } from '../../ledger/index.ts'
import type { HeadSealing } from '../institution/hosted.ts'
import { startNodes, stopNodes } from '../network/network.ts'
import { findNetwork, isRunning, type NetworkFile } from '../network/network-file.ts'
import { openMemberLedger, type SealingParty } from './member-ledger.ts'
import { pinnedBlock } from './pinned-block.ts'
import type { World } from './world.ts'

export interface WorldLedger {
  readonly engine: World['engine']
  readonly ledger: Ledger
  /** The executor of this process, where there is one. */
  readonly embedded: EmbeddedLedger | undefined
  /** Contracts that stand since the genesis; undefined where the founders put them there. */
  readonly deployment: Deployment | undefined
  /** Who seals the heads that an institution keeps. */
  sealing(own: SealingParty): HeadSealing
  close(): Promise<void>
}

export interface WorldLedgerOptions {
  readonly directory: string
  /** The institution that seals a single-operator ledger. */
  readonly operator: Signer
  readonly notice?: (notice: Notice) => void
  readonly progress?: (done: number, of: number) => void
  readonly report: (error: unknown) => void
}

/** Opens it. Throws the codes of the engine that the directory has. */
export async function openWorldLedger(options: WorldLedgerOptions): Promise<WorldLedger> {
  const network = await findNetwork(options.directory)
  return network === undefined ? openAlone(options) : openConsortiumLedger(options, network)
}

async function openAlone({
  directory,
  operator,
  notice,
  progress,
}: WorldLedgerOptions): Promise<WorldLedger> {
  const ledger = await openEmbedded({
    directory: join(directory, 'ledger'),
    operator,
    ...(notice === undefined ? {} : { notice }),
    ...(progress === undefined ? {} : { progress }),
  })
  return {
    engine: 'embedded',
    ledger,
    embedded: ledger,
    deployment: undefined,
    sealing: ({ signer, operator: id }) => ({
      operator: { id, address: operator.address },
      isSealer: async (address) => address === operator.address,
      ...(signer.address === operator.address ? { ownHead: async () => ledger.signedHead() } : {}),
    }),
    close: () => ledger.close(),
  }
}

async function openConsortiumLedger(
  { directory, operator, report }: WorldLedgerOptions,
  network: NetworkFile,
): Promise<WorldLedger> {
  const runs = await Promise.all(network.nodes.map(isRunning))
  const idle = network.nodes.filter((_, place) => runs[place] !== true).map(({ institution }) => institution)
  const closers: (() => Promise<unknown>)[] = []
  const closeAll = async (): Promise<void> => {
    for (const close of closers.splice(0).reverse()) await close()
  }
  try {
    closers.push(() => stopNodes(directory, idle, () => undefined))
    const { nodes, chainId } = await startNodes(directory, idle, () => undefined)
    const under = await openMemberLedger({
      urls: nodes.map(({ ports }) => `http://${ports.rpc}/`),
      founding: foundingOf(await readFile(join(directory, 'network', 'agreement.json'), 'utf8')),
      outbox: join(directory, 'outbox'),
      journal: join(directory, 'ledger'),
      ...{ chainId, by: operator, report, pinned: await pinnedBlock(directory) },
    })
    closers.push(() => under.close())
    return { engine: 'consortium', embedded: undefined, ...under, close: closeAll }
  } catch (error) {
    await closeAll().catch(report)
    throw error
  }
}
