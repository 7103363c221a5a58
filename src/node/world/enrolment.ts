/**
 * How a new institution comes in: invitation by a member, keys made by the candidate, signed request, votes of members.
 *
 * Law: every voting member checks the request by itself; the ledger admits when the k-th of them has voted.
 */
import {
  checkEnrolment,
  type EnrolmentRequest,
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
  type Ledger,
  readContract,
  secp256k1Signer,
} from '../../ledger/index.ts'
import { nodeCrypto } from '../../vault/node-cipher.door.ts'
import {
  canonicalJson,
  type Hash32,
  hash32,
  type InstitutionId,
  type InstitutionRole,
  IsletError,
  institutionId,
  quantity,
  toHex,
  type UnixSeconds,
  utf8,
} from '../../vocabulary/index.ts'

export interface Voter {
  readonly id: InstitutionId
  readonly keys: InstitutionKeys
}

export interface Candidate {
  readonly name: string
  readonly roles: readonly InstitutionRole[]
  readonly keys: InstitutionKeys
}

export interface Admission {
  readonly id: InstitutionId
  readonly votes: number
  readonly invitation: Invitation
  readonly request: EnrolmentRequest
}

const DAY = 86_400

/** Invites, checks and votes a candidate in. Throws `ENROLMENT_REFUSED`. */
export async function admit(
  ledger: Ledger,
  deployment: Deployment,
  candidate: Candidate,
  voters: readonly Voter[],
  keyOf: ReadonlyMap<InstitutionId, Hash32>,
  now: UnixSeconds,
): Promise<Admission> {
  const [inviter] = voters
  if (inviter === undefined) throw new IsletError('ENROLMENT_REFUSED', 'nobody invited')
  const id = institutionId(toHex(nodeCrypto.cipher.random(32)))
  const invitation = invite(
    {
      id: toHex(nodeCrypto.cipher.random(16)).slice(2),
      chainId: ledger.chainId,
      membership: deployment.membership,
      inviter: inviter.id,
      institution: id,
      purpose: 'join',
      roles: candidate.roles,
      expires: quantity<UnixSeconds>(now + DAY),
    },
    inviter.keys.message,
  )
  const request = requestEnrolment(
    invitation,
    { keys: candidate.keys, name: candidate.name, at: now },
    nodeCrypto.hasher,
  )
  const { value: threshold } = await readContract(ledger, deployment, 'membership', 'threshold', [])
  const deadline = BigInt(Math.floor(now) + DAY)
  let votes = 0
  for (const voter of voters.slice(0, threshold)) {
    const verdict = checkEnrolment(
      request,
      invitation,
      {
        chainId: ledger.chainId,
        membership: deployment.membership,
        at: now,
        messageKeyOf: (member) => keyOf.get(member),
        isKnown: (member) => keyOf.has(member),
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
      deadline,
    }
    const key = hash32(
      toHex(nodeCrypto.hasher.sha256(utf8(`islet/v1/vote\0${canonicalJson(request.body)}${voter.id}`))),
    )
    const receipt = await ledger.submit(contractCall(deployment, 'membership', 'vote', [change]), {
      by: secp256k1Signer(voter.keys.ledgerKey),
      keys: [key],
    })
    if (receipt.status !== 'success') throw new IsletError('ENROLMENT_REFUSED', 'the ledger refused a vote')
    votes += 1
  }
  return { id, votes, invitation, request }
}
