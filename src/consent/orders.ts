/**
 * Orders: what a patient, a reader or a writer tells an institution to do, each signed, addressed and dated.
 *
 * Law: an order carries its authority in itself, whatever brought it: the signer's key, the institution it is for,
 * the instant, a random number. It is refused elsewhere, later, or a second time (PROTOCOL 21 does the same one layer
 * below, with a cache that survives a restart).
 */
import Type, { type TSchema } from 'typebox'
import {
  ActionField,
  Base64UrlField,
  CidField,
  ConsentIdField,
  Hash32Field,
  InstitutionIdField,
  KindField,
  PurposeField,
  RandomIdField,
} from '../api/index.ts'
import type { DocumentType, Ed25519 } from '../identity/index.ts'
import { type InstitutionId, IsletError, type UnixSeconds } from '../vocabulary/index.ts'
import { SubjectSchema } from './access-request.ts'
import {
  Count,
  type Document,
  Generation,
  listOf,
  manyOf,
  record,
  requireSigned,
  Seconds,
  type Signed,
  signedSchema,
  Window,
} from './document.ts'
import { GlassSchema } from './emergency.ts'

/** Seconds an order stays good, and seconds its sender's clock may be ahead. */
const ORDER_SECONDS = 60

const base = { custodian: InstitutionIdField, created: Seconds, nonce: RandomIdField } as const

function signedOrder<Members extends Record<string, TSchema>>(type: DocumentType, members: Members) {
  return signedSchema(type, record({ ...base, ...members }))
}

/** A reader asks for objects, or (search) which objects there are. */
const question = {
  /** Left out by the patient, who reads their own. */
  consentId: Type.Optional(ConsentIdField),
  /** Who asks, by name: the log keeps it. */
  actor: SubjectSchema,
  action: ActionField,
  purpose: PurposeField,
  kinds: listOf(KindField, 7),
  window: Window,
  /** Call and release, for what was sealed for an emergency. */
  glass: Type.Optional(GlassSchema),
} as const
export const ReadOrderSchema = signedOrder('islet.read/1', {
  ...question,
  /** Superseded revisions too, not only the newest. */
  history: Type.Boolean(),
  /** Newest envelope the reader holds; a newer one comes with the answer. */
  have: Count,
  /** Where the last page ended. */
  after: Type.Optional(Count),
  /** The mark of an answer that the reader still holds: where nothing changed since, no bytes come. */
  known: Type.Optional(Hash32Field),
})
export type ReadOrder = Document<typeof ReadOrderSchema>
export const SearchOrderSchema = signedOrder('islet.search/1', question)
export type SearchOrder = Document<typeof SearchOrderSchema>

/** A writer, or the patient (without a consent), delivers sealed objects, named by their CIDs. */
export const AppendOrderSchema = signedOrder('islet.append/1', {
  consentId: Type.Optional(ConsentIdField),
  /** For which purpose a writer writes; one that was granted. */
  purpose: PurposeField,
  objects: listOf(CidField, 100_000),
})
export type AppendOrder = Document<typeof AppendOrderSchema>

/** The patient opens a mailbox: a random token by which an institution can reach them. */
export const MailboxOrderSchema = signedOrder('islet.mailbox/1', { token: RandomIdField })
/** The patient fetches what waits for them, and says what they have dealt with. */
export const CollectOrderSchema = signedOrder('islet.collect/1', {
  done: manyOf(RandomIdField, 10_000),
})
export type CollectOrder = Document<typeof CollectOrderSchema>
export type MailboxOrder = Document<typeof MailboxOrderSchema>
/** A writer without the new key leaves something sealed to the patient's inbox (PROTOCOL 14). */
export const DepositOrderSchema = signedOrder('islet.inbox-deposit/1', {
  consentId: ConsentIdField,
  /** SHA-256 name of the sealed bytes beside the order. */
  object: CidField,
})
export type DepositOrder = Document<typeof DepositOrderSchema>
/** A reader whose institution has a new HPKE key asks for its covers under it. */
export const ReaderKeyOrderSchema = signedOrder('islet.reader-key/1', {
  consentId: ConsentIdField,
  hpkeKey: Base64UrlField,
})
export type ReaderKeyOrder = Document<typeof ReaderKeyOrderSchema>
/** The patient says which key generation each kind is at. */
const GenerationsSchema = Type.Record(KindField, Generation)
export const GenerationOrderSchema = signedOrder('islet.generation/1', { generations: GenerationsSchema })
export type GenerationOrder = Document<typeof GenerationOrderSchema>
/** The patient asks who looked. */
export const AccessesOrderSchema = signedOrder('islet.my-accesses/1', {
  /** Entries from this place of the log on. */
  after: Count,
  /** Size of the log at the checkpoint the patient saw last; 0 for none. */
  seen: Count,
  /** Size of the log at the newest anchor that the ledger shows the patient; left out before the first. */
  anchored: Type.Optional(Count),
})
export type AccessesOrder = Document<typeof AccessesOrderSchema>
/** The patient asks to be erased. */
export const EraseOrderSchema = signedOrder('islet.erase/1', {})
/** The patient stores the sealed state of their agent, or (nothing beside the order) fetches it. */
export const StateOrderSchema = signedOrder('islet.state/1', {
  store: Type.Optional(record({ sequence: Count, object: CidField })),
})
export type StateOrder = Document<typeof StateOrderSchema>
export type EraseOrder = Document<typeof EraseOrderSchema>
/** A reader fetches the newest envelope of a consent. */
export const EnvelopeOrderSchema = signedOrder('islet.collect-grant/1', {
  /** Left out by a delegate: all grants that name them. */
  consentId: Type.Optional(ConsentIdField),
  have: Type.Integer({ minimum: -1 }),
})
export type EnvelopeOrder = Document<typeof EnvelopeOrderSchema>

/** Refuses orders that are for another, stale, forged or repeated. */
export interface OrderGate {
  /** Throws `ORDER_ELSEWHERE`, `ORDER_STALE`, `ORDER_REPEATED`, `SIGNATURE_REFUSED`. */
  admit(
    order: Signed<{
      readonly custodian: InstitutionId
      readonly created: UnixSeconds
      readonly nonce: string
    }>,
  ): void
}

/** Remembers the orders of the last two minutes. */
export function orderGate(own: InstitutionId, ed: Ed25519, clock: () => UnixSeconds): OrderGate {
  const seen = new Map<string, UnixSeconds>()
  let swept: number = clock()
  return {
    admit: (order) => {
      const { custodian, created, nonce } = order.body
      if (custodian !== own) {
        throw new IsletError('ORDER_ELSEWHERE', 'the order is addressed to another institution')
      }
      const now = clock()
      if (Math.abs(now - created) > ORDER_SECONDS) {
        throw new IsletError('ORDER_STALE', 'the order is older or newer than its time allows', {
          allowed_seconds: ORDER_SECONDS,
        })
      }
      requireSigned(order, ed, 'order')
      const name = `${order.signer}${nonce}`
      if (seen.has(name)) throw new IsletError('ORDER_REPEATED', 'the order was given before')
      seen.set(name, created)
      if (now - swept > ORDER_SECONDS) {
        swept = now
        for (const [old, at] of seen) if (now - at > 2 * ORDER_SECONDS) seen.delete(old)
      }
    },
  }
}
