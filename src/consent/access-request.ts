/**
 * An institution asks a patient for access: who would read what, for which purpose, until when.
 *
 * Law: the document is signed with the institution's message key and names the person or study behind it;
 * the ledger gets a salted commitment to which no grant refers (PROTOCOL 8).
 */
import Type from 'typebox'
import {
  ActionField,
  Base64UrlField,
  Hash32Field,
  InstitutionIdField,
  KindField,
  PurposeField,
  RandomIdField,
} from '../api/index.ts'
import { canonicalJson, type Hash32, type InstitutionId, utf8 } from '../vocabulary/index.ts'
import { hexWord, keccak } from './abi-words.ts'
import { CardSchema } from './delegations.ts'
import {
  asJson,
  type Document,
  listOf,
  parseDocument,
  record,
  Seconds,
  ShownName,
  signedSchema,
} from './document.ts'
import { SecondSchema } from './emergency.ts'
import { ANY_SUBJECT } from './opening.ts'

const Handle = Type.String({ pattern: '^[A-Za-z0-9._-]{1,64}$' })

/** Whom a request or grant names at the reading institution (PROTOCOL 3). */
export const SubjectSchema = Type.Union([
  record({ type: Type.Literal('institution') }),
  /** A person on the staff: the institution's own handle for them, and the name a patient knows. */
  record({ type: Type.Literal('person'), handle: Handle, name: ShownName }),
  /** A study at this one site. */
  record({ type: Type.Literal('study'), handle: Handle, name: ShownName }),
  /** A person who acts for the patient, known by their own identity key (Ed25519). */
  record({ type: Type.Literal('delegate'), key: Hash32Field, name: ShownName }),
])
export type Subject = Document<typeof SubjectSchema>

export const AccessRequestSchema = record({
  schema: Type.Literal('islet.request/1'),
  reader: InstitutionIdField,
  /** The institution's name as shown to people. */
  readerName: ShownName,
  subject: SubjectSchema,
  /** X-Wing public key the cover shall be sealed to; its hash stands in `Membership`, or a delegate's card names it. */
  hpkeKey: Base64UrlField,
  card: Type.Optional(CardSchema),
  kinds: listOf(KindField, 7),
  actions: listOf(ActionField, 2),
  purposes: listOf(PurposeField, 8),
  /** Data wanted: [from, until). */
  from: Seconds,
  until: Seconds,
  /** End of access. */
  expiresAt: Seconds,
  /** The mailbox of the visit pass on which this is asked. */
  pass: Type.Optional(RandomIdField),
  /** Asks for an emergency envelope: who has to release it with the reader. */
  second: Type.Optional(SecondSchema),
  created: Seconds,
  /** 32 random bytes, so that the commitment hides the request. */
  salt: Hash32Field,
})
export type AccessRequest = Document<typeof AccessRequestSchema>

/** The request as it travels, signed with the institution's message key. */
export const SignedRequestSchema = signedSchema('islet.access-request/1', AccessRequestSchema)
export type SignedRequest = Document<typeof SignedRequestSchema>

/** A request that somebody handed over, held to its shape; who signed it is for `checkRequest`. Throws `DOCUMENT_REFUSED`. */
export function parseRequest(value: unknown): SignedRequest {
  return parseDocument(SignedRequestSchema, value, 'access request')
}

/** What stands on the ledger as evidence that the request was made by then. */
export function requestCommitment(request: AccessRequest): Hash32 {
  return keccak(utf8('islet/v1/request\0'), utf8(canonicalJson(asJson(request))))
}

/** The 32 bytes that name a subject inside an opening; subjects of different types never meet. */
export function subjectHash(reader: InstitutionId, subject: Subject): Hash32 {
  switch (subject.type) {
    case 'institution':
      return ANY_SUBJECT
    case 'person':
    case 'study':
      return keccak(utf8(`islet/v1/subject/${subject.type}\0`), hexWord(reader), utf8(subject.handle))
    case 'delegate':
      return keccak(utf8('islet/v1/subject/delegate\0'), hexWord(subject.key))
    default:
      return subject satisfies never
  }
}
