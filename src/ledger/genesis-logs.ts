/**
 * Logs of a genesis that ran constructors: no block holds them, and who folds events from the first one on needs them.
 *
 * Law: they are told with block 1, which is the genesis of such a chain, ahead of its own logs, whose places move behind
 * them; what is told follows from the agreement that every member holds, and from no endpoint.
 */

import { decodeDeployData, encodeAbiParameters, encodeEventTopics } from 'viem'
import type { Founding } from '../journal/index.ts'
import { address, type Hash32, hash32, IsletError } from '../vocabulary/index.ts'
import { membershipAbi, membershipBytecode } from './abi/index.ts'
import { CONSORTIUM_CONTRACTS } from './consortium-agreement.ts'
import type { BlockLogs, Head, Log, LogFilter } from './port.ts'
import { hexOf } from './rpc-shapes.ts'

const NO_TRANSACTION: Hash32 = hash32(`0x${'00'.repeat(32)}`)
const GENESIS_HEIGHT = 1

/** The founding members as `Membership` logs them. Throws `AGREEMENT_DAMAGED`. */
export function foundingLogs({ creations: [membership = '0x'] }: Founding): readonly Log[] {
  if (!membership.startsWith(membershipBytecode)) {
    throw new IsletError(
      'AGREEMENT_DAMAGED',
      'the genesis creates another contract of members than this version',
    )
  }
  const { args } = decodeDeployData({ abi: membershipAbi, bytecode: membershipBytecode, data: membership })
  const [founders] = args ?? [[]]
  return founders.map(
    ({ id, ledgerKey, messageKey, hpkeKeyHash, roles }, index): Log => ({
      address: CONSORTIUM_CONTRACTS.membership,
      topics: encodeEventTopics({
        abi: membershipAbi,
        eventName: 'InstitutionAdded',
        args: { id, ledgerKey: address(ledgerKey.toLowerCase()) },
      }).map((topic) => hash32(String(topic))),
      data: hexOf(
        encodeAbiParameters(
          [{ type: 'bytes32' }, { type: 'bytes32' }, { type: 'uint16' }],
          [messageKey, hpkeKeyHash, roles],
        ),
        'data',
      ),
      index,
      transaction: NO_TRANSACTION,
    }),
  )
}

/** Pages of logs with those of the genesis, where the filter reaches back to it. */
export async function* withGenesis(
  pages: AsyncIterable<BlockLogs>,
  genesis: readonly Log[],
  { from, to = GENESIS_HEIGHT, addresses }: LogFilter,
  firstBlock: () => Promise<Head | undefined>,
): AsyncGenerator<BlockLogs> {
  const wanted =
    from > GENESIS_HEIGHT || to < GENESIS_HEIGHT
      ? []
      : genesis.filter(({ address: at }) => addresses?.includes(at) ?? true)
  if (wanted.length === 0) return yield* pages
  let told = false
  for await (const { block, logs } of pages) {
    if (block.height === GENESIS_HEIGHT) {
      const moved = logs.map((log) => ({ ...log, index: log.index + wanted.length }))
      yield { block, logs: [...wanted, ...moved] }
    } else {
      const first = told ? undefined : await firstBlock()
      if (first !== undefined) yield { block: first, logs: wanted }
      yield { block, logs }
    }
    told = true
  }
}
