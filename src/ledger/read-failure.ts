/**
 * What a refused `eth_call` means, in the words of the house. Pure.
 *
 * Source: EIP-1474 error codes; error 3 "execution reverted" of geth, anvil and cosmos/evm.
 */
import { IsletError } from '../vocabulary/index.ts'

/** `CALL_REVERTED` (facts.data: the contract's error), `STATE_PRUNED`, or the error itself. */
export function readFailure(error: unknown): unknown {
  if (!(error instanceof IsletError) || error.code !== 'RPC_REFUSED') return error
  const said = error.cause instanceof Error ? error.cause.message : ''
  if (error.facts['code'] === 3 || /revert/i.test(said)) {
    return new IsletError('CALL_REVERTED', 'the contract refused the call', {
      data: error.facts['data'] ?? null,
    })
  }
  if (/BlockOutOfRange|pruned|missing trie node|not available|historical/i.test(said)) {
    return new IsletError('STATE_PRUNED', 'the engine no longer has the state of that block')
  }
  return error
}
