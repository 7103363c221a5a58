/**
 * The ledger as a person's own program reads it through this node: the port of `consent`, spelled in the contract's words.
 *
 * Law: nothing is kept and nobody is named: each question is answered from the newest block of this node's ledger.
 */
import type { Handlers } from '../../api/index.ts'
import type { ChainReader } from '../../consent/index.ts'
import { institutionId } from '../../vocabulary/index.ts'

/** No institution has this id. */
const NOBODY = institutionId(`0x${'00'.repeat(32)}`)

export function ledgerAnswers(
  chain: ChainReader,
): Pick<
  Handlers,
  'ledgerContracts' | 'ledgerMembers' | 'ledgerConsent' | 'ledgerRequest' | 'ledgerSlot' | 'ledgerAnchor'
> {
  return {
    ledgerContracts: async () => ({
      chain_id: Number(chain.domain.chainId),
      consents: chain.domain.consentLedger,
    }),
    ledgerMembers: async () => ({
      members: (await chain.members()).map(({ id, active, messageKey, hpkeKeyHash }) => ({
        id,
        active,
        message_key: messageKey,
        hpke_key_hash: hpkeKeyHash,
      })),
    }),
    ledgerConsent: async ({ params: { consent, signer } }) => {
      // The reader's membership is asked elsewhere: here a consent has none.
      const { head, state, expiryDay } = await chain.consent(consent, signer, NOBODY)
      return { state, expiry_day: expiryDay, height: head.number, time_seconds: head.timestamp }
    },
    ledgerRequest: async ({ params: { member, commitment } }) => ({
      recorded_seconds: (await chain.requestedAt(member, commitment)) ?? null,
    }),
    ledgerSlot: async ({ params: { member, stream } }) => ({ slot: await chain.latestSlot(member, stream) }),
    ledgerAnchor: async ({ params: { member, stream, slot } }) => ({
      anchor: (await chain.anchorAt(member, stream, slot)) ?? null,
    }),
  }
}
