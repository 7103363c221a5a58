/**
 * How an institution comes in: a member invites, the candidate makes its keys at home and signs a request that binds
 * all of them to the invitation, the members check and vote. The same way brings an institution back that lost its
 * keys: the invitation then names the id it already has, and its grants and readings stay.
 *
 * Laws: an invitation is signed by an active member, for one id, for one consortium, until an instant, and used once;
 * a request proves possession of the ledger and message keys and never asks for more roles than were offered. The
 * vote itself belongs to the ledger; these documents are what is voted on.
 */
import type { Hasher } from '../vault/index.ts'
import {
  type Address,
  type Bytes,
  canonicalJson,
  formatInstant,
  type Hash32,
  type Hex,
  hash32,
  INSTITUTION_ROLES,
  type InstitutionId,
  type InstitutionRole,
  isIsletError,
  maskOf,
  parseInstant,
  toHex,
  type UnixSeconds,
  utf8,
} from '../vocabulary/index.ts'
import type { Ed25519, Signer } from './ed25519.ts'
import { hpkeKeyHash, type InstitutionKeys, type InstitutionPublicKeys } from './institution-keys.ts'
import { proveLedgerKey, verifyLedgerKeyProof } from './ledger-proof.ts'
import { documentBytes, type SignedDocument, signDocument, verifyDocument } from './sign-document.ts'

export const INVITATION_TYPE = 'islet.invitation/1'
export const ENROLMENT_REQUEST_TYPE = 'islet.enrolment-request/1'

export type InvitationBody = {
  /** 32 random hex digits; used once. */
  readonly id: string
  /** Which consortium: chain id and the address of its `Membership`. */
  readonly chainId: number
  readonly membership: Address
  readonly inviter: InstitutionId
  /** Id of the institution that is to come in: random for a new one, its own for one that lost its keys. */
  readonly institution: InstitutionId
  readonly purpose: 'join' | 'replace-keys'
  readonly roles: readonly InstitutionRole[]
  readonly expires: string
}
export type Invitation = SignedDocument<InvitationBody>

export type EnrolmentRequestBody = {
  /** SHA-256 of the invitation, whole. */
  readonly invitation: Hash32
  readonly institution: InstitutionId
  /** Name for people; not on the ledger. */
  readonly name: string
  readonly roles: readonly InstitutionRole[]
  readonly keys: InstitutionPublicKeys
  readonly at: string
}
/** Signed by the candidate's new message key; `ledgerProof` by its new ledger key. */
export type EnrolmentRequest = SignedDocument<EnrolmentRequestBody> & { readonly ledgerProof: Hex }

/** Invites; signed by the inviter's message key. */
export function invite(
  terms: Omit<InvitationBody, 'expires' | 'roles'> & {
    readonly expires: UnixSeconds
    readonly roles: readonly InstitutionRole[]
  },
  inviter: Signer,
): Invitation {
  const { id, chainId, membership, institution, purpose, inviter: by } = terms
  const roles = INSTITUTION_ROLES.filter((role) => terms.roles.includes(role))
  const expires = formatInstant(terms.expires)
  return signDocument(
    INVITATION_TYPE,
    { id, chainId, membership, inviter: by, institution, purpose, roles, expires },
    inviter,
  )
}

/** Answers an invitation with keys made at home. */
export function requestEnrolment(
  invitation: Invitation,
  candidate: { readonly keys: InstitutionKeys; readonly name: string; readonly at: UnixSeconds },
  hasher: Pick<Hasher, 'sha256'>,
): EnrolmentRequest {
  const body: EnrolmentRequestBody = {
    invitation: invitationHash(invitation, hasher),
    institution: invitation.body.institution,
    name: candidate.name,
    roles: invitation.body.roles,
    keys: candidate.keys.public,
    at: formatInstant(candidate.at),
  }
  const ledgerProof = proveLedgerKey(candidate.keys.ledgerKey, requestBytes(body))
  return { ...signDocument(ENROLMENT_REQUEST_TYPE, body, candidate.keys.message), ledgerProof }
}

/** What a member checks an enrolment against. */
export interface EnrolmentContext {
  readonly chainId: number
  readonly membership: Address
  readonly at: UnixSeconds
  /** Message key of an active member, undefined for anybody else. */
  readonly messageKeyOf: (institution: InstitutionId) => Hash32 | undefined
  /** Whether an institution of that id is on the ledger, active or not. */
  readonly isKnown: (institution: InstitutionId) => boolean
  /** Whether an invitation was answered before by a request other than this one. */
  readonly isUsed: (invitationId: string, request: EnrolmentRequest) => boolean
}

