/**
 * The contract between parties: an envelope, and one table of the types of message that may lie in it.
 *
 * Law: whatever changes something anywhere is a message, signed by its sender and addressed to one institution; the same
 * id with the same body is done once. Who may send a type is written in the table; everybody else is refused.
 * Source: DESIGN 9–10 (one contract for one process and for many), PROTOCOL 5, 9, 21.
 */
import Type, { type Static, type TSchema } from 'typebox'
import { CARE_MESSAGES } from './care-messages.ts'
import {
  CidField,
  ConsentIdField,
  CountField,
  InstantField,
  InstitutionIdField,
  KeyField,
  oneOf,
  RandomIdField,
} from './fields.ts'
import * as payload from './payloads.ts'
import type { Role } from './roles.ts'
import { closed } from './shapes.ts'
import { SITE_WORK_MESSAGES } from './study/site-work-messages.ts'
import { STUDY_MESSAGES } from './study/study-messages.ts'

/** Who sends: an institution by its id; a person or a candidate by the key that signs. */
export const Sender = Type.Union([
  Type.Object({ kind: Type.Literal('institution'), id: InstitutionIdField }, { additionalProperties: false }),
  Type.Object(
    { kind: oneOf(['patient', 'delegate', 'candidate', 'staff'] as const), key: KeyField },
    { additionalProperties: false },
  ),
])
export type Sender = Static<typeof Sender>

const KIBI = 1024
const MEBI = 1024 * KIBI

export interface MessageRule {
  readonly summary: string
  /** Roles of which the sender must hold one; `anonymous` = any key, proven by its signature. */
  readonly from: readonly Role[]
  readonly body: TSchema
  readonly reply: TSchema
  /** `write`: done once per message id, also after a restart. `read`: a retry is answered afresh (and logged afresh). */
  readonly effect: 'read' | 'write'
  /** Longest body, in bytes. */
  readonly limit: number
  /** What one message costs of its sender's quota, which refills by 100 a second. */
  readonly weight: number
  /** A quota of its own, so that no flood of other messages delays it (PROTOCOL 5). */
  readonly first?: true
}

