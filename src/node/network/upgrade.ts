/**
 * Another binary of the engine under a running network.
 *
 * Law: one node at a time is away, and the next only when the last is level and signs again. A binary that would decide
 * a block otherwise must not run beside the old one: then all nodes stop before the same block, chosen beforehand, and
 * go on with the new one. On separate hosts each institution gives the same height to its own nodes.
 */
import { consensusStatus, engineVersion } from '../../ledger/consortium.door.ts'
import { IsletError } from '../../vocabulary/index.ts'
import { pause, startNetwork, startNodes, stopNetwork, stopNodes } from './network.ts'
import { type NetworkFile, type NetworkNode, readNetwork, writeNetwork } from './network-file.ts'
import type { SeatWork } from './seats.ts'

const BLOCKS_A_RESTART = 3
/** A node that was away catches up and signs again within this time. */
const BACK_LIMIT_MS = 600_000

/** Restarts node after node on another binary. Throws `ENGINE_FAILED`, `NODE_NOT_LEVEL`, `INTERRUPTED`. */
export async function upgradeRolling(work: SeatWork, engine: string): Promise<NetworkFile> {
  await engineVersion(engine)
  const known = await readNetwork(work.directory)
  await writeNetwork(work.directory, { ...known, engine })
  return restartEach(work, {})
}

/**
 * Has every node stop before a block and go on with another binary. Throws `HEIGHT_IS_PAST` and as `upgradeRolling`.
 */
export async function upgradeAtHeight(work: SeatWork, engine: string, height: number): Promise<NetworkFile> {
  const { directory, progress, signal } = work
  await engineVersion(engine)
  const { nodes } = await readNetwork(directory)
  const heights = await Promise.all(
    nodes.map(async ({ ports }) => (await consensusStatus(ports.comet))?.height),
  )
  const head = Math.max(0, ...heights.map((one) => one ?? 0))
  // Each restart takes a few blocks of an idle chain: a halt that comes under way would stop some nodes only.
  const nearest = head + BLOCKS_A_RESTART * nodes.length
  if (height <= nearest) {
    throw new IsletError(
      'HEIGHT_IS_PAST',
      'the height lies too near for every node to know of it',
      { height, head },
      { remedy: `Choose one above ${nearest}, on a busy chain by far.` },
    )
  }
  await restartEach(work, { haltHeight: height })
  for (;;) {
    if (signal.aborted) throw new IsletError('INTERRUPTED', 'interrupted')
    const told = await Promise.all(nodes.map(({ ports }) => consensusStatus(ports.comet)))
    if (told.every((one) => one === undefined || one.height >= height - 1)) break
    await pause(500)
  }
  await stopNetwork(directory, progress)
  await writeNetwork(directory, { ...(await readNetwork(directory)), engine })
  return startNetwork(directory, progress)
}

async function restartEach(
  { directory, progress, signal }: SeatWork,
  options: { readonly haltHeight?: number },
): Promise<NetworkFile> {
  const { nodes } = await readNetwork(directory)
  for (const { institution } of nodes) {
    if (signal.aborted) throw new IsletError('INTERRUPTED', 'interrupted')
    await stopNodes(directory, [institution], () => undefined)
    const { nodes: now } = await startNodes(directory, [institution], progress, options)
    const node = now.find((one) => one.institution === institution)
    if (node !== undefined) await untilSigning(node, signal)
  }
  return readNetwork(directory)
}

/** Waits until a node's signature stands under a block that came after its start. */
async function untilSigning(node: NetworkNode, signal: AbortSignal): Promise<void> {
  const since = (await consensusStatus(node.ports.comet))?.height ?? 0
  for (const until = performance.now() + BACK_LIMIT_MS; performance.now() < until; await pause(250)) {
    if (signal.aborted) throw new IsletError('INTERRUPTED', 'interrupted')
    const seat = (await consensusStatus(node.ports.comet))?.seats.find(({ key }) => key === node.seatKey)
    if ((seat?.lastSigned ?? 0) > since) return
  }
  throw new IsletError(
    'NODE_NOT_LEVEL',
    'a restarted node does not sign after ten minutes',
    { institution: node.institution },
    { remedy: 'Read engine.log in its home; the other nodes still run as before.' },
  )
}
