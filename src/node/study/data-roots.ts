/**
 * Which root over sealed objects an institution had anchored last when a block was made: what data a round could draw on.
 *
 * Law: read from the ledger's events alone, each block once.
 */
import { contractEvents, type Deployment, type Ledger } from '../../ledger/index.ts'
import { type Hash32, hash32, type InstitutionId, institutionId } from '../../vocabulary/index.ts'

/** A slot of an institution's objects on the ledger. */
interface AnchoredRoot {
  readonly slot: number
  readonly root: Hash32
  readonly block: number
}

/** The newest root of an institution at a block, or undefined where it had anchored none. */
export type DataRootAt = (site: InstitutionId, block: number) => Promise<AnchoredRoot | undefined>

const OBJECTS = 0

export function dataRoots(ledger: Pick<Ledger, 'logs'>, deployment: Deployment): DataRootAt {
  const roots = new Map<InstitutionId, AnchoredRoot[]>()
  let read = -1
  return async (site, block) => {
    if (block > read) {
      const filter = { from: read + 1, to: block, addresses: [deployment.anchors] }
      const fresh: [InstitutionId, AnchoredRoot][] = []
      for await (const { block: head, logs } of ledger.logs(filter)) {
        for (const event of contractEvents(deployment, head, logs)) {
          if (event.name !== 'Anchored' || event.args.stream !== OBJECTS) continue
          const { institution, slot, root } = event.args
          fresh.push([
            institutionId(institution),
            { slot: Number(slot), root: hash32(root), block: head.height },
          ])
        }
      }
      for (const [id, root] of fresh) roots.set(id, [...(roots.get(id) ?? []), root])
      read = block
    }
    return roots.get(site)?.findLast((one) => one.block <= block)
  }
}
