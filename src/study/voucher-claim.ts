/**
 * A person's own vouchers without a store, and the claim that a site believes.
 *
 * Laws: a voucher comes of the person's root and the place alone, so that whatever brings the root back brings it back
 * too; a claim is signed by the key of the consent that took part and by no identity, and counts at one site of one study
 * for one commitment.
 * Source: HKDF-SHA-256 (RFC 5869) for the derivation.
 */
import { keccak, signDigest, signerOf } from '../consent/browser.door.ts'
import { type Hasher, hkdf } from '../vault/index.ts'
import { type Address, concat, fromHex, type Hash32, type Hex, uint32, utf8 } from '../vocabulary/index.ts'
import { drawVoucher, type OwnVoucher, type VoucherPlace } from './vouchers.ts'

const OF_ROOT = utf8('islet/v1/voucher\0')
const CLAIM = utf8('islet/v1/voucher-claim\0')

/** The voucher that a root has for a study at a site. `root`: 32 bytes, the person’s own. */
export function voucherOfRoot(root: Uint8Array, place: VoucherPlace, hasher: Hasher): OwnVoucher {
  const here = concat(fromHex(place.study), fromHex(place.site))
  let drawn = 0
  return drawVoucher(place, (length) =>
    hkdf(hasher, root, { info: concat(OF_ROOT, here, uint32(drawn++)), length }),
  )
}

/** The word of a consent’s key that a commitment is its voucher’s: 65 bytes. */
export function signClaim(consentKey: Uint8Array, place: VoucherPlace, commitment: Hash32): Hex {
  return signDigest(consentKey, claimDigest(place, commitment))
}

/** Whose consent key signed a claim; undefined where the signature is of nobody. */
export function claimSigner(place: VoucherPlace, commitment: Hash32, signature: Hex): Address | undefined {
  return signerOf(claimDigest(place, commitment), signature)
}

function claimDigest({ study, site }: VoucherPlace, commitment: Hash32): Hash32 {
  return keccak(CLAIM, fromHex(study), fromHex(site), fromHex(commitment))
}
