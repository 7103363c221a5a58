/**
 * Delegates: a carer who may read, a guardian who may grant and revoke, named by the patient and revocable by both.
 *
 * Laws: authority comes from the patient's identity key alone and goes one step only: a delegate cannot delegate.
 * A revocation is terminal, whatever its instant says and whichever arrives first. The patient needs no delegation
 * and cannot be locked out by one. A minor's root is held by the guardian and handed over with the recovery code.
 */
import {
  formatInstant,
  type Hash32,
  isIsletError,
  parseInstant,
  type UnixSeconds,
} from '../vocabulary/index.ts'
import type { Ed25519, Signer } from './ed25519.ts'
import { type SignedDocument, signDocument, verifyDocument } from './sign-document.ts'

/** What a delegate may do in the patient's place. */
export const DELEGATE_RIGHTS = ['read', 'grant', 'revoke'] as const
export type DelegateRight = (typeof DELEGATE_RIGHTS)[number]

export const DELEGATION_TYPE = 'islet.delegation/1'
export const DELEGATION_REVOCATION_TYPE = 'islet.delegation-revocation/1'

/** Instants are RFC 3339; valid from ≤ at < until. */
export type DelegationBody = {
  /** 32 random hex digits. */
  readonly id: string
  /** Identity keys, Ed25519. */
  readonly patient: Hash32
  readonly delegate: Hash32
  readonly rights: readonly DelegateRight[]
  readonly from: string
  readonly until: string
}
export type Delegation = SignedDocument<DelegationBody>

export type DelegationRevocationBody = {
  readonly id: string
  readonly patient: Hash32
  readonly at: string
}
/** Signed by the patient, or by the delegate who resigns. */
export type DelegationRevocation = SignedDocument<DelegationRevocationBody>

/** Names a delegate. The rights are spelled once, in the order of `DELEGATE_RIGHTS`. */
export function delegate(
  terms: {
    readonly id: string
    readonly delegate: Hash32
    readonly rights: readonly DelegateRight[]
    readonly from: UnixSeconds
    readonly until: UnixSeconds
  },
  patient: { readonly identity: Signer; readonly identityKey: Hash32 },
): Delegation {
  const body: DelegationBody = {
    id: terms.id,
    patient: patient.identityKey,
    delegate: terms.delegate,
    rights: DELEGATE_RIGHTS.filter((right) => terms.rights.includes(right)),
    from: formatInstant(terms.from),
    until: formatInstant(terms.until),
  }
  return signDocument(DELEGATION_TYPE, body, patient.identity)
}

/** Ends a delegation for good. */
export function endDelegation(delegation: Delegation, at: UnixSeconds, by: Signer): DelegationRevocation {
  const { id, patient } = delegation.body
  return signDocument(DELEGATION_REVOCATION_TYPE, { id, patient, at: formatInstant(at) }, by)
}

/** What is known of a patient's delegates; order and repetition do not matter. */
export interface DelegationRecord {
  /** The patient's enrolled identity key. */
  readonly patient: Hash32
  readonly delegations: readonly Delegation[]
  readonly revocations: readonly DelegationRevocation[]
}

export type Authority =
  | { readonly allowed: true; readonly by: 'patient' }
  | { readonly allowed: true; readonly by: 'delegate'; readonly delegation: string }
  | {
      readonly allowed: false
      readonly code:
        | 'DELEGATION_MISSING'
        | 'DELEGATION_FORGED'
        | 'DELEGATION_REVOKED'
        | 'RIGHT_NOT_DELEGATED'
        | 'DELEGATION_NOT_YET'
        | 'DELEGATION_EXPIRED'
    }
type Refusal = Extract<Authority, { allowed: false }>['code']

/** Among several refusals the one that says most about what is missing. */
const TELLING: readonly Refusal[] = [
  'DELEGATION_EXPIRED',
  'DELEGATION_NOT_YET',
  'RIGHT_NOT_DELEGATED',
  'DELEGATION_REVOKED',
  'DELEGATION_FORGED',
  'DELEGATION_MISSING',
]

/** Whether the holder of an identity key may use a right of the patient at an instant. */
export function authorityOf(
  actor: Hash32,
  right: DelegateRight,
  at: UnixSeconds,
  known: DelegationRecord,
  ed: Ed25519,
): Authority {
  if (actor === known.patient) return { allowed: true, by: 'patient' }
  const refusals: Refusal[] = ['DELEGATION_MISSING']
  for (const delegation of known.delegations) {
    if (delegation.body.delegate !== actor || delegation.body.patient !== known.patient) continue
    const refusal = refusalOf(delegation, right, at, known, ed)
    if (refusal === undefined) return { allowed: true, by: 'delegate', delegation: delegation.body.id }
    refusals.push(refusal)
  }
  return { allowed: false, code: TELLING.find((code) => refusals.includes(code)) ?? 'DELEGATION_MISSING' }
}

function refusalOf(
  delegation: Delegation,
  right: DelegateRight,
  at: UnixSeconds,
  known: DelegationRecord,
  ed: Ed25519,
): Refusal | undefined {
  const { body } = delegation
  if (!verifyDocument(delegation, { type: DELEGATION_TYPE, signer: known.patient }, ed))
    return 'DELEGATION_FORGED'
  const ended = known.revocations.some(
    (revocation) =>
      revocation.body.id === body.id &&
      revocation.body.patient === body.patient &&
      (revocation.signer === body.patient || revocation.signer === body.delegate) &&
      verifyDocument(revocation, { type: DELEGATION_REVOCATION_TYPE }, ed),
  )
  if (ended) return 'DELEGATION_REVOKED'
  if (!body.rights.includes(right)) return 'RIGHT_NOT_DELEGATED'
  const [from, until] = [instant(body.from), instant(body.until)]
  if (from === undefined || until === undefined) return 'DELEGATION_FORGED'
  if (at < from) return 'DELEGATION_NOT_YET'
  return at < until ? undefined : 'DELEGATION_EXPIRED'
}

function instant(text: string): UnixSeconds | undefined {
  try {
    return parseInstant(text)
  } catch (error) {
    if (isIsletError(error, 'NOT_AN_INSTANT')) return undefined
    throw error
  }
}
