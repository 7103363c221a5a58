/**
 * A person's voucher for taking part: made of their own root, claimed by the key of the consent that took part, and
 * redeemed where they say.
 *
 * Law: both go out under a key made for the message alone (`signed-send.ts`); what is said of the voucher is asked by its
 * commitment, and nothing is kept here that the root does not bring back.
 */
import type { Client } from '../../../api/index.ts'
import type { GrantState } from '../../../consent/browser.door.ts'
import {
  signClaim,
  signRedemption,
  voucherCommitment,
  voucherNullifier,
  voucherOfRoot,
} from '../../../study/browser.door.ts'
import { webCrypto } from '../../../vault/web-cipher.door.ts'
import { type Hash32, hash32, type InstitutionId } from '../../../vocabulary/index.ts'
import { askNode } from '../../shared/node-fetch.ts'
import type { Person } from '../sign-in.ts'

export type VoucherStanding = Awaited<ReturnType<Client['voucher']>>

/** The voucher of one consent. */
export interface MyVoucher {
  readonly standing: () => Promise<VoucherStanding>
  /** Throws `NOT_A_PARTICIPANT`, `VOUCHERS_ISSUED`, `VOUCHER_CLAIMED`. */
  readonly claim: () => Promise<void>
  /** Redeems what was issued. Throws `VOUCHER_REDEEMED`, `VOUCHER_UNKNOWN`. */
  readonly redeem: (standing: VoucherStanding, at: InstitutionId) => Promise<void>
}

export function myVoucher({ keys, send }: Person, study: Hash32, { index, handOver }: GrantState): MyVoucher {
  const place = { study, site: handOver.opening.reader }
  const own = voucherOfRoot(keys.root, place, webCrypto.hasher)
  const { voucher } = own
  const commitment = voucherCommitment(voucher)
  return {
    standing: () =>
      askNode().voucher({ params: { ...place, commitment, nullifier: voucherNullifier(voucher) } }),
    claim: async () => {
      const consent = hash32(handOver.consentId)
      const signature = signClaim(keys.consent(index).privateKey, place, commitment)
      await send(place.site, 'voucher-claim', { study, consent, commitment, signature })
    },
    redeem: async ({ place: inBatch, chain_id: chainId, credits }, at) => {
      if (inBatch === null) return
      const signature = signRedemption(own, at, { chainId: BigInt(chainId), credits })
      const path = [...inBatch.path]
      await send(at, 'voucher-redemption', { voucher: { ...voucher }, index: inBatch.index, path, signature })
    },
  }
}
