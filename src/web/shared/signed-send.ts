/**
 * Messages from the browser to institutions: signed requests (RFC 9421), and answers believed only with the signature of
 * the institution that was asked.
 *
 * Law: the identity key signs only what must come from this person; what anybody may send is signed by a key made for that
 * message alone, so that who passes it on learns nothing of the sender (PROTOCOL 8).
 */
import {
  type Client,
  type ClientMeans,
  createClient,
  isMessageName,
  MESSAGES,
  type MessageRule,
  type MessageSigner,
  messageSigner,
  ROUTES,
} from '../../api/index.ts'
import type { Send } from '../../consent/browser.door.ts'
import { nobleEd25519, type Signer, signer } from '../../identity/index.ts'
import { webCrypto } from '../../vault/web-cipher.door.ts'
import {
  formatInstant,
  fromHex,
  type Hash32,
  type InstitutionId,
  IsletError,
  type Json,
  quantity,
  toBase64Url,
  toHex,
  type UnixSeconds,
} from '../../vocabulary/index.ts'

const now = (): number => Date.now() / 1_000
const random = webCrypto.cipher.random

/** The node that carries messages. */
export interface Road {
  /** What signatures name. */
  readonly origin: string
  readonly fetch: ClientMeans['fetch']
  /** The message key of a member, as the ledger has it. */
  readonly keyOf: (institution: InstitutionId) => Promise<Hash32 | undefined>
}

/** The typed client with requests signed by one key; answers must be signed by `answersBy`, base64url. */
export function signedClient(
  by: MessageSigner,
  road: Pick<Road, 'origin' | 'fetch'>,
  answersBy: string,
): Client {
  return createClient({
    origin: road.origin,
    fetch: road.fetch,
    identity: {
      signer: by,
      verifier: nobleEd25519,
      sha256: webCrypto.hasher.sha256,
      now,
      random,
      answersBy,
    },
  })
}

/** Sends as one person. Throws the receiver's code, `PEER_UNKNOWN`, `PEER_ANSWER_UNVERIFIED`. */
export function signedSend(identity: Signer, road: Road): Send {
  const named = messageSigner(identity)
  return async (to, type, body) => {
    if (!isMessageName(type))
      throw new IsletError('MESSAGE_TYPE_UNKNOWN', 'there is no such message', { type })
    const rule: MessageRule = MESSAGES[type]
    const by = rule.from.includes('anonymous') ? messageSigner(signer(random(32), nobleEd25519)) : named
    const answersBy = await road.keyOf(to)
    if (answersBy === undefined) {
      throw new IsletError('PEER_UNKNOWN', 'no such institution stands on the ledger', { institution: to })
    }
    return exchange(by, road, toBase64Url(fromHex(answersBy)), { to, type, body })
  }
}

async function exchange(
  by: MessageSigner,
  road: Pick<Road, 'origin' | 'fetch'>,
  answersBy: string,
  message: { readonly to: InstitutionId; readonly type: keyof typeof MESSAGES; readonly body: Json },
): Promise<Json> {
  const id = toHex(random(16)).slice(2)
  const client = signedClient(by, road, answersBy)
  const reply = await client.messages({
    params: { institution: message.to },
    body: {
      schema: 'islet.message/1',
      type: message.type,
      id,
      from: { kind: 'patient', key: by.keyId },
      to: message.to,
      created: formatInstant(quantity<UnixSeconds>(Math.floor(now()))),
      body: message.body,
    },
  })
  if (reply.to !== id || reply.type !== message.type) {
    throw new IsletError('PEER_ANSWER_UNVERIFIED', 'the answer is to another message', {
      route: ROUTES.messages.path,
    })
  }
  return isJson(reply.body) ? reply.body : null
}

/** What a client hands over came out of JSON a moment ago. */
function isJson(value: unknown): value is Json {
  return value !== undefined
}
