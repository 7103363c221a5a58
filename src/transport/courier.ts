/**
 * The sender's side: signs an envelope, has it carried, believes only a signed answer. What carries it does not matter.
 *
 * Law: the same envelope gives the same body bytes every time, so that a retry is recognised; every try has a fresh nonce.
 */
import { isAscii } from 'node:buffer'
import {
  type Envelope,
  ErrorDocument,
  inboxPath,
  MESSAGES,
  type MessageBody,
  type MessageName,
  type MessageReply,
  type MessageSigner,
  type Reply,
  ReplyShape,
  type Sender,
  type Sha256,
  type SignatureVerifier,
  signRequest,
  type Transport,
  verifyResponse,
  type WireRequest,
  type WireResponse,
} from '../api/index.ts'
import {
  canonicalJson,
  formatInstant,
  fromUtf8,
  type InstitutionId,
  IsletError,
  isIsletError,
  type Json,
  quantity,
  toHex,
  type UnixSeconds,
  utf8,
} from '../vocabulary/index.ts'
import { misfit } from './validator.ts'

/** Where an institution is reached and by which key it answers. */
export interface Peer {
  readonly institution: InstitutionId
  readonly origin: string
  /** Its message key, base64url: from the ledger's membership, not from the address. */
  readonly keyId: string
  /** SHA-256 of its certificate, lower-case hex. */
  readonly certificate: string
}

export interface CourierMeans {
  readonly signer: MessageSigner
  readonly verifier: SignatureVerifier
  readonly sha256: Sha256
  /** Seconds since 1970. */
  readonly now: () => number
  readonly random: (length: number) => Uint8Array
  /** The peer behind an institution; undefined when no address is known. */
  readonly peer: (institution: InstitutionId) => Promise<Peer | undefined>
  /** Brings the bytes there and the answer back. Throws `PEER_UNREACHABLE`, `PEER_TOO_SLOW`, `PEER_CERTIFICATE_WRONG`. */
  readonly carry: (peer: Peer, request: WireRequest) => Promise<WireResponse>
  readonly close?: () => Promise<void>
}

/** A transport over whatever carries bytes. */
export function createCourier(means: CourierMeans): Transport {
  return {
    send: async (message) => {
      const peer = await means.peer(message.to)
      if (peer === undefined) {
        throw new IsletError('PEER_UNKNOWN', 'no address of this institution is known', {
          institution: message.to,
        })
      }
      const request = await signRequest(
        {
          method: 'POST',
          url: `${peer.origin}${inboxPath(message.to)}`,
          headers: { 'content-type': 'application/json' },
          body: utf8(canonicalJson(asJson(message))),
        },
        { ...means, now: () => quantity<UnixSeconds>(means.now()) },
      )
      const response = await means.carry(peer, request)
      const proven = await verifyResponse(response, request, peer.keyId, {
        ...means,
        now: quantity<UnixSeconds>(means.now()),
      })
      if (!proven.ok) throw unverified(proven.code)
      return readReply(message, response)
    },
    close: async () => means.close?.(),
  }
}

function unverified(reason: string): IsletError {
  return new IsletError(
    'PEER_ANSWER_UNVERIFIED',
    'the answer is not signed by the institution that was asked',
    {
      reason,
    },
  )
}

function asJson(message: Envelope): Json {
  const { schema, type, id, from, to, created, body } = message
  return { schema, type, id, from: { ...from }, to, created, body: jsonOf(body) }
}

/** Bodies come from typed builders; what is no JSON in them is refused by `canonicalJson`. */
function jsonOf(value: unknown): Json {
  const text = JSON.stringify(value)
  return text === undefined ? null : JSON.parse(text)
}

function readReply<Name extends MessageName>(message: Envelope<Name>, response: WireResponse): Reply<Name> {
  const value: unknown = parse(response.body)
  if (response.status !== 200) {
    if (!isErrorDocument(value)) throw unverified('ANSWER_OUTSIDE_CONTRACT')
    const wait = Number(response.headers['retry-after'] ?? Number.NaN)
    const { code, message: words } = value.error
    return Number.isFinite(wait)
      ? { ok: false, code, message: words, retryAfterSeconds: wait }
      : { ok: false, code, message: words }
  }
  if (misfit(ReplyShape, value) !== undefined || !isReplyTo(message, value)) {
    throw unverified('ANSWER_OUTSIDE_CONTRACT')
  }
  return { ok: true, body: value.body }
}

function parse(body: Uint8Array): unknown {
  try {
    return JSON.parse(textOf(body))
  } catch {
    return undefined
  }
}

/** Answers are ASCII but for names of people: reading those letter by letter takes a quarter of the time. */
function textOf(body: Uint8Array): string {
  if (!isAscii(body)) return fromUtf8(body)
  return Buffer.from(body.buffer, body.byteOffset, body.length).toString('latin1')
}

function isErrorDocument(value: unknown): value is ErrorDocument {
  return misfit(ErrorDocument, value) === undefined
}

function isReplyTo<Name extends MessageName>(
  message: Envelope<Name>,
  value: unknown,
): value is { readonly body: MessageReply<Name> } {
  return (
    typeof value === 'object' &&
    value !== null &&
    'to' in value &&
    value.to === message.id &&
    'body' in value &&
    misfit(MESSAGES[message.type].reply, value.body) === undefined
  )
}

export interface EnvelopeMeans {
  readonly from: Sender
  /** Seconds since 1970. */
  readonly now: () => number
  readonly random: (length: number) => Uint8Array
}

/** A new envelope with an id of its own. */
export function newEnvelope<Name extends MessageName>(
  to: InstitutionId,
  type: Name,
  body: MessageBody<Name>,
  means: EnvelopeMeans,
): Envelope<Name> {
  return {
    schema: 'islet.message/1',
    type,
    id: toHex(means.random(16)).slice(2),
    from: means.from,
    to,
    created: formatInstant(quantity<UnixSeconds>(Math.floor(means.now()))),
    body,
  }
}

/** Codes after which the same envelope may be sent again without being done twice. */
const AGAIN = ['PEER_UNREACHABLE', 'PEER_TOO_SLOW'] as const

/** Sends a body and returns the answer's; tries an unreachable peer again with the same envelope. Refusals are thrown. */
export function sender(
  transport: Transport,
  means: EnvelopeMeans & {
    readonly tries?: number
    readonly pause?: (milliseconds: number) => Promise<void>
  },
): <Name extends MessageName>(
  to: InstitutionId,
  type: Name,
  body: MessageBody<Name>,
) => Promise<MessageReply<Name>> {
  const pause = means.pause ?? ((ms: number) => new Promise((resolve) => setTimeout(resolve, ms)))
  return async (to, type, body) => {
    const envelope = newEnvelope(to, type, body, means)
    for (let tried = 1; ; tried++) {
      try {
        const reply = await transport.send(envelope)
        if (reply.ok) return reply.body
        const facts =
          reply.retryAfterSeconds === undefined ? {} : { retryAfterSeconds: reply.retryAfterSeconds }
        throw new IsletError(reply.code, reply.message, facts)
      } catch (error) {
        if (!isIsletError(error, ...AGAIN) || tried >= (means.tries ?? 3)) throw error
        await pause(100 * 2 ** tried)
      }
    }
  }
}
