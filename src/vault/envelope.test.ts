import { Aes128Gcm, Aes256Gcm, CipherSuite, DhkemX25519HkdfSha256, HkdfSha256 } from '@hpke/core'
import { XWing } from '@hpke/hybridkem-x-wing'
import { ml_kem768_x25519 as nobleXWing } from '@noble/post-quantum/hybrid.js'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import frozen from '../../test-vectors/vault-envelope.json' with { type: 'json' }
import vectors from '../../test-vectors/vault-primitives.json' with { type: 'json' }
import {
  concat,
  fromHex,
  type Hash32,
  hash32,
  quantity,
  toHex,
  type UtcHour,
  utf8,
} from '../vocabulary/index.ts'
import { type Cover, encodeCover } from './cover.ts'
import { envelopeHash, openEnvelope, sealEnvelope } from './envelope.ts'
import { hpkeKeyPair, hpkeOpen, hpkeSeal } from './hpke.ts'
import { narrowCover, streamCover } from './key-tree.ts'
import { nodeCipher, nodeHasher } from './node-cipher.door.ts'

const CONSENT = hash32(`0x${'c0'.repeat(32)}`)
const READER = hpkeKeyPair(new Uint8Array(32).fill(9))
const hour = (value: number): UtcHour => quantity<UtcHour>(value)
const coverOf = (kind: Cover['kind'], generation: number, first: number, end: number): Cover =>
  narrowCover(nodeHasher, streamCover(nodeHasher, new Uint8Array(32).fill(2), kind, generation), {
    first: hour(first),
    end: hour(end),
  })
const COVERS = [coverOf('glucose', 1, 1_100_000, 1_100_072), coverOf('insulin', 0, 1_100_000, 1_100_072)]
const GRANT = { chainId: 31_337, consent: CONSENT, covers: COVERS }

describe('HPKE as the library does it', () => {
  it('opens the known answer of RFC 9180 A.1.1', async () => {
    const suite = new CipherSuite({
      kem: new DhkemX25519HkdfSha256(),
      kdf: new HkdfSha256(),
      aead: new Aes128Gcm(),
    })
    const { skR, enc, info, aad, ciphertext, plaintext } = vectors.hpke
    const recipientKey = await suite.kem.importKey('raw', fromHex(skR).buffer, false)
    const opened = await suite.open(
      { recipientKey, enc: fromHex(enc), info: fromHex(info) },
      fromHex(ciphertext),
      fromHex(aad),
    )
    expect(toHex(new Uint8Array(opened))).toBe(`0x${plaintext}`)
  })

  it('has the X-Wing of the draft, in both code bases', async () => {
    const { seed, encapsulationSeed, sharedSecret } = vectors.xWing
    const keys = nobleXWing.keygen(fromHex(seed))
    const made = nobleXWing.encapsulate(keys.publicKey, fromHex(encapsulationSeed))
    expect(toHex(made.sharedSecret)).toBe(`0x${sharedSecret}`)
    const kem = new XWing()
    const recipientKey = await kem.importKey('raw', fromHex(seed).buffer, false)
    const opened = await kem.decap({ recipientKey, enc: new Uint8Array(made.cipherText).buffer })
    expect(toHex(new Uint8Array(opened))).toBe(`0x${sharedSecret}`)
  })

  it('seals what the other code base opens, and opens what it seals', async () => {
    const other = new CipherSuite({ kem: new XWing(), kdf: new HkdfSha256(), aead: new Aes256Gcm() })
    const [info, plain] = [utf8('for both'), utf8('the same')]
    const sealed = await hpkeSeal(READER.publicKey, info, plain)
    const recipientKey = await other.kem.importKey('raw', READER.privateKey.slice().buffer, false)
    const enc = sealed.slice(2, 2 + 1120)
    const opened = await other.open({ recipientKey, enc, info }, sealed.slice(2 + 1120))
    expect(new Uint8Array(opened)).toEqual(plain)
    const recipientPublicKey = await other.kem.importKey('raw', READER.publicKey.slice().buffer, true)
    const theirs = await other.seal({ recipientPublicKey, info }, plain)
    const whole = concat(sealed.slice(0, 2), new Uint8Array(theirs.enc), new Uint8Array(theirs.ct))
    expect(await hpkeOpen(READER.privateKey, info, whole)).toEqual({ code: 'OPENED', plaintext: plain })
  })
})

