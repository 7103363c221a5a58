/**
 * What a consent's own key signs: its grant and its end; and the receipts that the identity key signs beside them.
 *
 * Law: the key of consent n signs for consent n alone (PROTOCOL 7); a revoke has no end of its validity, for a will to stop
 * does not grow old.
 */
import { quantity, type UnixSeconds } from '../vocabulary/index.ts'
import type { SignedGrant } from './chain.ts'
import { sign } from './document.ts'
import type { HandOver } from './hand-over.ts'
import { intentDigest, signDigest } from './intents.ts'
import { commitmentOf, expiryDayOf } from './opening.ts'
import type { PatientPorts } from './patient-ports.ts'
import type { GrantState } from './patient-state.ts'
import { receiptOf, type SignedReceipt } from './receipt.ts'
import { type RevokeDocument, revokeDocument } from './revoke-register.ts'
import { revokeSentence } from './sentence.ts'

/** Seconds that a grant may wait for the ledger. */
const GRANT_DEADLINE = 600
const REVOKE_DEADLINE = 2n ** 63n - 1n

/** The intent that puts a grant on the ledger, signed with its own key. */
export function signedGrant(
  ports: PatientPorts,
  index: number,
  hand: HandOver,
  at: UnixSeconds = ports.clock(),
): SignedGrant {
  const key = ports.keys.consent(index)
  const intent = {
    action: 'grant',
    commitment: commitmentOf(hand.opening),
    expiryDay: expiryDayOf(hand.opening.expiresAt),
    nonce: 0n,
    deadline: BigInt(Math.floor(at) + GRANT_DEADLINE),
  } as const
  const signature = signDigest(key.privateKey, intentDigest(ports.chain.domain, intent))
  return { intent, signer: key.address, signature }
}

/** The intent that ends a grant, signed with its own key. */
export function signedRevoke(ports: PatientPorts, grant: GrantState): RevokeDocument {
  const key = ports.keys.consent(grant.index)
  const { consentId, opening } = grant.handOver
  const intent = { action: 'revoke', consentId, nonce: 1n, deadline: REVOKE_DEADLINE } as const
  const signature = signDigest(key.privateKey, intentDigest(ports.chain.domain, intent))
  return revokeDocument({ intent, commitment: commitmentOf(opening), signer: key.address, signature })
}

/** The receipt of a grant or of its end. */
export function signedReceipt(
  ports: PatientPorts,
  handOver: HandOver,
  event: 'granted' | 'revoked',
  byGuardian: boolean,
): SignedReceipt {
  const at = quantity<UnixSeconds>(Math.floor(ports.clock()))
  const { consentId, signer, opening, readerName, subject, custodian, given, terms } = handOver
  const sentence = event === 'granted' ? terms.sentence : revokeSentence(readerName)
  const guardian = byGuardian ? { guardian: ports.keys.identityKey } : {}
  const facts = { event, at, given, consentId, signer, opening, sentence, readerName, subject, custodian }
  const body = receiptOf({ ...facts, ...guardian })
  return { ...sign('islet.receipt/1', body, ports.keys.identity), type: 'islet.receipt/1' }
}
