/**
 * Signing in as somebody who works at an institution: their key signs what they ask and what they tell their institution.
 *
 * Law: every answer is believed only with the signature of who was asked, the node or the institution; streams carry
 * none, and what they say is asked again, signed, where it matters.
 */

import { Check } from 'typebox/value'
import {
  type Client,
  createClient,
  MESSAGES,
  type MessageBody,
  type MessageName,
  type MessageReply,
  messageSigner,
} from '../../api/index.ts'
import { nobleEd25519, type Signer, signer } from '../../identity/index.ts'
import { webCrypto } from '../../vault/web-cipher.door.ts'
import {
  formatInstant,
  fromBase64Url,
  fromHex,
  type Hash32,
  type InstitutionId,
  IsletError,
  quantity,
  toBase64Url,
  toHex,
  type UnixSeconds,
} from '../../vocabulary/index.ts'
import { askNode, nodeFetch } from './node-fetch.ts'

/** Somebody of an institution, signed in. */
export interface StaffPerson {
  readonly name: string
  readonly institution: InstitutionId
  readonly institutionName: string
  /** Their own key, for documents that they sign. */
  readonly signer: Signer
  /** What may be read by signed requests. */
  readonly read: Client
  /** The same, broken off when the signal aborts. */
  watching(signal: AbortSignal): Client
  /** Signed requests that another institution of the node answers, under its message key as the ledger has it. */
  asking(messageKey: Hash32): Client
  /** Tells the institution something and gives its answer. Throws the institution's code. */
  tell<Name extends MessageName>(type: Name, body: MessageBody<Name>): Promise<MessageReply<Name>>
}

/** Opens a virtual person. Throws `NODE_AWAY`, `NO_PERSONAS_HERE`. */
export async function signInStaff(persona: string): Promise<StaffPerson> {
  const given = await askNode().demoStaff({ params: { persona } })
  const own = signer(fromBase64Url(given.seed), nobleEd25519)
  const key = messageSigner(own)
  const { random } = webCrypto.cipher
  const clientOf = (answersBy: string, signal?: AbortSignal): Client =>
    createClient({
      origin: given.origin,
      fetch: nodeFetch,
      identity: {
        signer: key,
        verifier: nobleEd25519,
        sha256: webCrypto.hasher.sha256,
        now: () => Date.now() / 1_000,
        random,
        answersBy,
      },
      ...(signal === undefined ? {} : { signal }),
    })
  const house = clientOf(given.answers_by.institution)
  return {
    name: given.name,
    institution: given.institution,
    institutionName: given.institution_name,
    signer: own,
    read: clientOf(given.answers_by.node),
    watching: (signal) => clientOf(given.answers_by.node, signal),
    asking: (messageKey) => clientOf(toBase64Url(fromHex(messageKey))),
    tell: async (type, body) => {
      const id = toHex(random(16)).slice(2)
      const reply = await house.messages({
        params: { institution: given.institution },
        body: {
          schema: 'islet.message/1',
          type,
          id,
          from: { kind: 'staff', key: key.keyId },
          to: given.institution,
          created: formatInstant(quantity<UnixSeconds>(Math.floor(Date.now() / 1_000))),
          body,
        },
      })
      const { body: answer } = reply
      if (reply.to === id && isReply(type, answer)) return answer
      throw new IsletError('PEER_ANSWER_UNVERIFIED', 'the answer is to another message', {})
    },
  }
}

function isReply<Name extends MessageName>(type: Name, answer: unknown): answer is MessageReply<Name> {
  return Check(MESSAGES[type].reply, answer)
}
