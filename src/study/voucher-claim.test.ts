/** A voucher comes back from the root alone; a claim counts for one voucher at one place, by the consent's own key. */
import { describe, expect, it } from 'vitest'
import { addressOfSecret } from '../consent/browser.door.ts'
import { nobleHasher as hasher } from '../vault/index.ts'
import { utf8 } from '../vocabulary/index.ts'
import { hashOf, siteOf } from './testing/papers.ts'
import { claimSigner, signClaim, voucherOfRoot } from './voucher-claim.ts'
import {
  redemptionDigest,
  redemptionSigner,
  signRedemption,
  voucherCommitment,
  voucherNullifier,
} from './vouchers.ts'

const root = hasher.sha256(utf8('a person'))
const place = { study: hashOf('study'), site: siteOf('north') }
const own = voucherOfRoot(root, place, hasher)
const commitment = voucherCommitment(own.voucher)

describe('a voucher of a root', () => {
  it('is the same whenever it is made, and another for another root, study or site', () => {
    expect(voucherOfRoot(root.slice(), { ...place }, hasher)).toEqual(own)
    const others = [
      voucherOfRoot(hasher.sha256(utf8('somebody else')), place, hasher),
      voucherOfRoot(root, { ...place, study: hashOf('another') }, hasher),
      voucherOfRoot(root, { ...place, site: siteOf('south') }, hasher),
    ]
    expect(new Set([own, ...others].map(({ voucher }) => voucher.bearer)).size).toBe(4)
    expect(new Set([own, ...others].map(({ voucher }) => voucher.salt)).size).toBe(4)
  })
})

describe('a claim', () => {
  const consentKey = hasher.sha256(utf8('a consent'))
  const signature = signClaim(consentKey, place, commitment)

  it('names the key of the consent', () => {
    expect(claimSigner(place, commitment, signature)).toBe(addressOfSecret(consentKey))
  })

  it.each([
    ['another voucher', place, hashOf('another')],
    ['another study', { ...place, study: hashOf('another') }, commitment],
    ['another site', { ...place, site: siteOf('south') }, commitment],
  ])('says nothing of %s', (_, elsewhere, claimed) => {
    expect(claimSigner(elsewhere, claimed, signature)).not.toBe(addressOfSecret(consentKey))
  })
})

it('a redemption is by the voucher’s own key, for the member that it names', () => {
  const domain = { chainId: 31_337n, credits: addressOfSecret(root) }
  const nullifier = voucherNullifier(own.voucher)
  const signature = signRedemption(own, siteOf('west'), domain)
  expect(redemptionSigner(nullifier, siteOf('west'), domain, signature)).toBe(own.voucher.bearer)
  expect(redemptionSigner(nullifier, siteOf('east'), domain, signature)).not.toBe(own.voucher.bearer)
  expect(redemptionDigest(nullifier, siteOf('west'), domain)).not.toBe(
    redemptionDigest(nullifier, siteOf('east'), domain),
  )
})