/** Every type of message there is. */
export const MESSAGES = {
  'patient-enrolment': {
    summary: 'A person enrols their identity key at the custodian they choose',
    from: ['anonymous'],
    body: payload.Open,
    reply: payload.Open,
    effect: 'write',
    limit: 64 * KIBI,
    weight: 20,
  },
  delegation: {
    summary: 'A patient lets a carer read or a guardian grant, or ends it',
    from: ['patient', 'delegate'],
    body: payload.Open,
    reply: payload.Open,
    effect: 'write',
    limit: 64 * KIBI,
    weight: 5,
  },
  'access-request': {
    summary: 'A named person at an institution asks a patient for access',
    from: ['member', 'staff'],
    body: payload.Open,
    reply: payload.Open,
    effect: 'write',
    limit: 64 * KIBI,
    weight: 10,
  },
  'collect-grant': {
    summary: 'A reader fetches the grants and envelopes that wait for it',
    from: ['member', 'staff', 'delegate'],
    body: payload.Open,
    reply: payload.Open,
    effect: 'read',
    limit: 16 * KIBI,
    weight: 2,
  },
  grant: {
    summary:
      'A patient hands over a signed grant, to the custodian and to the reader; its signatures carry the authority',
    from: ['anonymous'],
    body: payload.Open,
    reply: payload.Open,
    effect: 'write',
    limit: 512 * KIBI,
    weight: 5,
  },
  'grant-relay': {
    summary: 'A signed grant intent for the ledger and nothing else, so that who relays learns nothing',
    from: ['anonymous'],
    body: payload.Open,
    reply: payload.Open,
    effect: 'write',
    limit: 16 * KIBI,
    weight: 5,
  },
  mailbox: {
    summary: 'A patient opens a mailbox at the custodian, to whose token requests are sent',
    from: ['patient', 'delegate'],
    body: payload.Open,
    reply: payload.Open,
    effect: 'write',
    limit: 16 * KIBI,
    weight: 5,
  },
  'inbox-deposit': {
    summary: 'A writer without the new key leaves records sealed to the patient',
    from: ['member', 'staff'],
    body: payload.Open,
    reply: payload.Open,
    effect: 'write',
    limit: 32 * MEBI,
    weight: 10,
  },
  inbox: {
    summary: 'A patient collects what was left for them',
    from: ['patient', 'delegate'],
    body: payload.Open,
    reply: payload.Open,
    effect: 'read',
    limit: 16 * KIBI,
    weight: 2,
  },
  state: {
    summary: "A patient stores or fetches the sealed backup of their agent's state",
    from: ['patient', 'delegate'],
    body: payload.Open,
    reply: payload.Open,
    effect: 'write',
    limit: 4 * MEBI,
    weight: 5,
  },
  'envelope-reseal': {
    summary:
      'Covers of a new key generation, to the custodian and to readers; the key of each consent signs, which is the authority',
    from: ['anonymous'],
    body: payload.Open,
    reply: payload.Open,
    effect: 'write',
    limit: 512 * KIBI,
    weight: 5,
  },
  revoke: {
    summary: 'A signed revoke, from the patient or passed on by a member; refused by nobody',
    from: ['anonymous'],
    body: payload.Open,
    reply: payload.Open,
    effect: 'write',
    limit: 16 * KIBI,
    weight: 1,
    first: true,
  },
  append: {
    summary: 'A writer delivers sealed objects to the custodian',
    from: ['member', 'staff', 'patient', 'delegate'],
    body: payload.Open,
    reply: payload.Open,
    effect: 'write',
    limit: 32 * MEBI,
    weight: 10,
  },
  read: {
    summary: 'A reader asks the custodian for sealed objects, proofs and envelopes',
    from: ['member', 'staff', 'patient', 'delegate'],
    body: payload.Open,
    reply: payload.Open,
    effect: 'read',
    limit: 64 * KIBI,
    weight: 10,
  },
  search: {
    summary: 'A reader asks which objects there are; what is returned is logged',
    from: ['member', 'staff', 'patient', 'delegate'],
    body: payload.Open,
    reply: payload.Open,
    effect: 'read',
    limit: 64 * KIBI,
    weight: 10,
  },
  'my-accesses': {
    summary: 'A patient or guardian fetches the log of who read what',
    from: ['patient', 'delegate'],
    body: payload.Open,
    reply: payload.Open,
    effect: 'read',
    limit: 16 * KIBI,
    weight: 5,
  },
  erase: {
    summary:
      'A patient asks the custodian and every reader for erasure; the order inside is signed by their identity key',
    from: ['anonymous'],
    body: payload.Open,
    reply: payload.Open,
    effect: 'write',
    limit: 16 * KIBI,
    weight: 10,
  },
  'analysis-result': {
    summary: 'A reader records a result with the provenance of its inputs',
    from: ['member', 'staff'],
    body: payload.Open,
    reply: payload.Open,
    effect: 'write',
    limit: MEBI,
    weight: 10,
  },
  'log-checkpoint': {
    summary: 'Members exchange signed checkpoints of their access logs',
    from: ['member', 'auditor'],
    body: payload.Open,
    reply: payload.Open,
    effect: 'write',
    limit: 64 * KIBI,
    weight: 2,
  },
  'object-pins': {
    summary:
      'A custodian tells an institution that a consent names which stored objects of a swarm it covers, to be held there; none once it is over',
    from: ['member'],
    body: Type.Object({ consent: ConsentIdField, names: Type.Array(CidField, { maxItems: 50_000 }) }, closed),
    reply: Type.Object({ held: CountField }, closed),
    effect: 'write',
    limit: 4 * MEBI,
    weight: 20,
  },
  'signed-head': {
    summary: 'Members exchange signed heads of the ledger, so that rewriting shows',
    from: ['member', 'auditor'],
    body: payload.Open,
    reply: payload.Open,
    effect: 'write',
    limit: 64 * KIBI,
    weight: 2,
  },
  'institution-enrolment': {
    summary: 'A candidate institution answers an invitation with keys it made itself',
    from: ['anonymous'],
    body: payload.Open,
    reply: payload.Open,
    effect: 'write',
    limit: 64 * KIBI,
    weight: 20,
  },
  'key-rotation': {
    summary: 'An institution announces new keys, signed by the old and the new',
    from: ['member'],
    body: payload.Open,
    reply: payload.Open,
    effect: 'write',
    limit: 64 * KIBI,
    weight: 10,
  },
  ...CARE_MESSAGES,
  ...STUDY_MESSAGES,
  'study-object': {
    summary: 'A site of a study asks another for a model, an update or a report by its hash, part by part',
    from: ['member'],
    body: payload.StudyObjectAsk,
    reply: payload.StudyObjectPart,
    effect: 'read',
    limit: 4 * KIBI,
    weight: 2,
  },
  'study-words': {
    summary: 'A site of a study asks another what a site said in a masked round',
    from: ['member'],
    body: payload.StudyWordsAsk,
    reply: payload.StudyWordsKnown,
    effect: 'read',
    limit: 4 * KIBI,
    weight: 1,
  },
  'study-heard': {
    summary: 'A site of a study asks another which words it has heard in a masked round, to compare',
    from: ['member'],
    body: payload.StudyHeardAsk,
    reply: payload.StudyHeard,
    effect: 'read',
    limit: 4 * KIBI,
    weight: 2,
  },
  ...SITE_WORK_MESSAGES,
  address: {
    summary:
      'A member announces where it is reached and which certificate it shows there, and hears where others are',
    from: ['member'],
    body: payload.SignedAddress,
    reply: payload.KnownAddresses,
    effect: 'write',
    limit: 16 * KIBI,
    weight: 2,
  },
} as const satisfies Record<string, MessageRule>

