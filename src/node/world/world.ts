/**
 * The institutions of one story and the ledger between them, as seen by who runs them: in one process or in ten.
 */
import type { ChainReader } from '../../consent/browser.door.ts'
import type { Unlock } from '../../identity/index.ts'
import type { Deployment } from '../../ledger/index.ts'
import type { Party } from '../institution/party.ts'
import type { Road } from '../institution/wire.ts'
import type { Admission } from './enrolment.ts'

export interface World {
  readonly directory: string
  readonly chainId: number
  /** One operator's executor, or a consortium's consensus. */
  readonly engine: 'embedded' | 'consortium'
  readonly deployment: Deployment
  /** Reads the ledger as anybody may; it has no key. */
  readonly chain: ChainReader
  /** What carries messages to the institutions. */
  readonly road: Road
  /** What opens the key files of demo personas on this node. */
  readonly unlock: Unlock
  /** How those who are no founders came in, when it happened in this run. */
  readonly admissions: readonly Admission[]
  readonly parties: readonly Party[]
  /** Throws `INSTITUTION_UNKNOWN`. */
  party(key: string): Party
  /** Closes slots, anchors logs, settles revokes, exchanges heads, at every institution; one that fails stops no other. */
  tick(early?: boolean): Promise<void>
  close(): Promise<void>
}
