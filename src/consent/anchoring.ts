/**
 * What an institution puts on the ledger for a slot: the root of its objects and how far its access log went.
 *
 * Laws: both streams go in one transaction, so that a slot costs the same however much was read in it; every slot has both,
 * so that a quiet one looks like any other and says that nothing was read in it.
 */
import { hash32, type InstitutionId, toHex } from '../vocabulary/index.ts'
import type { AnchoredRoot, ChainReader, ChainWriter } from './chain.ts'
import type { AccessBook } from './house.ts'

/** Anchors a slot that has ended; gives the block. */
export type AnchorSlot = (
  slot: number,
  objects: Pick<AnchoredRoot, 'root' | 'count'>,
) => Promise<{ readonly block: number }>

export function slotAnchoring(ports: {
  readonly own: InstitutionId
  readonly chain: Pick<ChainWriter, 'anchor' | 'anchorSlot'> & Pick<ChainReader, 'latestSlot'>
  readonly log: Pick<AccessBook, 'checkpoint'>
}): AnchorSlot {
  const { own, chain } = ports
  return async (slot, objects) => {
    const { size, root } = await ports.log.checkpoint()
    // A log that was never begun has no root; one whose slots run ahead of these waits for them.
    if (size === 0 || slot <= (await chain.latestSlot(own, 'log'))) {
      return chain.anchor('objects', { slot, ...objects })
    }
    return chain.anchorSlot({ slot, objects, log: { root: hash32(toHex(root)), count: size } })
  }
}
