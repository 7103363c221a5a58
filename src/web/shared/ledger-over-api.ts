/**
 * The ledger as the browser reads it: through the node, by the routes of the contract, without saying who asks.
 *
 * Limit, stated: what the node says of the ledger is believed here; `islet verify` with signed heads of others is what
 * catches a node that lies (PROTOCOL 18, 19). A question is never signed, so that consents cannot be linked by it.
 */
import type { Client } from '../../api/index.ts'
import type { ChainReader, Member } from '../../consent/browser.door.ts'
import { type InstitutionId, quantity, type UnixSeconds } from '../../vocabulary/index.ts'

type LedgerClient = Pick<
  Client,
  | 'head'
  | 'ledgerContracts'
  | 'ledgerMembers'
  | 'ledgerConsent'
  | 'ledgerRequest'
  | 'ledgerSlot'
  | 'ledgerAnchor'
>

/** A reader of the ledger over the contract. Throws the node's codes, and `NODE_AWAY` as the client's fetch does. */
export async function ledgerOverApi(client: LedgerClient): Promise<ChainReader> {
  const { chain_id: chainId, consents } = await client.ledgerContracts()
  const members = async (): Promise<readonly Member[]> =>
    (await client.ledgerMembers()).members.map(({ id, active, message_key, hpke_key_hash }) => ({
      id,
      active,
      messageKey: message_key,
      hpkeKeyHash: hpke_key_hash,
    }))
  const member = async (id: InstitutionId): Promise<Member | undefined> =>
    (await members()).find((one) => one.id === id)
  const consentOf = (
    consent: Parameters<ChainReader['consent']>[0],
    signer: Parameters<ChainReader['consent']>[1],
  ) => client.ledgerConsent({ params: { consent, signer } })
  return {
    domain: { chainId: BigInt(chainId), consentLedger: consents },
    head: async () => {
      const { height, time } = await client.head()
      return { number: height, timestamp: quantity<UnixSeconds>(Date.parse(time) / 1_000) }
    },
    consent: async (id, signer, reader) => {
      const [standing, known] = await Promise.all([consentOf(id, signer), member(reader)])
      return {
        head: {
          number: standing.height,
          timestamp: quantity<UnixSeconds>(standing.time_seconds),
        },
        state: standing.state,
        expiryDay: standing.expiry_day,
        reader: known,
      }
    },
    consentState: async (id, signer) => {
      const { state, height } = await consentOf(id, signer)
      return { state, block: height }
    },
    member,
    members,
    requestedAt: async (institution, commitment) => {
      const { recorded_seconds: at } = await client.ledgerRequest({
        params: { member: institution, commitment },
      })
      return at === null ? undefined : quantity<UnixSeconds>(at)
    },
    anchorAt: async (institution, stream, slot) =>
      (await client.ledgerAnchor({ params: { member: institution, stream, slot } })).anchor ?? undefined,
    latestSlot: async (institution, stream) =>
      (await client.ledgerSlot({ params: { member: institution, stream } })).slot,
  }
}
