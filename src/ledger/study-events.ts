/**
 * Logs of the contracts of studies as typed events, in order. Pure.
 *
 * Law: what is not an event of `StudyLedger` or `RoundLedger` at the given addresses is skipped.
 */
import type { ContractEventName, DecodeEventLogReturnType } from 'viem'
import { roundLedgerAbi, studyLedgerAbi } from './abi/index.ts'
import { decodedEvent, type EventsByTopic, eventsOf } from './decoded-event.ts'
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

const EVENTS: Readonly<Record<StudyContract, EventsByTopic>> = {
  studies: eventsOf(ABIS.studies),
  rounds: eventsOf(ABIS.rounds),
}

/** The events of studies and rounds among a block's logs. */
export function studyEvents(
  deployment: Pick<StudyDeployment, StudyContract>,
  block: Head,
  logs: readonly Log[],
): readonly StudyEvent[] {
  const events: StudyEvent[] = []
  for (const log of logs) {
    const { address, index } = log
    const contract =
      address === deployment.studies ? 'studies' : address === deployment.rounds ? 'rounds' : undefined
    const event = contract === undefined ? undefined : decodedEvent(EVENTS[contract], log)
    if (event === undefined) continue
    // viem has decoded by the ABI that the type is derived from.
    events.push({ contract, ...event, block, index } as unknown as StudyEvent)
  }
  return events
}
