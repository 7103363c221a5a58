/**
 * Logs of the three contracts as typed events. Pure.
 *
 * Law: what is not one of our contracts' events is skipped, so that foreign contracts on the same chain disturb nothing.
 */
import {
  type Abi,
  type AbiEvent,
  type ContractEventName,
  type DecodeEventLogReturnType,
  decodeEventLog,
  toEventSelector,
} from 'viem'
import type { Hash32 } from '../vocabulary/index.ts'
import { CONTRACTS, type ContractName, type Deployment } from './contracts.ts'
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

/** The events of each contract by their first topic, hashed once: the decoder would hash them for every log. */
const EVENTS: Readonly<Record<ContractName, ReadonlyMap<string, AbiEvent>>> = {
  membership: eventsOf(CONTRACTS.membership),
  consents: eventsOf(CONTRACTS.consents),
  anchors: eventsOf(CONTRACTS.anchors),
}

function eventsOf(abi: Abi): ReadonlyMap<string, AbiEvent> {
  return new Map(abi.filter((item) => item.type === 'event').map((item) => [toEventSelector(item), item]))
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
    if (contract === undefined) continue
    const [signature, ...rest] = log.topics
    const item = signature === undefined ? undefined : EVENTS[contract].get(signature)
    if (signature === undefined || item === undefined) continue
    const abi: Abi = [item]
    try {
      const { eventName, args } = decodeEventLog({ abi, data: log.data, topics: [signature, ...rest] })
      const event = { contract, name: eventName, args, block, index: log.index, transaction: log.transaction }
      // viem has decoded by the ABI that the type is derived from.
      events.push(event as unknown as ContractEvent)
    } catch {
      // Not an event of this ABI.
    }
  }
  return events
}

function contractAt(deployment: Deployment, address: string): ContractName | undefined {
  if (address === deployment.membership) return 'membership'
  if (address === deployment.consents) return 'consents'
  return address === deployment.anchors ? 'anchors' : undefined
}
