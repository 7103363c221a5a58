/**
 * Logs of the three contracts as typed events. Pure.
 *
 * Law: what is not one of our contracts' events is skipped, so that foreign contracts on the same chain disturb nothing.
 */
import type { ContractEventName, DecodeEventLogReturnType } from 'viem'
import type { Hash32 } from '../vocabulary/index.ts'
import { CONTRACTS, type ContractName, type Deployment } from './contracts.ts'
import { decodedEvent, type EventsByTopic, eventsOf } from './decoded-event.ts'
import type { Head, Log } from './port.ts'

type EventOf<C extends ContractName> = {
  readonly [E in ContractEventName<(typeof CONTRACTS)[C]>]: {
    readonly contract: C
    readonly name: E
    readonly args: DecodeEventLogReturnType<(typeof CONTRACTS)[C], E>['args']
  }
}[ContractEventName<(typeof CONTRACTS)[C]>]

/** One event and where it stands. (blockHash, index) is its identity. */
export type ContractEvent = (EventOf<'membership'> | EventOf<'consents'> | EventOf<'anchors'>) & {
  readonly block: Head
  readonly index: number
  readonly transaction: Hash32
}

const EVENTS: Readonly<Record<ContractName, EventsByTopic>> = {
  membership: eventsOf(CONTRACTS.membership),
  consents: eventsOf(CONTRACTS.consents),
  anchors: eventsOf(CONTRACTS.anchors),
}

/** The events of a block's logs, in order. */
export function contractEvents(
  deployment: Deployment,
  block: Head,
  logs: readonly Log[],
): readonly ContractEvent[] {
  const events: ContractEvent[] = []
  for (const log of logs) {
    const contract = contractAt(deployment, log.address)
    const event = contract === undefined ? undefined : decodedEvent(EVENTS[contract], log)
    if (event === undefined) continue
    const { index, transaction } = log
    // viem has decoded by the ABI that the type is derived from.
    events.push({ contract, ...event, block, index, transaction } as unknown as ContractEvent)
  }
  return events
}

function contractAt(deployment: Deployment, address: string): ContractName | undefined {
  if (address === deployment.membership) return 'membership'
  if (address === deployment.consents) return 'consents'
  return address === deployment.anchors ? 'anchors' : undefined
}
