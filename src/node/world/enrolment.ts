/**
 * How a new institution comes in: invitation by a member, keys made by the candidate, signed request, votes of members.
 *
 * Laws: every voting member checks the request by itself, against the ledger as it sees it; the ledger admits when the
 * k-th of them has voted. All of it may be asked for again after a crash: who stands on the ledger is not voted in twice.
 */
import {
  checkEnrolment,
  type EnrolmentRequest,
  hpkeKeyHash,
  type InstitutionKeys,
  type Invitation,
  invite,
  requestEnrolment,
} from '../../identity/index.ts'
import { nodeEd25519 } from '../../identity/node-signer.door.ts'
import {
  CHANGE_KINDS,
  contractCall,
  type Deployment,
  type Founder,
  type Ledger,
  MEMBER_STATUSES,
  readContract,
  secp256k1Signer,
} from '../../ledger/index.ts'
import { nodeCrypto } from '../../vault/node-cipher.door.ts'
import {
  canonicalJson,
  fromHex,
  type Hash32,
  hash32,
  INSTITUTION_ROLES,
  type InstitutionId,
  type InstitutionRole,
  IsletError,
  institutionId,
  maskOf,
  quantity,
  toHex,
  type UnixSeconds,
  utf8,
} from '../../vocabulary/index.ts'
import type { Seat } from '../institution/party.ts'
import { wallClock } from '../institution/wire.ts'
import { voteOnStanding } from './member-standing.ts'

export interface Admission {
  readonly id: InstitutionId
  readonly votes: number
  readonly invitation: Invitation
  readonly request: EnrolmentRequest
}

const DAY = 86_400

/** Whoever enters for the first time: its id is the hash of its first message key, and stays when keys rotate. */
export function firstId(messageKey: Hash32): InstitutionId {
  return institutionId(toHex(nodeCrypto.hasher.sha256(fromHex(messageKey))))
}

/** The public part of keys, as the first block of a membership takes it. */
export function founderOf(keys: InstitutionKeys['public'], roles: readonly InstitutionRole[]): Founder {
  return {
    id: firstId(keys.messageKey),
    ledgerKey: keys.ledgerAddress,
    messageKey: keys.messageKey,
    hpkeKeyHash: hpkeKeyHash(keys.hpkeKey, nodeCrypto.hasher),
    roles: maskOf(INSTITUTION_ROLES, roles),
  }
}

/** Whether an institution stands on the ledger, active or suspended. */
export async function isAdmitted(
  ledger: Ledger,
  deployment: Deployment,
  id: InstitutionId,
): Promise<boolean> {
  const { value } = await readContract(ledger, deployment, 'membership', 'institution', [id])
  const status = MEMBER_STATUSES[value.status]
  return status !== undefined && status !== 'NONE'
}

/** Has the first member invite, the candidate answer, and members vote until the ledger admits. Throws `ENROLMENT_REFUSED`. */
export async function admit(
  candidate: { readonly seat: Seat; readonly roles: readonly InstitutionRole[] },
  voters: readonly Seat[],
  threshold: number,
): Promise<Admission> {
  const [inviter] = voters
  if (inviter === undefined) throw new IsletError('ENROLMENT_REFUSED', 'nobody invited')
  const { id } = candidate.seat
  const invitation = await inviter.invite({ id, roles: candidate.roles })
  const request = await candidate.seat.answer(invitation)
  let votes = 0
  for (const voter of voters.slice(0, threshold)) {
    await voter.vote(invitation, request)
    votes += 1
  }
  return { id, votes, invitation, request }
}

/** The acts of one institution, with its keys and its own view of the ledger. */
export function seatOf(parts: {
  readonly id: InstitutionId
  readonly name: string
  readonly keys: InstitutionKeys
  readonly ledger: Ledger
  readonly deployment: Deployment
}): Seat {
  const { id, name, keys, ledger, deployment } = parts
  const now = (): UnixSeconds => quantity<UnixSeconds>(Math.floor(wallClock()))
  return {
    id,
    invite: async (candidate) =>
      invite(
        {
          id: toHex(nodeCrypto.cipher.random(16)).slice(2),
          chainId: ledger.chainId,
          membership: deployment.membership,
          inviter: id,
          institution: candidate.id,
          purpose: 'join',
          roles: candidate.roles,
          expires: quantity<UnixSeconds>(now() + DAY),
        },
        keys.message,
      ),
    answer: async (invitation) => requestEnrolment(invitation, { keys, name, at: now() }, nodeCrypto.hasher),
    vote: async (invitation, request) => {
      const keyOf = await activeKeys(ledger, deployment)
      const verdict = checkEnrolment(
        request,
        invitation,
        {
          chainId: ledger.chainId,
          membership: deployment.membership,
          at: now(),
          messageKeyOf: (member) => keyOf.active.get(member),
          isKnown: (member) => keyOf.known.has(member),
          isUsed: () => false,
        },
        nodeEd25519,
        nodeCrypto.hasher,
      )
      if (!verdict.ok) {
        throw new IsletError('ENROLMENT_REFUSED', 'a member refused the enrolment', { because: verdict.code })
      }
      const { entry } = verdict
      const change = {
        kind: CHANGE_KINDS.indexOf('ADD'),
        member: {
          id: entry.id,
          ledgerKey: entry.ledgerAddress,
          messageKey: entry.messageKey,
          hpkeKeyHash: entry.hpkeKeyHash,
          roles: entry.roleMask,
        },
        threshold: 0,
        nonce: 0n,
        // The same for all who vote, and no later than the invitation.
        deadline: BigInt(Math.floor(Date.parse(invitation.body.expires) / 1000)),
      }
      const key = hash32(
        toHex(nodeCrypto.hasher.sha256(utf8(`islet/v1/vote\0${canonicalJson(request.body)}${id}`))),
      )
      const receipt = await ledger.submit(contractCall(deployment, 'membership', 'vote', [change]), {
        by: secp256k1Signer(keys.ledgerKey),
        keys: [key],
      })
      if (receipt.status !== 'success') {
        throw new IsletError('ENROLMENT_REFUSED', 'the ledger refused a vote', { because: 'LEDGER' })
      }
    },
    judge: async (vote) =>
      (await voteOnStanding({ ledger, deployment, by: secp256k1Signer(keys.ledgerKey) }, vote)).block.height,
  }
}

async function activeKeys(ledger: Ledger, deployment: Deployment) {
  const { value: ids } = await readContract(ledger, deployment, 'membership', 'institutionIds', [])
  const active = new Map<InstitutionId, Hash32>()
  const known = new Set<InstitutionId>()
  for (const text of ids) {
    const id = institutionId(text)
    const { value } = await readContract(ledger, deployment, 'membership', 'institution', [id])
    known.add(id)
    if (MEMBER_STATUSES[value.status] === 'ACTIVE') active.set(id, hash32(value.messageKey))
  }
  return { active, known }
}
