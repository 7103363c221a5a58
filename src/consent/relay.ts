/**
 * Relaying signed grants to the ledger: any member does it for any patient, and learns a commitment and a day.
 *
 * Laws: each intent's signature is verified here and in the contract (PROTOCOL 11); nothing of a patient is kept.
 */
import Type from 'typebox'
import { AddressField, Hash32Field } from '../api/index.ts'
import { IsletError } from '../vocabulary/index.ts'
import type { ChainReader, ChainWriter, GrantCode, SignedGrant } from './chain.ts'
import { Count, type Document, LedgerSignature, record, Uint64Digits } from './document.ts'
import { intentDigest, signerOf } from './intents.ts'

export const GrantRelaySchema = record({
  commitment: Hash32Field,
  expiryDay: Count,
  nonce: Uint64Digits,
  deadline: Uint64Digits,
  signer: AddressField,
  signature: LedgerSignature,
})
/** A signed grant as it travels to a relayer. */
export type GrantRelay = Document<typeof GrantRelaySchema>
export const GrantRelayAnswerSchema = record({ code: Type.String(), block: Count })

export interface Relay {
  /** Relays a signed grant. Throws `INTENT_REFUSED` when the signature is not the named signer's. */
  grant(relay: GrantRelay): Promise<{ readonly code: GrantCode; readonly block: number }>
}

export function relay(chain: Pick<ChainReader, 'domain'> & Pick<ChainWriter, 'grant'>): Relay {
  return {
    grant: async (document) => {
      const grant = signedGrant(document)
      if (signerOf(intentDigest(chain.domain, grant.intent), grant.signature) !== grant.signer) {
        throw new IsletError('INTENT_REFUSED', 'the grant is not signed by the address it names')
      }
      return chain.grant(grant)
    },
  }
}

export function grantRelay(grant: SignedGrant): GrantRelay {
  const { commitment, expiryDay, nonce, deadline } = grant.intent
  const { signer, signature } = grant
  return { commitment, expiryDay, nonce: nonce.toString(), deadline: deadline.toString(), signer, signature }
}

function signedGrant(document: GrantRelay): SignedGrant {
  const { commitment, expiryDay, nonce, deadline, signer, signature } = document
  return {
    intent: { action: 'grant', commitment, expiryDay, nonce: BigInt(nonce), deadline: BigInt(deadline) },
    signer,
    signature,
  }
}
