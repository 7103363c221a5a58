/** What every ledger behind the consent port must do; the reference in memory and the real one run it. */
import { describe, expect, it } from 'vitest'
import {
  hash32,
  type InstitutionId,
  isIsletError,
  quantity,
  type UnixSeconds,
} from '../../vocabulary/index.ts'
import { keccakText } from '../abi-words.ts'
import type { ChainReader, ChainWriter, SignedGrant, SignedRevoke } from '../chain.ts'
import { addressOfSecret, type IntentDomain, intentDigest, signDigest } from '../intents.ts'
import { consentIdOf } from '../opening.ts'
import { seedOf } from './town.ts'

export interface ChainUnderTest {
  readonly own: InstitutionId
  readonly other: InstitutionId
  readonly chain: ChainReader & ChainWriter
  readonly now: () => UnixSeconds
}

export function consentOf(domain: IntentDomain, name: string, now: number) {
  const key = seedOf(`consent key ${name}`)
  const signer = addressOfSecret(key)
  const commitment = keccakText(`commitment ${name}`)
  const consentId = consentIdOf(commitment, signer)
  const deadline = BigInt(Math.floor(now) + 3_600)
  const grant = (expiryDay = 42_000): SignedGrant => {
    const intent = { action: 'grant', commitment, expiryDay, nonce: 0n, deadline } as const
    return { intent, signer, signature: signDigest(key, intentDigest(domain, intent)) }
  }
  const revoke = (): SignedRevoke => {
    const intent = { action: 'revoke', consentId, nonce: 1n, deadline: 2n ** 63n - 1n } as const
    return { intent, commitment, signer, signature: signDigest(key, intentDigest(domain, intent)) }
  }
  return { signer, commitment, consentId, grant, revoke }
}

export function chainSuite(name: string, open: () => ChainUnderTest): void {
  describe(`the ledger behind the consent port: ${name}`, () => {
    it('takes a grant once and shows it with its block and its reader', async () => {
      const { chain, now, other } = open()
      const one = consentOf(chain.domain, `${name} once`, now())
      expect((await chain.grant(one.grant())).code).toBe('GRANTED')
      const reading = await chain.consent(one.consentId, one.signer, other)
      expect(reading).toMatchObject({
        state: 'ACTIVE',
        expiryDay: 42_000,
        reader: { id: other, active: true },
      })
      expect(reading.head.number).toBeGreaterThan(0)
      expect((await chain.consentState(one.consentId, one.signer)).state).toBe('ACTIVE')
      const elsewhere = consentOf(chain.domain, `${name} elsewhere`, now())
      expect((await chain.consent(elsewhere.consentId, one.signer, other)).state).toBe('NONE')
    })

    it('ends a consent for good, revokes twice without effect, and bars the grant that comes after', async () => {
      const { chain, now } = open()
      const one = consentOf(chain.domain, `${name} end`, now())
      await chain.grant(one.grant())
      await chain.revoke(one.revoke())
      await chain.revoke(one.revoke())
      expect((await chain.consentState(one.consentId, one.signer)).state).toBe('REVOKED')
      const held = consentOf(chain.domain, `${name} held back`, now())
      await chain.revoke(held.revoke())
      expect((await chain.consentState(held.consentId, held.signer)).state).toBe('REVOKED')
      expect((await chain.grant(held.grant())).code).toBe('ALREADY_REVOKED')
    })

    it('refuses a forged signature and an expiry that has begun', async () => {
      const { chain, now } = open()
      const one = consentOf(chain.domain, `${name} forged`, now())
      const other = consentOf(chain.domain, `${name} forger`, now())
      const forged = { ...one.grant(), signature: other.grant().signature }
      expect((await chain.grant(forged)).code).toBe('SIGNATURE_INVALID')
      const late = consentOf(chain.domain, `${name} late`, now())
      expect((await chain.grant(late.grant(1))).code).toBe('EXPIRY_PASSED')
      const forgedRevoke = chain.revoke({ ...one.revoke(), signature: other.revoke().signature })
      await expect(forgedRevoke).rejects.toSatisfy((error) => isIsletError(error))
    })

    it('keeps access requests and anchors by institution, stream and slot', async () => {
      const { chain, own, other, now } = open()
      const request = keccakText(`request ${name}`)
      expect(await chain.requestedAt(own, request)).toBeUndefined()
      await chain.requestAccess(request)
      expect(await chain.requestedAt(own, request)).toBeGreaterThan(0)
      expect(await chain.requestedAt(other, request)).toBeUndefined()
      const slot = Math.floor(now() / 3_600)
      const root = hash32(keccakText('root'))
      const latest = await chain.latestSlot(own, 'objects')
      const { block } = await chain.anchor('objects', { slot: Math.max(slot, latest + 1), root, count: 16 })
      const anchored = await chain.latestSlot(own, 'objects')
      expect(await chain.anchorAt(own, 'objects', anchored)).toEqual({ root, count: 16, block })
      expect(await chain.anchorAt(own, 'log', anchored)).toBeUndefined()
      expect(await chain.anchorAt(other, 'objects', anchored)).toBeUndefined()
      await chain.anchor('log', { slot: anchored, root, count: 7 })
      expect(await chain.anchorAt(own, 'log', anchored)).toMatchObject({ root, count: 7 })
      const again = chain.anchor('objects', { slot: anchored, root, count: 16 })
      await expect(again).rejects.toSatisfy((error) => isIsletError(error))
      expect(quantity<UnixSeconds>((await chain.head()).timestamp)).toBeGreaterThan(0)
    })

    it('anchors both streams of a slot together, or neither', async () => {
      const { chain, own } = open()
      const root = hash32(keccakText('root of objects'))
      const logRoot = hash32(keccakText('root of the log'))
      const latest = Math.max(await chain.latestSlot(own, 'objects'), await chain.latestSlot(own, 'log'))
      const slot = latest + 1
      const made = { slot, objects: { root, count: 16 }, log: { root: logRoot, count: 7 } }
      const { block } = await chain.anchorSlot(made)
      expect(await chain.anchorAt(own, 'objects', slot)).toEqual({ root, count: 16, block })
      expect(await chain.anchorAt(own, 'log', slot)).toEqual({ root: logRoot, count: 7, block })
      await expect(chain.anchorSlot(made)).rejects.toSatisfy((error) => isIsletError(error))
      const unpadded = chain.anchorSlot({ ...made, slot: slot + 1, objects: { root, count: 15 } })
      await expect(unpadded).rejects.toSatisfy((error) => isIsletError(error))
      await chain.anchor('log', { slot: slot + 1, root: logRoot, count: 8 })
      const logBehind = chain.anchorSlot({ ...made, slot: slot + 1 })
      await expect(logBehind).rejects.toSatisfy((error) => isIsletError(error))
      expect(await chain.latestSlot(own, 'objects')).toBe(slot)
    })

    it('names its members', async () => {
      const { chain, own, other } = open()
      const members = await chain.members()
      expect(members.map((member) => member.id)).toEqual(expect.arrayContaining([own, other]))
      expect(await chain.member(hash32(keccakText('nobody')) as InstitutionId)).toBeUndefined()
    })
  })
}