describe('bytes sealed to a key', () => {
  it('open with that key and info only', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uint8Array({ maxLength: 300 }),
        fc.uint8Array({ maxLength: 80 }),
        async (plaintext, info) => {
          const sealed = await hpkeSeal(READER.publicKey, info, plaintext)
          expect(await hpkeOpen(READER.privateKey, info, sealed)).toEqual({
            code: 'OPENED',
            plaintext: new Uint8Array(plaintext),
          })
          const refused = { code: 'SEAL_DOES_NOT_OPEN' }
          expect(await hpkeOpen(nodeCipher.random(32), info, sealed)).toEqual(refused)
          expect(await hpkeOpen(READER.privateKey, Uint8Array.of(...info, 1), sealed)).toEqual(refused)
          const at = 2 + (((plaintext[0] ?? 7) * 31) % (sealed.length - 2))
          expect(await hpkeOpen(READER.privateKey, info, sealed.with(at, (sealed[at] ?? 0) ^ 1))).toEqual(
            refused,
          )
          for (const length of [0, 1, 500, 1137, sealed.length - 1]) {
            expect(await hpkeOpen(READER.privateKey, info, sealed.slice(0, length))).toEqual(refused)
          }
          expect(await hpkeOpen(READER.privateKey, info, sealed.with(1, 2))).toEqual({
            code: 'SUITE_UNKNOWN',
          })
        },
      ),
      { numRuns: 5 },
    )
  })

  it('are not sealed to a key that is none', async () => {
    const broken = [new Uint8Array(1215), new Uint8Array(0), new Uint8Array(1216).fill(255)]
    for (const key of broken) {
      await expect(hpkeSeal(key, utf8(''), utf8(''))).rejects.toMatchObject({ code: 'HPKE_KEY_MALFORMED' })
    }
    await expect(hpkeOpen(new Uint8Array(31), utf8(''), utf8(''))).rejects.toMatchObject({
      code: 'HPKE_KEY_MALFORMED',
    })
    expect(() => hpkeKeyPair(new Uint8Array(33))).toThrow(
      expect.objectContaining({ code: 'HPKE_KEY_MALFORMED' }),
    )
  })
})

