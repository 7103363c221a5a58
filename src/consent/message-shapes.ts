/**
 * What lies in each message that an institution answers, and in its answer: the shapes that the inbox parses by and that
 * the published contract shows, one and the same.
 */
import Type, { type TSchema } from 'typebox'
import { Base64UrlField, RandomIdField } from '../api/index.ts'
import { SignedRequestSchema } from './access-request.ts'
import {
  AccessesAnswerSchema,
  AppendAnswerSchema,
  EnvelopeAnswerSchema,
  ReadAnswerSchema,
  SearchAnswerSchema,
} from './answers.ts'
import { DelegationEndSchema, DelegationSchema } from './delegations.ts'
import { Count, manyOf, record } from './document.ts'
import { HandOverSchema } from './hand-over.ts'
import {
  AccessesOrderSchema,
  AppendOrderSchema,
  CollectOrderSchema,
  DepositOrderSchema,
  EnvelopeOrderSchema,
  EraseOrderSchema,
  GenerationOrderSchema,
  MailboxOrderSchema,
  ReaderKeyOrderSchema,
  ReadOrderSchema,
  SearchOrderSchema,
  StateOrderSchema,
} from './orders.ts'
import { EnrolmentSchema } from './patient-book.ts'
import { AnalysisNoticeSchema } from './provenance.ts'
import { GrantRelayAnswerSchema, GrantRelaySchema } from './relay.ts'
import { RevokeSchema } from './revoke-register.ts'
import { SignedEnvelopeSchema } from './signed-envelope.ts'

const orderBody = <S extends TSchema>(order: S) => record({ order })

/** Bodies by type of message. */
export const MESSAGE_BODIES = {
  'patient-enrolment': record({ enrolment: EnrolmentSchema }),
  mailbox: orderBody(MailboxOrderSchema),
  'access-request': Type.Union([
    record({ mailbox: RandomIdField, request: SignedRequestSchema }),
    orderBody(ReaderKeyOrderSchema),
  ]),
  inbox: orderBody(CollectOrderSchema),
  grant: record({ handOver: HandOverSchema, stop: Type.Optional(Base64UrlField) }),
  delegation: record({
    delegation: Type.Optional(DelegationSchema),
    end: Type.Optional(DelegationEndSchema),
  }),
  'grant-relay': GrantRelaySchema,
  'envelope-reseal': record({
    order: Type.Optional(GenerationOrderSchema),
    envelopes: manyOf(SignedEnvelopeSchema, 10_000),
  }),
  revoke: record({ revoke: RevokeSchema, gossip: Type.Boolean() }),
  append: record({ order: AppendOrderSchema, objects: Base64UrlField }),
  read: orderBody(ReadOrderSchema),
  search: orderBody(SearchOrderSchema),
  'collect-grant': orderBody(EnvelopeOrderSchema),
  'inbox-deposit': record({ order: DepositOrderSchema, sealed: Base64UrlField }),
  'my-accesses': orderBody(AccessesOrderSchema),
  state: record({ order: StateOrderSchema, sealed: Type.Optional(Base64UrlField) }),
  erase: orderBody(EraseOrderSchema),
  'analysis-result': record({ notice: AnalysisNoticeSchema }),
} as const

/** Types of message that an institution answers. */
export const MESSAGE_TYPES = Object.keys(MESSAGE_BODIES) as readonly (keyof typeof MESSAGE_BODIES)[]

const done = record({})
/** What was left by others: each as its sender signed it, checked by who collects it. */
const left = Type.Array(Type.Object({}, { additionalProperties: true }))

/** Answers by type of message. */
export const MESSAGE_REPLIES: Readonly<Record<keyof typeof MESSAGE_BODIES, TSchema>> = {
  'patient-enrolment': record({ logKey: Base64UrlField }),
  mailbox: done,
  'access-request': done,
  inbox: record({ requests: left, deposits: left, results: left, grants: left, keys: left }),
  grant: done,
  delegation: done,
  'grant-relay': GrantRelayAnswerSchema,
  'envelope-reseal': done,
  revoke: record({ seen: Type.String(), block: Type.Union([Count, Type.Null()]) }),
  append: AppendAnswerSchema,
  read: ReadAnswerSchema,
  search: SearchAnswerSchema,
  'collect-grant': EnvelopeAnswerSchema,
  'inbox-deposit': done,
  'my-accesses': AccessesAnswerSchema,
  state: Type.Object({
    state: Type.Union([record({ sequence: Count, sealed: Base64UrlField }), Type.Null()]),
    generations: Type.Record(Type.String(), Count),
  }),
  erase: record({ erased: Type.Boolean(), grants: Count }),
  'analysis-result': done,
}
