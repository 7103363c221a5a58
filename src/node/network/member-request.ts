/**
 * How a consortium is founded by members on hosts of their own: each signs a request with the public part of keys that it
 * made at home; whoever holds all requests holds what the agreement follows from.
 *
 * Laws: the agreement follows from the requests and the instant alone, whatever their order, so every member makes it for
 * itself and only the hash of the genesis is compared; a request counts under its own message key and once.
 */
import Type, { type Static } from 'typebox'
import { AddressField, Hash32Field, oneOf, SignatureField } from '../../api/index.ts'
import { type InstitutionKeys, signDocument, verifyDocument } from '../../identity/index.ts'
import { nodeEd25519 } from '../../identity/node-signer.door.ts'
import {
  type Agreement,
  consortiumAgreement,
  FOUNDING_POWER,
  requireSeats,
} from '../../ledger/consortium.door.ts'
import {
  INSTITUTION_ROLES,
  type InstitutionId,
  IsletError,
  maskOf,
  quantity,
  type UnixSeconds,
} from '../../vocabulary/index.ts'
import { firstId, founderOf } from '../world/enrolment.ts'

const TYPE = 'islet.member-request/1'
const closed = { additionalProperties: false } as const

/** A member's node as the others reach it. */
export const MemberNode = Type.Object(
  {
    seatKey: Hash32Field,
    nodeId: Type.String({ pattern: '^[0-9a-f]{40}$' }),
    /** Host and port. */
    peer: Type.String({ pattern: '^[A-Za-z0-9.\\[\\]:-]{1,255}:[0-9]{1,5}$' }),
  },
  closed,
)
export type MemberNode = Static<typeof MemberNode>

export const MemberRequest = Type.Object(
  {
    type: Type.Literal(TYPE),
    body: Type.Object(
      {
        /** Handle and folder name among the members. */
        key: Type.String({ pattern: '^[a-z][a-z0-9-]{0,30}$' }),
        name: Type.String({ minLength: 1, maxLength: 100 }),
        roles: Type.Array(oneOf(INSTITUTION_ROLES), { minItems: 1, uniqueItems: true }),
        ledgerKey: AddressField,
        messageKey: Hash32Field,
        hpkeKeyHash: Hash32Field,
        /** Its node with a seat; null for a member without one. */
        node: Type.Union([MemberNode, Type.Null()]),
      },
      closed,
    ),
    signer: Hash32Field,
    signature: SignatureField,
  },
  closed,
)
export type MemberRequest = Static<typeof MemberRequest>

/** What a consortium is founded on. */
export const MembersFile = Type.Object(
  {
    schema: Type.Literal('islet.members/1'),
    /** Instant of the genesis, seconds since 1970. */
    begins: Type.Integer({ minimum: 1 }),
    /** How often an idle chain makes a block, seconds. */
    heartbeat_seconds: Type.Number({ exclusiveMinimum: 0 }),
    requests: Type.Array(MemberRequest, { minItems: 4, maxItems: 1_000 }),
  },
  closed,
)
export type MembersFile = Static<typeof MembersFile>

/** Less than a third of the power moves in this time. */
export const EPOCH_SECONDS = 3_600

/** Signs a request with the member's own message key. */
export function memberRequest(
  who: Pick<MemberRequest['body'], 'key' | 'name' | 'roles' | 'node'>,
  keys: Pick<InstitutionKeys, 'public' | 'message'>,
): MemberRequest {
  const { ledgerKey, messageKey, hpkeKeyHash } = founderOf(keys.public, who.roles)
  const body = { ...who, roles: [...who.roles], ledgerKey, messageKey, hpkeKeyHash }
  const { signer, signature } = signDocument(TYPE, body, keys.message)
  return { type: TYPE, body, signer, signature }
}

/** Throws `REQUEST_NOT_SIGNED` where the signature is not that of the request's own message key. */
export function requireSigned(request: MemberRequest): void {
  const { key, messageKey } = request.body
  if (verifyDocument(request, { type: TYPE, signer: messageKey }, nodeEd25519)) return
  throw new IsletError(
    'REQUEST_NOT_SIGNED',
    'a member’s request does not carry its own signature',
    { member: key },
    { remedy: 'Ask the member for the request again, and compare its hash by another way.' },
  )
}

/** The id that a member has on the ledger. */
export function memberId({ body }: MemberRequest): InstitutionId {
  return firstId(body.messageKey)
}

/**
 * The agreement that follows from the members' requests. Throws `REQUEST_NOT_SIGNED`, `MEMBER_TWICE`, `TOO_FEW_SEATS`.
 */
export function agreementOfMembers({ begins, requests }: MembersFile): Agreement {
  const once = new Set<string>()
  for (const request of requests) {
    const { key, ledgerKey, messageKey, node } = request.body
    requireSigned(request)
    const names = [key, ledgerKey, messageKey, ...(node === null ? [] : [node.seatKey, node.nodeId])]
    if (names.some((name) => once.has(name))) {
      throw new IsletError('MEMBER_TWICE', 'two requests name one key or one handle', { member: key })
    }
    for (const name of names) once.add(name)
  }
  const members = requests
    .map((request) => ({ id: memberId(request), ...request.body }))
    .sort((a, b) => (a.id < b.id ? -1 : 1))
  const seats = members.flatMap(({ id, node }) =>
    node === null ? [] : [{ institution: id, key: node.seatKey, power: FOUNDING_POWER }],
  )
  requireSeats(seats.length)
  return consortiumAgreement({
    founders: members.map(({ id, ledgerKey, messageKey, hpkeKeyHash, roles }) => {
      return { id, ledgerKey, messageKey, hpkeKeyHash, roles: maskOf(INSTITUTION_ROLES, roles) }
    }),
    // More than half of the founders decide on members.
    threshold: Math.floor(members.length / 2) + 1,
    seats,
    begins: quantity<UnixSeconds>(begins),
    epochSeconds: EPOCH_SECONDS,
  })
}