describe('an envelope', () => {
  it('gives its reader exactly the covers of the grant', async () => {
    const envelope = await sealEnvelope(READER.publicKey, GRANT)
    expect(await openEnvelope(READER.privateKey, envelope, GRANT)).toEqual({ code: 'OPENED', covers: COVERS })
    const scope = {
      ...GRANT,
      chainId: 31_337n,
      covers: COVERS.map(({ kind, generation, window }) => ({ kind, generation, window })),
    }
    expect(await openEnvelope(READER.privateKey, envelope, scope)).toEqual({ code: 'OPENED', covers: COVERS })
  })

  it('opens for no other reader, chain, consent, kind, generation or range', async () => {
    const envelope = await sealEnvelope(READER.publicKey, GRANT)
    const [glucose, insulin] = COVERS
    if (glucose === undefined || insulin === undefined) throw new Error('two covers expected')
    const refused = { code: 'ENVELOPE_DOES_NOT_OPEN' }
    const scopes = [
      { ...GRANT, chainId: 1 },
      { ...GRANT, consent: hash32(`0x${'c1'.repeat(32)}`) as Hash32 },
      { ...GRANT, covers: [insulin, glucose] },
      { ...GRANT, covers: [glucose] },
      { ...GRANT, covers: [{ ...glucose, kind: 'device' as const }, insulin] },
      { ...GRANT, covers: [{ ...glucose, generation: 2 }, insulin] },
      { ...GRANT, covers: [{ ...glucose, window: { ...glucose.window, first: hour(1_099_999) } }, insulin] },
      { ...GRANT, covers: [{ ...glucose, window: { ...glucose.window, end: hour(1_100_073) } }, insulin] },
    ]
    for (const scope of scopes)
      expect(await openEnvelope(READER.privateKey, envelope, scope)).toEqual(refused)
    expect(await openEnvelope(nodeCipher.random(32), envelope, GRANT)).toEqual(refused)
  })

  it('is refused when it holds other covers than its scope says, though it opens', async () => {
    const [glucose, insulin] = COVERS
    if (glucose === undefined || insulin === undefined) throw new Error('two covers expected')
    // Seal a day under an info that names three: what a dishonest patient or a faulty client would do.
    const short = {
      ...glucose,
      window: glucose.window,
      nodes: coverOf('glucose', 1, 1_100_000, 1_100_024).nodes,
    }
    const envelope = await sealEnvelope(READER.publicKey, { ...GRANT, covers: [short, insulin] })
    expect(await openEnvelope(READER.privateKey, envelope, GRANT)).toEqual({ code: 'ENVELOPE_SCOPE_WRONG' })
  })

  it('is refused when its covers are sound but not those of the scope', async () => {
    const [glucose, insulin] = COVERS
    if (glucose === undefined || insulin === undefined) throw new Error('two covers expected')
    // The info by the letter of the format, so that only the covers inside are other ones.
    const named = COVERS.map(
      ({ kind, generation, window: { first, end } }) =>
        `{"end":${end},"first":${first},"generation":${generation},"kind":"${kind}"}`,
    )
    const info = `{"chain":"31337","consent":"${CONSENT}","covers":[${named}],"domain":"islet/v1/envelope","suite":1}`
    const pack = (covers: readonly Cover[]): Uint8Array => {
      const parts = covers.map(encodeCover).flatMap((one) => [one.length >> 8, one.length & 255, ...one])
      return Uint8Array.of(0, covers.length, ...parts)
    }
    const open = async (covers: readonly Cover[]): Promise<string> => {
      const envelope = await hpkeSeal(READER.publicKey, utf8(info), pack(covers))
      return (await openEnvelope(READER.privateKey, envelope, GRANT)).code
    }
    expect(await open(COVERS)).toBe('OPENED')
    const wrong = [
      [glucose],
      [glucose, insulin, insulin],
      [insulin, glucose],
      [coverOf('glucose', 2, 1_100_000, 1_100_072), insulin],
      [coverOf('glucose', 1, 1_100_000, 1_100_073), insulin],
      [coverOf('glucose', 1, 1_099_999, 1_100_072), insulin],
      [coverOf('device', 1, 1_100_000, 1_100_072), insulin],
    ]
    for (const covers of wrong) expect(await open(covers)).toBe('ENVELOPE_SCOPE_WRONG')
  })

  it('does not tell by its length how long the window is or how many kinds', async () => {
    const grants = [[coverOf('glucose', 0, 5, 6)], [coverOf('glucose', 0, 1, 8761)], COVERS]
    const sizes = await Promise.all(
      grants.map(async (covers) => (await sealEnvelope(READER.publicKey, { ...GRANT, covers })).length),
    )
    expect(new Set(sizes).size).toBe(1)
  })

  it('cannot be empty', async () => {
    await expect(sealEnvelope(READER.publicKey, { ...GRANT, covers: [] })).rejects.toMatchObject({
      code: 'ENVELOPE_EMPTY',
    })
  })

  it('frozen long ago still opens, and its hash is the same', async () => {
    const envelope = fromHex(frozen.envelope)
    const scope = {
      chainId: frozen.chainId,
      consent: hash32(frozen.consent),
      covers: [{ kind: 'glucose' as const, generation: 1, window: { first: hour(3), end: hour(9) } }],
    }
    const opened = await openEnvelope(hpkeKeyPair(fromHex(frozen.readerSeed)).privateKey, envelope, scope)
    if (opened.code !== 'OPENED') throw new Error(opened.code)
    expect(opened.covers.map((cover) => toHex(encodeCover(cover)).slice(2))).toEqual(frozen.covers)
    expect(envelopeHash(nodeHasher, envelope)).toBe(frozen.hash)
    expect(toHex(nodeHasher.sha256(hpkeKeyPair(fromHex(frozen.readerSeed)).publicKey))).toBe(
      frozen.readerPublicKeyHash,
    )
  })
})
