/**
 * How the parties of this node send messages: signed envelopes over whatever carries them, in one process or over TLS.
 *
 * Law: a patient's identity key signs only what goes to their own custodian; what any member may relay is signed by a
 * key made for that message alone, so that a relayer learns nothing of the sender (PROTOCOL 8).
 */
import { createHash, randomBytes } from 'node:crypto'
import {
  isMessageName,
  MESSAGES,
  type MessageRule,
  type MessageSigner,
  messageSigner,
  type Sender,
  type Sha256,
} from '../../api/index.ts'
import type { Send } from '../../consent/index.ts'
import { type Signer, signer } from '../../identity/index.ts'
import { nodeEd25519 } from '../../identity/node-signer.door.ts'
import { type CourierMeans, createCourier, sender } from '../../transport/index.ts'
import { type InstitutionId, IsletError, type Json } from '../../vocabulary/index.ts'

export const sha256: Sha256 = (bytes) => createHash('sha256').update(bytes).digest()

/** Seconds since 1970 of this machine's clock. */
export function wallClock(): number {
  return Date.now() / 1000
}

/** What carries envelopes: the part of a courier that does not depend on who sends. */
export type Road = Pick<CourierMeans, 'peer' | 'carry'>

/** Sends each message once and gives its typed answer; whoever asks again asks anew. Throws the receiver's code. */
export function institutionAsk(own: InstitutionId, key: Signer, road: Road): ReturnType<typeof sender> {
  return sendingAs({ kind: 'institution', id: own }, messageSigner(key), road, { tries: 1 })
}

function sendingAs(
  from: Sender,
  key: MessageSigner,
  road: Road,
  options: { readonly tries?: number } = {},
): ReturnType<typeof sender> {
  const transport = createCourier({
    ...road,
    signer: key,
    verifier: nodeEd25519,
    sha256,
    now: wallClock,
    random: randomBytes,
  })
  return sender(transport, { from, now: wallClock, random: randomBytes, ...options })
}

function sendAs(from: Sender, key: MessageSigner, road: Road): Send {
  const send = sendingAs(from, key, road)
  return async (to, type, body) => {
    if (!isMessageName(type))
      throw new IsletError('MESSAGE_TYPE_UNKNOWN', 'there is no such message', { type })
    const reply: unknown = await send(to, type, asBody(body))
    return isParsed(reply) ? reply : null
  }
}

/** An institution's sending. */
export function institutionSend(own: InstitutionId, key: Signer, road: Road): Send {
  return sendAs({ kind: 'institution', id: own }, messageSigner(key), road)
}

/** A patient's sending. */
export function patientSend(identity: Signer, road: Road): Send {
  const named = messageSigner(identity)
  const asPatient = sendAs({ kind: 'patient', key: named.keyId }, named, road)
  return async (to, type, body) => {
    const rule: MessageRule | undefined = isMessageName(type) ? MESSAGES[type] : undefined
    if (rule?.from.includes('anonymous') !== true) return asPatient(to, type, body)
    const once = messageSigner(signer(randomBytes(32), nodeEd25519))
    return sendAs({ kind: 'patient', key: once.keyId }, once, road)(to, type, body)
  }
}

function asBody(body: Json): { readonly [key: string]: Json } & never {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    throw new IsletError('MESSAGE_BODY_WRONG', 'the body of a message is an object')
  }
  return body as never
}

/** What a courier hands over came out of JSON a moment ago; it is not copied again. */
function isParsed(value: unknown): value is Json {
  return value !== undefined
}
