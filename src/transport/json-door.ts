/**
 * The wire for a room that speaks plain JSON and checks every body itself: its answers as handlers, a sender as a function.
 */
import { isMessageName, type MessageHandlers, type MessageName, type Transport } from '../api/index.ts'
import type { InstitutionId, Json } from '../vocabulary/index.ts'
import { type EnvelopeMeans, sender } from './courier.ts'
import { refusal } from './refusals.ts'

/** Serves these types of message with one function. */
export function handlersOf(
  types: readonly MessageName[],
  handle: (type: string, body: Json) => Promise<Json>,
): MessageHandlers {
  return Object.fromEntries(
    types.map((type) => [type, async (body: unknown) => handle(type, plain(body))] as const),
  )
}

/** Sends plain JSON and returns the answer's; refusals are thrown with the receiver's code. Throws `MESSAGE_TYPE_UNKNOWN`. */
export function jsonSender(
  transport: Transport,
  means: EnvelopeMeans,
): (to: InstitutionId, type: string, body: Json) => Promise<Json> {
  const send = sender(transport, means)
  return async (to, type, body) => {
    if (!isMessageName(type)) throw refusal('MESSAGE_TYPE_UNKNOWN')
    return plain(await send(to, type, asRecord(body)))
  }
}

/** What came out of JSON or goes into it, as a document; through text, so that no object is shared. */
function plain(value: unknown): Json {
  return JSON.parse(JSON.stringify(value ?? null))
}

function asRecord(body: Json): Parameters<ReturnType<typeof sender>>[2] {
  return JSON.parse(JSON.stringify(body))
}
