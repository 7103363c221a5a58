/**
 * An executor whose state before the first block is that of a consortium's genesis: the contracts that it creates stand.
 *
 * Law: the constructors run, nothing of their storage is written by hand (docs/decisions/0009); the heights after them
 * are the journal's own.
 */

import { gunzipSync, gzipSync } from 'node:zlib'
import type { Founding, JournalGenesis } from '../journal/index.ts'
import { type Hex, IsletError } from '../vocabulary/index.ts'
import { TRANSACTION_GAS_LIMIT } from './chain-parameters.ts'
import { Executor } from './executor.ts'
import type { Receipt } from './port.ts'
import { headOf, quantityHex, receiptsOf, textOf } from './rpc-shapes.ts'

export interface FoundedExecutor {
  readonly executor: Executor
  /** What became of each creation. */
  readonly created: readonly Receipt[]
}

/** Starts it. Throws `ENGINE_FAILED`, and `ENGINE_MISSING` as the binary's place does. */
export async function startFounded(
  binary: string,
  genesis: JournalGenesis,
  founding: Founding,
): Promise<FoundedExecutor> {
  const scratch = await Executor.start(binary, genesis)
  let state: string
  let created: readonly Receipt[]
  try {
    created = await create(scratch, genesis, founding)
    state = atGenesis(await scratch.dump())
  } finally {
    await scratch.process.kill()
  }
  const executor = await Executor.start(binary, genesis)
  try {
    await executor.load(state)
    return { executor, created }
  } catch (error) {
    await executor.process.kill()
    throw error
  }
}

/** Executes the creations in a block of their own, under the name of an account to which nobody has a key. */
async function create(
  { process: { rpc } }: Executor,
  { genesisTimestamp }: JournalGenesis,
  { creator: from, creations }: Founding,
): Promise<readonly Receipt[]> {
  await rpc.call('anvil_impersonateAccount', [from])
  for (const data of creations) {
    const gas = quantityHex(Math.floor(TRANSACTION_GAS_LIMIT / Math.max(1, creations.length)))
    textOf(await rpc.call('eth_sendTransaction', [{ from, data, gas, gasPrice: '0x0' }]), 'transaction')
  }
  await rpc.call('evm_mine', [{ timestamp: genesisTimestamp }])
  const block = headOf(await rpc.call('eth_getBlockByNumber', ['latest', false]))
  return receiptsOf(await rpc.call('eth_getBlockReceipts', [quantityHex(block.height)]), block)
}

/** A dumped state with its blocks taken off, so that the next one is the first. anvil's own format: gzipped JSON as hex. */
function atGenesis(dump: string): Hex {
  const state: unknown = JSON.parse(gunzipSync(Buffer.from(dump.slice(2), 'hex')).toString('utf8'))
  if (typeof state !== 'object' || state === null || !('block' in state) || typeof state.block !== 'object') {
    throw new IsletError('ENGINE_FAILED', 'the ledger executor dumps its state in another shape')
  }
  const bare = {
    ...state,
    block: { ...state.block, number: '0x0' },
    ...{ best_block_number: 0, blocks: [], transactions: [], historical_states: null },
  }
  return `0x${gzipSync(JSON.stringify(bare)).toString('hex')}`
}
