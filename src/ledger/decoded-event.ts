/**
 * A log as an event of an ABI. Pure.
 *
 * Law: what is no event of the ABI is told apart and never guessed at.
 */
import { type Abi, type AbiEvent, decodeEventLog, toEventSelector } from 'viem'
import type { Log } from './port.ts'

/** The events of a contract by their first topic, hashed once: the decoder would hash them for every log. */
export type EventsByTopic = ReadonlyMap<string, AbiEvent>

export function eventsOf(abi: Abi): EventsByTopic {
  return new Map(abi.filter((item) => item.type === 'event').map((item) => [toEventSelector(item), item]))
}

/** Name and arguments, or undefined where the log is no event of the contract. */
export function decodedEvent(
  events: EventsByTopic,
  { data, topics }: Pick<Log, 'data' | 'topics'>,
): { readonly name: string | undefined; readonly args: unknown } | undefined {
  const [signature, ...rest] = topics
  const item = signature === undefined ? undefined : events.get(signature)
  if (signature === undefined || item === undefined) return undefined
  const abi: Abi = [item]
  try {
    const { eventName, args } = decodeEventLog({ abi, data, topics: [signature, ...rest] })
    return { name: eventName, args }
  } catch {
    return undefined
  }
}
