import fc from 'fast-check'
import { hashTypedData } from 'viem'
import { privateKeyToAccount } from 'viem/accounts'
import { describe, expect, it } from 'vitest'
import vectors from '../../test-vectors/eip712.json' with { type: 'json' }
import { consentLedgerDomain, consentLedgerTypes } from '../ledger/abi/index.ts'
import {
  ACTIONS,
  address,
  concat,
  consentId,
  fromHex,
  type Hash32,
  type Hex,
  hash32,
  institutionId,
  KINDS,
  membersOf,
  PURPOSES,
  quantity,
  toHex,
  type UnixSeconds,
  type UtcHour,
} from '../vocabulary/index.ts'
import { addressOfSecret, type IntentDomain, intentDigest, signDigest, signerOf } from './intents.ts'
import { commitmentOf, consentIdOf, expiryDayOf, type Opening } from './opening.ts'

const ORDER = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n

function domainOf(one: (typeof vectors.cases)[number]): IntentDomain {
  return { chainId: BigInt(one.chainId), consentLedger: address(one.verifyingContract) }
}

describe('signed intents', () => {
  it.each(vectors.cases)('have the digest that the contract computes: $name', (one) => {
    const commitment = hash32(one.commitment)
    const signer = address(one.signer)
    const nonce = BigInt(one.nonce)
    const deadline = BigInt(one.deadline)
    const grant = { action: 'grant', commitment, expiryDay: one.expiryDay, nonce, deadline } as const
    expect(intentDigest(domainOf(one), grant)).toBe(one.grant.digest)
    expect(consentIdOf(commitment, signer)).toBe(one.consentId)
    const revoke = { action: 'revoke', consentId: consentId(one.consentId), nonce, deadline } as const
    expect(intentDigest(domainOf(one), revoke)).toBe(one.revoke.digest)
    const secret = fromHex(one.signerKey)
    expect(addressOfSecret(secret)).toBe(signer)
    for (const [digest, signed] of [
      [one.grant.digest, one.grant],
      [one.revoke.digest, one.revoke],
    ] as const) {
      const signature = signDigest(secret, hash32(digest))
      expect(signature).toBe(`${signed.r}${signed.s.slice(2)}${signed.v.toString(16)}`)
      expect(signerOf(hash32(digest), signature)).toBe(signer)
    }
  })

  it.each(vectors.cases)('commit to an opening as the contract does: $name', (one) => {
    const { opening } = one
    // Masks with bits that no list names cannot be written as an opening here.
    if (opening.kinds >= 2 ** KINDS.length || opening.actions >= 2 ** ACTIONS.length) return
    const given: Opening = {
      reader: institutionId(opening.reader),
      subject: hash32(opening.subject),
      kinds: membersOf(KINDS, opening.kinds),
      actions: membersOf(ACTIONS, opening.actions),
      purposes: membersOf(PURPOSES, opening.purposes),
      window: { first: quantity<UtcHour>(opening.firstHour), end: quantity<UtcHour>(opening.endHour) },
      notBefore: quantity<UnixSeconds>(Number(opening.notBefore)),
      expiresAt: quantity<UnixSeconds>(Number(opening.expiresAt)),
      patientKey: hash32(opening.patientKey),
      delegation: opening.delegate,
      terms: hash32(opening.termsHash),
      salt: hash32(opening.salt),
    }
    expect(commitmentOf(given)).toBe(one.commitment)
    expect(expiryDayOf(given.expiresAt)).toBe(one.expiryDay)
  })

  it('agree with viem on digest and signer for any content', () => {
    const bytes32 = fc
      .uint8Array({ minLength: 32, maxLength: 32 })
      .map((bytes): Hash32 => hash32(toHex(bytes)))
    const contract = fc.uint8Array({ minLength: 20, maxLength: 20 }).map((bytes) => address(toHex(bytes)))
    const uint64 = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n })
    fc.assert(
      fc.property(
        fc.bigInt({ min: 1n, max: 2n ** 53n - 1n }),
        contract,
        bytes32,
        fc.nat({ max: 2 ** 31 - 1 }),
        uint64,
        uint64,
        fc.bigInt({ min: 1n, max: ORDER - 1n }),
        (chainId, verifyingContract, word, expiryDay, nonce, deadline, secret) => {
          const domain = { ...consentLedgerDomain, chainId, verifyingContract }
          const ours: IntentDomain = { chainId, consentLedger: verifyingContract }
          const grant = hashTypedData({
            domain,
            types: consentLedgerTypes,
            primaryType: 'Grant',
            message: { commitment: word, expiryDay, nonce, deadline },
          })
          expect(intentDigest(ours, { action: 'grant', commitment: word, expiryDay, nonce, deadline })).toBe(
            grant,
          )
          const revoke = hashTypedData({
            domain,
            types: consentLedgerTypes,
            primaryType: 'Revoke',
            message: { consentId: word, nonce, deadline },
          })
          const id = consentId(word)
          expect(intentDigest(ours, { action: 'revoke', consentId: id, nonce, deadline })).toBe(revoke)
          const key = fromHex(secret.toString(16).padStart(64, '0'))
          const account = privateKeyToAccount(toHex(key))
          expect(addressOfSecret(key)).toBe(account.address.toLowerCase())
          expect(signerOf(hash32(grant), signDigest(key, hash32(grant)))).toBe(account.address.toLowerCase())
        },
      ),
      { numRuns: 40 },
    )
  })

  it('of a high s, another recovery bit or another length name nobody', () => {
    const secret = fromHex('11'.repeat(32))
    const digest = hash32(`0x${'ab'.repeat(32)}`)
    const signature = fromHex(signDigest(secret, digest))
    const s = BigInt(toHex(signature.subarray(32, 64)))
    const high = fromHex((ORDER - s).toString(16).padStart(64, '0'))
    const flipped = (signature[64] ?? 0) === 27 ? 28 : 27
    const malleated = toHex(concat(signature.subarray(0, 32), high, Uint8Array.of(flipped)))
    expect(signerOf(digest, malleated)).toBeUndefined()
    expect(signerOf(digest, toHex(signature.subarray(0, 64)))).toBeUndefined()
    expect(signerOf(digest, toHex(concat(signature.subarray(0, 64), Uint8Array.of(0))))).toBeUndefined()
    expect(signerOf(digest, '0xzz' as Hex)).toBeUndefined()
  })

  it('do not hold on another chain, for another contract, or as the other action', () => {
    const secret = fromHex('22'.repeat(32))
    const domain: IntentDomain = { chainId: 7n, consentLedger: address(`0x${'01'.repeat(20)}`) }
    const word = hash32(`0x${'cd'.repeat(32)}`)
    const grant = { action: 'grant', commitment: word, expiryDay: 1, nonce: 0n, deadline: 9n } as const
    const signature = signDigest(secret, intentDigest(domain, grant))
    const signer = addressOfSecret(secret)
    const others = [
      intentDigest({ ...domain, chainId: 8n }, grant),
      intentDigest({ ...domain, consentLedger: address(`0x${'02'.repeat(20)}`) }, grant),
      intentDigest(domain, { ...grant, nonce: 1n }),
      intentDigest(domain, { ...grant, deadline: 10n }),
      intentDigest(domain, { action: 'revoke', consentId: consentId(word), nonce: 0n, deadline: 9n }),
    ]
    for (const digest of others) expect(signerOf(digest, signature)).not.toBe(signer)
  })
})