export type MessageName = keyof typeof MESSAGES
export type MessageBody<Name extends MessageName> = Static<(typeof MESSAGES)[Name]['body']>
export type MessageReply<Name extends MessageName> = Static<(typeof MESSAGES)[Name]['reply']>
export const MESSAGE_NAMES = Object.keys(MESSAGES) as readonly MessageName[]

/** Whether a text names a type of message. */
export function isMessageName(name: string): name is MessageName {
  return Object.hasOwn(MESSAGES, name)
}

/** What goes to and fro: addressed, dated, with an id of its own. */
export interface Envelope<Name extends MessageName = MessageName> {
  readonly schema: 'islet.message/1'
  readonly type: Name
  /** 16 random bytes; the same id with the same body is the same message, sent again. */
  readonly id: string
  readonly from: Sender
  readonly to: Static<typeof InstitutionIdField>
  /** When it was written, RFC 3339. */
  readonly created: string
  readonly body: MessageBody<Name>
}

/** The envelope as a schema; the body is checked against the schema of its type. */
export const EnvelopeShape = Type.Object(
  {
    schema: Type.Literal('islet.message/1'),
    type: oneOf(MESSAGE_NAMES),
    id: RandomIdField,
    from: Sender,
    to: InstitutionIdField,
    created: InstantField,
    body: Type.Unknown(),
  },
  { additionalProperties: false, description: 'A message from one party to one institution.' },
)

/** The answer to a message that was accepted. */
export const ReplyShape = Type.Object(
  {
    schema: Type.Literal('islet.reply/1'),
    type: oneOf(MESSAGE_NAMES),
    /** The id of the message that this answers. */
    to: RandomIdField,
    body: Type.Unknown(),
  },
  { additionalProperties: false, description: 'The answer of an institution to a message.' },
)

/** Where an institution takes messages, below its address. */
export function inboxPath(institution: string): string {
  return `/v1/institutions/${institution}/messages`
}
