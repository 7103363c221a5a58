import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { keccak256 } from '../vault/index.ts'
import {
  address,
  consentId,
  fromBase64Url,
  quantity,
  toBase64Url,
  type UnixSeconds,
} from '../vocabulary/index.ts'
import { openAnchor, type TrustAnchor } from './anchor.ts'
import { type ConsentProofReading, verifyConsentProof } from './consent-proof.ts'
import { readConsentWord } from './consent-word.ts'
import { follow, TRUST_PERIOD_SECONDS } from './follow.ts'
import { readLightBlock, writeLightBlock } from './light-block.ts'
import { CRYPTO } from './testing/chain.ts'

interface Captured {
  readonly consents: string
  readonly now: number
  readonly expiryDay: number
  readonly anchor: TrustAnchor
  readonly fourVotes: { readonly anchor: TrustAnchor; readonly now: number; readonly block: string }
  readonly proofs: Readonly<
    Record<
      'active' | 'revoked' | 'absent' | 'spent',
      { readonly consent: string; readonly signer: string; readonly proof: string }
    >
  >
}
const CAPTURED: Captured = JSON.parse(readFileSync('test-vectors/consensus.json', 'utf8'))
const { anchor, proofs } = CAPTURED
const RULES = {
  now: quantity<UnixSeconds>(CAPTURED.now),
  trustPeriod: TRUST_PERIOD_SECONDS,
  consents: address(CAPTURED.consents),
}
const bytesOf = (name: keyof typeof proofs) => fromBase64Url(proofs[name].proof)
const verify = (proof: Uint8Array, from = anchor, rules = RULES): ConsentProofReading =>
  verifyConsentProof(proof, from, rules, CRYPTO)
const codeOf = (reading: ConsentProofReading): string => (reading.ok ? 'ok' : reading.code)

test.each<{ name: keyof typeof proofs; standing: object }>([
  { name: 'active', standing: { state: 'active', expiryDay: CAPTURED.expiryDay } },
  { name: 'revoked', standing: { state: 'revoked' } },
  { name: 'absent', standing: { state: 'none', spent: false } },
  { name: 'spent', standing: { state: 'none', spent: true } },
])('what four validators made final verifies offline: $name', ({ name, standing }) => {
  const { consent, signer } = proofs[name]
  expect(verify(bytesOf(name))).toMatchObject({ ok: true, consent, signer, standing, followed: 1 })
})

test('the proof of a granted and of a revoked consent stays under two kilobytes with four seats', () => {
  expect(bytesOf('active').length).toBeLessThanOrEqual(2_000)
  expect(bytesOf('revoked').length).toBeLessThanOrEqual(2_000)
})

test('no flipped bit of a proof is believed, nor is a proof that is cut', () => {
  const proof = bytesOf('active')
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 8 * proof.length - 1 }), (bit) => {
      // The consent id (bytes 25 to 56) is what the proof claims to be about: see the next test.
      fc.pre(bit < 8 * 25 || bit >= 8 * 57)
      const flipped = proof.slice()
      flipped[bit >> 3] = flipped[bit >> 3]! ^ (1 << (bit & 7))
      expect(codeOf(verify(flipped))).not.toBe('ok')
      expect(codeOf(verify(proof.slice(0, bit >> 3)))).not.toBe('ok')
    }),
    { numRuns: 40 },
  )
})

test('the word of one consent proves nothing about another', () => {
  const other = fromBase64Url(proofs.revoked.proof)
  const active = bytesOf('active')
  // The consent and its address of one proof (up to byte 78), the rest of the other.
  const mixed = new Uint8Array([...active.subarray(0, 79), ...other.subarray(79)])
  expect(codeOf(verify(mixed))).toBe('PLACE_DIFFERS')
  const renamed = active.slice()
  renamed[25] = renamed[25]! ^ 1
  expect(verify(renamed)).toMatchObject({ standing: { state: 'none', spent: true } })
})

test.each<{ why: string; reading: () => ConsentProofReading; is: string }>([
  {
    why: 'the ledger is another contract',
    reading: () => verify(bytesOf('active'), anchor, { ...RULES, consents: address(`0x${'11'.repeat(20)}`) }),
    is: 'PLACE_DIFFERS',
  },
  {
    why: 'the clock is past the trust period',
    reading: () =>
      verify(bytesOf('active'), anchor, {
        ...RULES,
        now: quantity<UnixSeconds>(RULES.now + TRUST_PERIOD_SECONDS),
      }),
    is: 'ANCHOR_STALE',
  },
  {
    why: 'the clock is before the block',
    reading: () =>
      verify(bytesOf('active'), anchor, { ...RULES, now: quantity<UnixSeconds>(RULES.now - 3_600) }),
    is: 'TIME_IN_FUTURE',
  },
  {
    why: 'the anchor names another hash',
    reading: () =>
      verify(bytesOf('active'), { ...anchor, hash: anchor.hash.replace(/..$/, '00') as typeof anchor.hash }),
    is: 'ANCHOR_ALTERED',
  },
  {
    why: 'the anchor names another chain than its header',
    reading: () => verify(bytesOf('active'), { ...anchor, chain: 'islet-1' }),
    is: 'ANCHOR_ALTERED',
  },
  {
    why: 'the anchor has other seats than its header',
    reading: () => verify(bytesOf('active'), { ...anchor, seats: altered(anchor.seats) }),
    is: 'ANCHOR_ALTERED',
  },
  { why: 'it is no proof', reading: () => verify(new Uint8Array(0)), is: 'PROOF_MALFORMED' },
])('a proof is refused where $why', ({ reading, is }) => {
  expect(codeOf(reading())).toBe(is)
})

function altered(seats: string): string {
  const bytes = fromBase64Url(seats)
  // The last byte is the last seat's power.
  bytes[bytes.length - 1] = bytes[bytes.length - 1]! ^ 1
  return toBase64Url(bytes)
}

test('a captured anchor opens to the block and the four seats that it pins', () => {
  const { header, seats } = openAnchor(anchor, CRYPTO.hasher)
  expect([header.chain, header.height, seats.map(({ power }) => power)]).toEqual([
    anchor.chain,
    2,
    [100, 100, 100, 100],
  ])
})

test('a word that is neither granted nor revoked is refused', () => {
  const word = keccak256(new Uint8Array(0))
  word[31] = 3
  expect(() => readConsentWord(word, consentId(proofs.active.consent))).toThrow()
})

test('a captured block under which all four seats signed follows from its anchor', () => {
  const { now, anchor: from, block } = CAPTURED.fourVotes
  const trusted = openAnchor(from, CRYPTO.hasher)
  const read = readLightBlock(fromBase64Url(block), trusted.seats)
  expect(read.commit.votes.filter((vote) => vote !== undefined)).toHaveLength(4)
  const rules = { ...RULES, now: quantity<UnixSeconds>(now) }
  expect(follow(trusted, read, rules, CRYPTO).header.height).toBe(read.header.height)
  expect(toBase64Url(writeLightBlock(read, true))).toBe(block)
})
