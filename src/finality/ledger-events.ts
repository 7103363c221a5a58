/**
 * What contracts said while a block was executed, out of the outcomes that the next header names.
 *
 * Law: the validators signed for these bytes, so the events need no engine to be believed.
 * Source: cosmos-sdk v0.54 (TxMsgData: responses in field 2); cosmos/evm v0.7.3 (MsgEthereumTxResponse, Log).
 */
import { type Address, address, type Bytes, fromUtf8, type Hash32, hash32 } from '../vocabulary/index.ts'
import type { Outcome } from './block-content.ts'
import { readMessage } from './wire.ts'

export interface LedgerEvent {
  readonly contract: Address
  readonly topics: readonly Hash32[]
  readonly data: Bytes
}

const RESPONSE = [1, 3, 4, 5, 6, 7, 8]
const LOG = [1, 3, 4, 5, 6, 7, 8, 9, 10]

/** The events of one transaction, in order; none where it was turned away. Throws `PROOF_MALFORMED` and `NOT_…` of texts. */
export function eventsOf({ code, data }: Outcome): readonly LedgerEvent[] {
  if (code !== 0) return []
  const [response] = readMessage(data, [1], [2]).all(2)
  if (response === undefined) return []
  const answer = readMessage(readMessage(response, [1, 2]).bytes(2), RESPONSE, [2])
  return answer.all(2).map((one) => {
    const log = readMessage(one, LOG, [2])
    return {
      contract: address(fromUtf8(log.bytes(1)).toLowerCase()),
      topics: log.all(2).map((topic) => hash32(fromUtf8(topic))),
      data: log.bytes(3),
    }
  })
}
