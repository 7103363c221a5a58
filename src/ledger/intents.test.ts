import fc from 'fast-check'
import { hashTypedData, recoverAddress } from 'viem'
import { expect, test } from 'vitest'
import { fromHex, toHex } from '../vocabulary/index.ts'
import { consentLedgerDomain, consentLedgerTypes } from './abi/index.ts'
import {
  consentIdOf,
  type GrantIntent,
  grantDigest,
  revokeDigest,
  signGrant,
  signRevoke,
  verifyGrant,
  verifyRevoke,
} from './intents.ts'
import { hashOf, signerOf } from './testing/fixtures.ts'

const domain = { chainId: 7_215_335, consents: signerOf('contract').address }
const u64 = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n })
const words = fc.record({
  commitment: fc.string().map(hashOf),
  expiryDay: fc.integer({ min: 0, max: 2 ** 32 - 1 }),
  nonce: u64,
  deadline: u64,
})
const viemDomain = { ...consentLedgerDomain, chainId: domain.chainId, verifyingContract: domain.consents }

test('the digests are those of EIP-712 by another implementation', () => {
  fc.assert(
    fc.property(words, ({ commitment, expiryDay, nonce, deadline }) => {
      const { address: signer } = signerOf('patient')
      const common = { domain: viemDomain, types: consentLedgerTypes } as const
      const grant = { commitment, expiryDay, nonce, deadline, signer }
      expect(toHex(grantDigest(domain, grant))).toBe(
        hashTypedData({
          ...common,
          primaryType: 'Grant',
          message: { commitment, expiryDay, nonce, deadline },
        }),
      )
      const consentId = consentIdOf(commitment, signer)
      expect(toHex(revokeDigest(domain, grant))).toBe(
        hashTypedData({ ...common, primaryType: 'Revoke', message: { consentId, nonce, deadline } }),
      )
    }),
    { numRuns: 50 },
  )
})

test('a signature holds for exactly these words, this chain, this contract and this action', async () => {
  const by = signerOf('patient')
  const intent = signGrant(domain, by, {
    commitment: hashOf('c'),
    expiryDay: 30_000,
    nonce: 1n,
    deadline: 2n,
  })
  expect(verifyGrant(domain, intent)).toBe(true)
  const recovered = await recoverAddress({
    hash: toHex(grantDigest(domain, intent)),
    signature: intent.signature,
  })
  expect(recovered.toLowerCase()).toBe(by.address)
  const changes: readonly Partial<GrantIntent>[] = [
    { commitment: hashOf('d') },
    { expiryDay: 30_001 },
    { nonce: 2n },
    { deadline: 3n },
    { signer: signerOf('thief').address },
    { signature: '0x00' },
  ]
  for (const change of changes) expect(verifyGrant(domain, { ...intent, ...change })).toBe(false)
  expect(verifyGrant({ ...domain, chainId: 1 }, intent)).toBe(false)
  expect(verifyGrant({ ...domain, consents: signerOf('other').address }, intent)).toBe(false)
  expect(verifyRevoke(domain, intent)).toBe(false)
})

test('the second spelling of a signature (high s) is refused', () => {
  const by = signerOf('patient')
  const revoke = signRevoke(domain, by, { commitment: hashOf('c'), nonce: 0n, deadline: 2n })
  const bytes = fromHex(revoke.signature)
  const order = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n
  const high = order - BigInt(toHex(bytes.subarray(32, 64)))
  bytes.set(fromHex(high.toString(16).padStart(64, '0')), 32)
  bytes[64] = 1 - (bytes[64] ?? 0)
  expect(verifyRevoke(domain, revoke)).toBe(true)
  expect(verifyRevoke(domain, { ...revoke, signature: toHex(bytes) })).toBe(false)
})
