/**
 * Delegates in consents: a carer who reads, a guardian who grants.
 *
 * Laws: a delegate's authority is the patient's signed word and ends with it, whatever keys the delegate holds; what a
 * guardian grants never outlasts the delegation, so that a minor's grants lapse on the day it names (their birthday) and
 * are given anew by the grown-up or not at all; a delegate's covers are sealed to a key that the delegate vouched for.
 */
import Type from 'typebox'
import { Base64UrlField, Hash32Field, InstantField, RandomIdField } from '../api/index.ts'
import {
  authorityOf,
  type DelegateRight,
  type Delegation,
  type DelegationRecord,
  type DelegationRevocation,
  type Ed25519,
  type Signer,
} from '../identity/index.ts'
import {
  type Hash32,
  IsletError,
  type PatientId,
  parseInstant,
  type UnixSeconds,
} from '../vocabulary/index.ts'
import {
  type Document,
  listOf,
  parseText,
  record,
  requireSigned,
  ShownName,
  sign,
  signedSchema,
} from './document.ts'
import { getText, putJson, type Shelf } from './shelf.ts'

const RightField = Type.Unsafe<DelegateRight>({ type: 'string', enum: ['read', 'grant', 'revoke'] })
export const DelegationSchema = signedSchema(
  'islet.delegation/1',
  record({
    id: RandomIdField,
    patient: Hash32Field,
    delegate: Hash32Field,
    rights: listOf(RightField, 3),
    from: InstantField,
    until: InstantField,
  }),
)
export const DelegationEndSchema = signedSchema(
  'islet.delegation-revocation/1',
  record({ id: RandomIdField, patient: Hash32Field, at: InstantField }),
)

/** A delegate's word which inbox key is theirs. */
export const CardSchema = signedSchema(
  'islet.delegate-card/1',
  record({ name: ShownName, inboxKey: Base64UrlField }),
)
export type Card = Document<typeof CardSchema>

export function delegateCard(name: string, inboxKey: string, by: Signer): Card {
  return { ...sign('islet.delegate-card/1', { name, inboxKey }, by), type: 'islet.delegate-card/1' }
}

/** Whether a card is of that delegate and names that inbox key. */
export function isCardOf(card: Card | undefined, delegate: Hash32, inboxKey: string, ed: Ed25519): boolean {
  if (card === undefined || card.body.inboxKey !== inboxKey) return false
  requireSigned(card, ed, 'delegate’s card', delegate)
  return true
}

/** Throws `DELEGATION_…` unless the delegation lets its delegate grant until `expiresAt`, given at `given`. */
export function requireGuardian(
  delegation: Delegation,
  guardian: Hash32,
  patient: Hash32,
  grant: { readonly given: UnixSeconds; readonly expiresAt: UnixSeconds },
  ed: Ed25519,
): void {
  const known: DelegationRecord = { patient, delegations: [delegation], revocations: [] }
  const authority = authorityOf(guardian, 'grant', grant.given, known, ed)
  if (!authority.allowed) throw notAllowed(authority.code)
  if (grant.expiresAt > parseInstant(delegation.body.until)) {
    throw new IsletError(
      'GRANT_OUTLASTS_DELEGATION',
      'a guardian’s grant ends with the delegation at the latest',
    )
  }
}

/** What a custodian knows of its patients' delegates. */
export interface DelegationBook {
  of(id: PatientId, patient: Hash32): DelegationRecord
  add(id: PatientId, patient: Hash32, delegation: Delegation): Promise<void>
  /** Ends a delegation for good, also one that was never seen. */
  end(id: PatientId, patient: Hash32, end: DelegationRevocation): Promise<void>
  /** Whether a key is a delegate of anybody here. */
  has(key: Hash32): boolean
  forget(id: PatientId): Promise<void>
}

const BookSchema = record({
  delegations: Type.Array(DelegationSchema),
  revocations: Type.Array(DelegationEndSchema),
})
type Page = Document<typeof BookSchema>

export async function openDelegationBook(shelf: Shelf, ed: Ed25519): Promise<DelegationBook> {
  const pages = new Map<PatientId, Page>()
  for (const name of await shelf.list('')) {
    pages.set(
      name as PatientId,
      parseText(BookSchema, (await getText(shelf, name)) ?? '', 'stored delegations'),
    )
  }
  const pageOf = (id: PatientId): Page => pages.get(id) ?? { delegations: [], revocations: [] }
  const keep = async (id: PatientId, page: Page): Promise<void> => {
    await putJson(shelf, id, page)
    pages.set(id, page)
  }
  return {
    of: (id, patient) => ({ patient, ...pageOf(id) }),
    add: async (id, patient, delegation) => {
      requireSigned(delegation, ed, 'delegation', patient)
      if (delegation.body.patient !== patient) throw notAllowed('DELEGATION_FORGED')
      const page = pageOf(id)
      if (page.delegations.some((known) => known.signature === delegation.signature)) return
      await keep(id, {
        ...page,
        delegations: [...page.delegations, { ...delegation, type: 'islet.delegation/1' }],
      })
    },
    end: async (id, patient, end) => {
      const page = pageOf(id)
      const ended = page.delegations.find((known) => known.body.id === end.body.id)
      requireSigned(end, ed, 'end of a delegation')
      if (end.signer !== patient && end.signer !== ended?.body.delegate) throw notAllowed('DELEGATION_FORGED')
      if (page.revocations.some((known) => known.signature === end.signature)) return
      await keep(id, {
        ...page,
        revocations: [...page.revocations, { ...end, type: 'islet.delegation-revocation/1' }],
      })
    },
    has: (key) =>
      [...pages.values()].some((page) => page.delegations.some(({ body }) => body.delegate === key)),
    forget: async (id) => {
      pages.delete(id)
      await shelf.delete(id)
    },
  }
}

export function notAllowed(code: string): IsletError {
  return new IsletError(
    code,
    'the patient’s word for this delegate does not cover it',
    {},
    {
      remedy: 'Ask the patient to name the delegate for this, and for this time.',
    },
  )
}
