/**
 * Logs of the contracts of studies as typed events, in order. Pure.
 *
 * Law: what is not an event of `StudyLedger` or `RoundLedger` at the given addresses is skipped.
 */
import {
  type Abi,
  type AbiEvent,
  type ContractEventName,
  type DecodeEventLogReturnType,
  decodeEventLog,
  toEventSelector,
} from 'viem'
import { roundLedgerAbi, studyLedgerAbi } from './abi/index.ts'
import type { StudyDeployment } from './deploy-studies.ts'
import type { Head, Log } from './port.ts'

const ABIS = { studies: studyLedgerAbi, rounds: roundLedgerAbi } as const
type StudyContract = keyof typeof ABIS

type EventOf<C extends StudyContract> = {
  readonly [E in ContractEventName<(typeof ABIS)[C]>]: {
    readonly contract: C
    readonly name: E
    readonly args: DecodeEventLogReturnType<(typeof ABIS)[C], E>['args']
  }
}[ContractEventName<(typeof ABIS)[C]>]

export type StudyEvent = (EventOf<'studies'> | EventOf<'rounds'>) & {
  readonly block: Head
  /** Position in its block. */
  readonly index: number
}

const EVENTS: Readonly<Record<StudyContract, ReadonlyMap<string, AbiEvent>>> = {
  studies: eventsOf(ABIS.studies),
  rounds: eventsOf(ABIS.rounds),
}

function eventsOf(abi: Abi): ReadonlyMap<string, AbiEvent> {
  return new Map(abi.filter((item) => item.type === 'event').map((item) => [toEventSelector(item), item]))
}

/** The events of studies and rounds among a block's logs. */
export function studyEvents(
  deployment: Pick<StudyDeployment, StudyContract>,
  block: Head,
  logs: readonly Log[],
): readonly StudyEvent[] {
  const events: StudyEvent[] = []
  for (const { address, topics, data, index } of logs) {
    const contract =
      address === deployment.studies ? 'studies' : address === deployment.rounds ? 'rounds' : undefined
    const [signature, ...rest] = topics
    if (contract === undefined || signature === undefined) continue
    const item = EVENTS[contract].get(signature)
    if (item === undefined) continue
    const abi: Abi = [item]
    try {
      const { eventName, args } = decodeEventLog({ abi, data, topics: [signature, ...rest] })
      // viem has decoded by the ABI that the type is derived from.
      events.push({ contract, name: eventName, args, block, index } as unknown as StudyEvent)
    } catch {
      // Not an event of this ABI.
    }
  }
  return events
}
