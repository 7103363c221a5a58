/**
 * What operators and auditors ask of this node, from its ledger, its institutions' logs and its own clock.
 */
import type { Handlers, OperationsAnswer } from '../../api/index.ts'
import type { Ledger } from '../../ledger/index.ts'
import { formatInstant, type InstitutionId, IsletError, type UnixSeconds } from '../../vocabulary/index.ts'
import type { Hosted } from '../institution/hosted.ts'
import { wallClock } from '../institution/wire.ts'
import type { Consortium } from '../world/consortium.ts'
import { backupRecord } from './backup-record.ts'
import { revokeTimes } from './revoke-times.ts'

type Institution = OperationsAnswer['institutions'][number]

export interface OperationParts {
  readonly consortium: Pick<Consortium, 'chain' | 'directory' | 'hosted'>
  readonly ledger: Pick<Ledger, 'head' | 'block'>
  /** When this node began. */
  readonly since: UnixSeconds
}

const BLOCKS = 20

/** Where nobody operates: no figures, and no blocks beside those that are asked for by name. */
export const NO_OPERATIONS: Pick<Handlers, 'ledgerBlocks' | 'operations'> = {
  ledgerBlocks: notHere,
  operations: notHere,
}

async function notHere(): Promise<never> {
  throw new IsletError('NOT_FOUND', 'this node tells nothing of its operation')
}

export function operations({
  consortium,
  ledger,
  since,
}: OperationParts): Pick<Handlers, 'ledgerBlocks' | 'operations'> {
  const { chain, directory, hosted } = consortium
  const revokes = revokeTimes(hosted.values(), {
    steady: () => performance.now() / 1_000,
    wall: wallClock,
    onLedger: async ({ consentId, signer }) => {
      const { state, block } = await chain.consentState(consentId, signer)
      return state === 'REVOKED' ? (await ledger.block(block))?.timestamp : undefined
    },
  })
  const newest = async (id: InstitutionId, stream: 'objects' | 'log'): Promise<Institution['objects']> => {
    const slot = await chain.latestSlot(id, stream)
    const anchor = slot === 0 ? undefined : await chain.anchorAt(id, stream, slot)
    const block = anchor === undefined ? undefined : await ledger.block(anchor.block)
    if (anchor === undefined || block === undefined) return null
    return { slot, ...anchor, time: formatInstant(block.timestamp) }
  }
  const figures = async ({ id, name, log }: Hosted): Promise<Institution> => {
    const member = await chain.member(id)
    return {
      id,
      name,
      state: member?.active === true ? 'active' : 'suspended',
      objects: await newest(id, 'objects'),
      log: await newest(id, 'log'),
      entries: log.size,
    }
  }
  return {
    ledgerBlocks: async ({ query: { until, count = BLOCKS } }) => {
      const head = await ledger.head()
      const last = Math.min(until ?? head.height, head.height)
      const heights = Array.from({ length: Math.min(count, last + 1) }, (_, back) => last - back)
      const blocks = await Promise.all(heights.map((height) => ledger.block(height)))
      return {
        blocks: blocks
          .filter((block) => block !== undefined)
          .map(({ height, hash, timestamp }) => ({ height, hash, time: formatInstant(timestamp) })),
      }
    },
    operations: async () => ({
      since: formatInstant(since),
      institutions: await Promise.all([...hosted.values()].map(figures)),
      revokes: await revokes(),
      backup: await backupRecord(directory),
    }),
  }
}
