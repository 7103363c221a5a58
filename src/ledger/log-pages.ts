/**
 * Logs of a range of blocks, page by page, over plain JSON-RPC.
 *
 * Law: never asks beyond the head nor for more than a page (engines refuse both rather than clamp), nor for block 0 of a
 * chain that has others (cosmos/evm takes it for the newest block and lists that one's logs twice; a genesis logs
 * nothing anywhere); a page whose blocks changed between two answers is asked for again.
 */
import { type Hash32, IsletError } from '../vocabulary/index.ts'
import type { BlockLogs, Head, Log, LogFilter } from './port.ts'
import { headOf, logOf, quantityHex } from './rpc-shapes.ts'

export type RpcAsk = (method: string, params: readonly unknown[]) => Promise<unknown>

/** Blocks in one request; cosmos/evm refuses more than 10,000 blocks or logs. */
const PAGE_BLOCKS = 2_000
const ATTEMPTS = 5

export async function* logPages(ask: RpcAsk, head: Head, filter: LogFilter): AsyncGenerator<BlockLogs> {
  const until = Math.min(filter.to ?? head.height, head.height)
  const first = Math.max(filter.from, Math.min(1, until))
  for (let from = first; from <= until; from += PAGE_BLOCKS) {
    const to = Math.min(from + PAGE_BLOCKS - 1, until)
    yield* await page(ask, filter, from, to, to === until)
  }
}

async function page(
  ask: RpcAsk,
  filter: LogFilter,
  from: number,
  to: number,
  last: boolean,
): Promise<readonly BlockLogs[]> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const query = {
      fromBlock: quantityHex(from),
      toBlock: quantityHex(to),
      ...(filter.addresses === undefined ? {} : { address: filter.addresses }),
    }
    const json = await ask('eth_getLogs', [query])
    if (!Array.isArray(json)) throw new IsletError('RPC_MALFORMED', 'logs are no list', { what: 'logs' })
    const byHeight = new Map<number, { readonly hash: Hash32; readonly logs: Log[] }>()
    let mixed = false
    for (const item of json) {
      const { height, blockHash, ...log } = logOf(item)
      const entry = byHeight.get(height) ?? { hash: blockHash, logs: [] }
      if (entry.hash !== blockHash) mixed = true
      entry.logs.push(log)
      byHeight.set(height, entry)
    }
    if (last && !byHeight.has(to)) byHeight.set(to, { hash: '0x' as Hash32, logs: [] })
    const blocks: BlockLogs[] = []
    for (const [height, { hash, logs }] of [...byHeight].sort(([a], [b]) => a - b)) {
      const block = headOf(await ask('eth_getBlockByNumber', [quantityHex(height), false]))
      if (logs.length > 0 && block.hash !== hash) mixed = true
      blocks.push({ block, logs: logs.sort((a, b) => a.index - b.index) })
    }
    if (!mixed) return blocks
  }
  throw new IsletError('UNREACHABLE', 'the blocks changed while their logs were read')
}
