/**
 * Nodes of this machine held to the block that their directory is held to, as soon as they run.
 *
 * Law: a node that shows another block than the pinned one is stopped and named, before anybody asks it anything else.
 */
import { FINALITY_CRYPTO } from '../../audit/index.ts'
import { type CometNode, cometNode } from '../../finality/comet.door.ts'
import { anchorOf } from '../../finality/index.ts'
import { IsletError, isIsletError } from '../../vocabulary/index.ts'
import { expectedChain, pinnedBlock } from '../world/pinned-block.ts'
import { stopNetwork } from './network.ts'
import type { NetworkFile } from './network-file.ts'

/** How long a node may take to come to the pinned block: one that joined reads all blocks before it first. */
const LIMIT_MS = 120_000

/**
 * Returns when every node shows the pinned block, at once where none is. Throws `ANCHOR_OF_ANOTHER_CHAIN`, `OTHER_CHAIN`,
 * `BLOCK_NOT_REACHED`; the nodes are stopped then.
 */
export async function holdNodes(directory: string, { chainId, nodes }: NetworkFile): Promise<void> {
  const pinned = await pinnedBlock(directory)
  if (pinned === undefined) return
  const { height, hash } = pinned
  try {
    expectedChain(chainId, pinned)
    for (const { institution, ports } of nodes) {
      const shown = await hashAt(cometNode(ports.comet), height)
      if (shown === hash) continue
      throw new IsletError(
        'OTHER_CHAIN',
        `block ${height} of the node of ${institution} is ${shown}, and ${hash} is pinned`,
        { pinned: height },
        {
          remedy: 'Give the right block with --anchor FILE, or found the node again from the right members.',
        },
      )
    }
  } catch (error) {
    await stopNetwork(directory, () => undefined)
    throw error
  }
}

async function hashAt(node: CometNode, height: number): Promise<string> {
  let newest = 0
  for (const until = performance.now() + LIMIT_MS; performance.now() < until; ) {
    newest = await node.newest().catch((error: unknown) => {
      if (isIsletError(error, 'NODE_SILENT')) return 0
      throw error
    })
    if (newest >= height) return anchorOf(await node.block(height), FINALITY_CRYPTO.hasher).hash
    await new Promise((resolve) => setTimeout(resolve, 250))
  }
  throw new IsletError(
    'BLOCK_NOT_REACHED',
    `the node has come to block ${newest}, and block ${height} is pinned`,
    { newest, pinned: height },
    { remedy: 'Let it follow first: start it without --anchor, and with it once it is level.' },
  )
}
