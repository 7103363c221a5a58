/**
 * The port between parties: send a message to an institution, get its answer. In one process and over TLS alike.
 *
 * Law: an answer is believed only with the receiver's signature over it and over the request; anything else is no answer.
 */
import { type Facts, IsletError } from '../vocabulary/index.ts'
import type { Envelope, MessageBody, MessageName, MessageReply, Sender } from './messages.ts'
import type { Role } from './roles.ts'

export interface Transport {
  /**
   * Delivers a message and returns the verified answer. A refusal by the receiver is a value.
   * Throws `PEER_UNREACHABLE`, `PEER_TOO_SLOW`, `PEER_ANSWER_UNVERIFIED`, `PEER_UNKNOWN`, `PEER_CERTIFICATE_WRONG`: whether it was done is
   * then unknown, and sending the same envelope again is safe.
   */
  readonly send: <Name extends MessageName>(message: Envelope<Name>) => Promise<Reply<Name>>
  readonly close: () => Promise<void>
}

export type Reply<Name extends MessageName> =
  | { readonly ok: true; readonly body: MessageReply<Name> }
  | {
      readonly ok: false
      readonly code: string
      readonly message: string
      readonly retryAfterSeconds?: number
    }

/** What a handler learns of the sender, all of it proven. */
export interface Arrival {
  readonly from: Sender
  /** The key that signed, base64url. */
  readonly keyId: string
  readonly roles: readonly Role[]
  readonly id: string
  /** When the sender wrote it, RFC 3339. */
  readonly created: string
}

/** What an institution does with each type of message; a type left out is refused with `MESSAGE_NOT_SERVED`. */
export type MessageHandlers = {
  readonly [Name in MessageName]?: (body: MessageBody<Name>, arrival: Arrival) => Promise<MessageReply<Name>>
}

/** The body of an answer that must be a yes; throws the receiver's own code else. */
export function bodyOf<Name extends MessageName>(reply: Reply<Name>): MessageReply<Name> {
  if (reply.ok) return reply.body
  const facts: Facts =
    reply.retryAfterSeconds === undefined ? {} : { retryAfterSeconds: reply.retryAfterSeconds }
  throw new IsletError(reply.code, reply.message, facts)
}
