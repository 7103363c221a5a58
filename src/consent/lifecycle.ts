/**
 * The life of a consent as a state machine: the reference that node, contract and verifier are held against.
 *
 * Law: NONE → ACTIVE → REVOKED or NONE → REVOKED, never back; one address stands for one consent; a revoke of an
 * unknown id leaves a tombstone under which a held-back grant cannot rise (PROTOCOL 7, DESIGN law 4).
 */
import type { Address, ConsentId, UnixSeconds } from '../vocabulary/index.ts'

export interface ConsentRecord {
  readonly consentId: ConsentId
  readonly state: 'ACTIVE' | 'REVOKED'
  readonly expiryDay: number
}

/** All consents, by the address that signs for each. */
export type Lives = ReadonlyMap<Address, ConsentRecord>

export type GrantOutcome =
  | 'GRANTED'
  | 'EXPIRY_PASSED'
  | 'ALREADY_GRANTED'
  | 'ALREADY_REVOKED'
  | 'ADDRESS_SPENT'
export type RevokeOutcome = 'REVOKED' | 'TOMBSTONE' | 'ALREADY_REVOKED' | 'ADDRESS_SPENT'

const DAY_SECONDS = 86_400

/** A grant signed by `signer` reaches the ledger at `at`. */
export function applyGrant(
  lives: Lives,
  grant: { readonly consentId: ConsentId; readonly signer: Address; readonly expiryDay: number },
  at: UnixSeconds,
): readonly [Lives, GrantOutcome] {
  const known = lives.get(grant.signer)
  if (known !== undefined) {
    if (known.consentId !== grant.consentId) return [lives, 'ADDRESS_SPENT']
    return [lives, known.state === 'ACTIVE' ? 'ALREADY_GRANTED' : 'ALREADY_REVOKED']
  }
  if (grant.expiryDay * DAY_SECONDS <= at) return [lives, 'EXPIRY_PASSED']
  const record: ConsentRecord = { consentId: grant.consentId, state: 'ACTIVE', expiryDay: grant.expiryDay }
  return [withRecord(lives, grant.signer, record), 'GRANTED']
}

/** A revoke signed by `signer` reaches the ledger. */
export function applyRevoke(
  lives: Lives,
  revoke: { readonly consentId: ConsentId; readonly signer: Address },
): readonly [Lives, RevokeOutcome] {
  const known = lives.get(revoke.signer)
  if (known !== undefined && known.consentId !== revoke.consentId) return [lives, 'ADDRESS_SPENT']
  if (known?.state === 'REVOKED') return [lives, 'ALREADY_REVOKED']
  const record: ConsentRecord = {
    consentId: revoke.consentId,
    state: 'REVOKED',
    expiryDay: known?.expiryDay ?? 0,
  }
  return [withRecord(lives, revoke.signer, record), known === undefined ? 'TOMBSTONE' : 'REVOKED']
}

/** What the ledger's day alone says at an instant; the exact expiry is in the opening. */
export function stateAt(
  lives: Lives,
  signer: Address,
  consentId: ConsentId,
  at: UnixSeconds,
): 'NONE' | 'ACTIVE' | 'REVOKED' | 'EXPIRED' {
  const known = lives.get(signer)
  if (known?.consentId !== consentId) return 'NONE'
  return known.state === 'ACTIVE' && known.expiryDay * DAY_SECONDS <= at ? 'EXPIRED' : known.state
}

function withRecord(lives: Lives, signer: Address, record: ConsentRecord): Lives {
  return new Map(lives).set(signer, record)
}