/** What the members vote on: the entry of `Membership`. */
export interface MembershipEntry {
  readonly id: InstitutionId
  readonly ledgerAddress: Address
  readonly messageKey: Hash32
  readonly hpkeKeyHash: Hash32
  /** Bits as in `INSTITUTION_ROLES`. */
  readonly roleMask: number
}

export type EnrolmentCheck =
  | { readonly ok: true; readonly purpose: 'join' | 'replace-keys'; readonly entry: MembershipEntry }
  | {
      readonly ok: false
      readonly code:
        | 'INVITATION_ELSEWHERE'
        | 'INVITER_NOT_MEMBER'
        | 'INVITATION_FORGED'
        | 'INVITATION_EXPIRED'
        | 'INVITATION_USED'
        | 'INSTITUTION_KNOWN'
        | 'INSTITUTION_UNKNOWN'
        | 'REQUEST_FORGED'
        | 'REQUEST_OF_OTHER_INVITATION'
        | 'LEDGER_KEY_UNPROVED'
        | 'ROLES_WIDENED'
    }
type Refusal = Extract<EnrolmentCheck, { ok: false }>['code']

/** Whether members may vote on a request. */
export function checkEnrolment(
  request: EnrolmentRequest,
  invitation: Invitation,
  context: EnrolmentContext,
  ed: Ed25519,
  hasher: Pick<Hasher, 'sha256'>,
): EnrolmentCheck {
  const code =
    invitationFault(invitation, context, ed) ?? requestFault(request, invitation, context, ed, hasher)
  if (code !== undefined) return { ok: false, code }
  const { institution, keys, roles } = request.body
  return {
    ok: true,
    purpose: invitation.body.purpose,
    entry: {
      id: institution,
      ledgerAddress: keys.ledgerAddress,
      messageKey: keys.messageKey,
      hpkeKeyHash: hpkeKeyHash(keys.hpkeKey, hasher),
      roleMask: maskOf(INSTITUTION_ROLES, roles),
    },
  }
}

function invitationFault(
  invitation: Invitation,
  context: EnrolmentContext,
  ed: Ed25519,
): Refusal | undefined {
  const { body } = invitation
  if (body.chainId !== context.chainId || body.membership !== context.membership)
    return 'INVITATION_ELSEWHERE'
  const inviterKey = context.messageKeyOf(body.inviter)
  if (inviterKey === undefined) return 'INVITER_NOT_MEMBER'
  if (!verifyDocument(invitation, { type: INVITATION_TYPE, signer: inviterKey }, ed))
    return 'INVITATION_FORGED'
  const expires = expiryOf(body)
  if (expires === undefined) return 'INVITATION_FORGED'
  if (context.at >= expires) return 'INVITATION_EXPIRED'
  const known = context.isKnown(body.institution)
  if (body.purpose === 'join' && known) return 'INSTITUTION_KNOWN'
  return body.purpose === 'replace-keys' && !known ? 'INSTITUTION_UNKNOWN' : undefined
}

function requestFault(
  request: EnrolmentRequest,
  invitation: Invitation,
  context: EnrolmentContext,
  ed: Ed25519,
  hasher: Pick<Hasher, 'sha256'>,
): Refusal | undefined {
  const { body } = request
  const expected = { type: ENROLMENT_REQUEST_TYPE, signer: body.keys.messageKey } as const
  if (!verifyDocument(request, expected, ed)) return 'REQUEST_FORGED'
  const same =
    body.invitation === invitationHash(invitation, hasher) && body.institution === invitation.body.institution
  if (!same) return 'REQUEST_OF_OTHER_INVITATION'
  if (!verifyLedgerKeyProof(request.ledgerProof, requestBytes(body), body.keys.ledgerAddress)) {
    return 'LEDGER_KEY_UNPROVED'
  }
  if (!body.roles.every((role) => invitation.body.roles.includes(role))) return 'ROLES_WIDENED'
  return context.isUsed(invitation.body.id, request) ? 'INVITATION_USED' : undefined
}

function invitationHash(invitation: Invitation, hasher: Pick<Hasher, 'sha256'>): Hash32 {
  const { type, body, signer, signature } = invitation
  return hash32(toHex(hasher.sha256(utf8(canonicalJson({ type, body, signer, signature })))))
}

function requestBytes(body: EnrolmentRequestBody): Bytes {
  return documentBytes(ENROLMENT_REQUEST_TYPE, body)
}

function expiryOf(body: InvitationBody): UnixSeconds | undefined {
  try {
    return parseInstant(body.expires)
  } catch (error) {
    if (isIsletError(error, 'NOT_AN_INSTANT')) return undefined
    throw error
  }
}
