import { createHash } from 'node:crypto'
import { ed25519 } from '@noble/curves/ed25519.js'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { concat, fromHex, type Json, toHex, utf8 } from '../vocabulary/index.ts'
import { nobleEd25519, signer } from './ed25519.ts'
import { nodeEd25519 } from './node-signer.door.ts'
import { type DocumentType, documentBytes, signDocument, verifyDocument } from './sign-document.ts'

const seed = new Uint8Array(32).fill(5)
const implementations = [
  { name: 'noble', ed: nobleEd25519 },
  { name: 'node', ed: nodeEd25519 },
]

describe.each(implementations)('Ed25519 by $name', ({ ed }) => {
  it.each([
    {
      why: 'RFC 8032 section 7.1, test 1: empty message',
      seed: '9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60',
      key: 'd75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a',
      message: '',
      signature:
        'e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b',
    },
    {
      why: 'RFC 8032 section 7.1, test 2: one byte',
      seed: '4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb',
      key: '3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c',
      message: '72',
      signature:
        '92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00',
    },
  ])('gives the known answer of $why', (vector) => {
    expect(toHex(ed.publicKey(fromHex(vector.seed)))).toBe(`0x${vector.key}`)
    expect(toHex(ed.sign(fromHex(vector.seed), fromHex(vector.message)))).toBe(`0x${vector.signature}`)
    expect(ed.verify(fromHex(vector.key), fromHex(vector.message), fromHex(vector.signature))).toBe(true)
  })

  it('refuses altered, cut, padded and non-canonical signatures without an exception', () => {
    const key = ed.publicKey(seed)
    const message = utf8('m')
    const good = ed.sign(seed, message)
    const order = fromHex('edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010')
    let carry = 0
    const malleable = good.map((byte, i) => {
      if (i < 32) return byte
      const sum = byte + (order[i - 32] ?? 0) + carry
      carry = sum >> 8
      return sum & 255
    })
    for (const bad of [
      good.map((b, i) => (i === 3 ? b ^ 1 : b)),
      good.subarray(1),
      new Uint8Array(65),
      new Uint8Array(0),
      malleable,
    ]) {
      expect(ed.verify(key, message, bad)).toBe(false)
    }
    expect(ed.verify(key, utf8('n'), good)).toBe(false)
    expect(ed.verify(key.subarray(1), message, good)).toBe(false)
    expect(ed.verify(new Uint8Array(32).fill(255), message, good)).toBe(false)
  })
})

describe('the two implementations of Ed25519', () => {
  const { Point } = ed25519
  const order = Point.Fn.ORDER
  const little = (n: bigint): Uint8Array => fromHex(n.toString(16).padStart(64, '0')).reverse()
  const number = (bytes: Uint8Array): bigint => BigInt(toHex(bytes.toReversed()))
  /** A point of order 8, from RFC 8032's curve: its double has order 4, and so on. */
  const torsion = Point.fromBytes(fromHex('26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05'))
  /** Signs without the checks of honest code: key and nonce point may carry torsion. */
  const forge = (secret: bigint, nonce: bigint, keyTwist: boolean, nonceTwist: boolean) => {
    const key = keyTwist ? Point.BASE.multiply(secret).add(torsion) : Point.BASE.multiply(secret)
    const point = nonceTwist ? Point.BASE.multiply(nonce).add(torsion) : Point.BASE.multiply(nonce)
    const message = utf8('m')
    const digest = createHash('sha512').update(point.toBytes()).update(key.toBytes()).update(message).digest()
    const s = (nonce + (number(digest) % order) * secret) % order
    return { key: key.toBytes(), message, signature: concat(point.toBytes(), little(s)) }
  }

  it('sign with what a seed holds now, not with what it held before', () => {
    const changing = new Uint8Array(32).fill(1)
    const before = nodeEd25519.sign(changing, utf8('m'))
    expect(toHex(nodeEd25519.sign(changing, utf8('m')))).toBe(toHex(before))
    changing.fill(2)
    expect(toHex(nodeEd25519.sign(changing, utf8('m')))).toBe(toHex(nobleEd25519.sign(changing, utf8('m'))))
  })

  it('agree on signatures made with malice: points outside the prime-order group are refused by both', () => {
    const honest = forge(7n, 9n, false, false)
    const verdicts = (f: typeof honest) =>
      [nobleEd25519, nodeEd25519].map((ed) => ed.verify(f.key, f.message, f.signature))
    expect(verdicts(honest)).toEqual([true, true])
    expect(verdicts(forge(7n, 9n, false, true))).toEqual([false, false])
    for (let nonce = 9n; nonce < 25n; nonce++) {
      expect(verdicts(forge(7n, nonce, true, false))).toEqual([false, false])
      expect(verdicts(forge(7n, nonce, true, true))).toEqual([false, false])
    }
    const neutral = { ...honest, key: Point.ZERO.toBytes() }
    const small = { ...neutral, signature: concat(Point.BASE.multiply(5n).toBytes(), little(5n)) }
    expect(verdicts(small)).toEqual([false, false])
  })

  it('make the same keys and signatures and accept each other', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 32, maxLength: 32 }),
        fc.uint8Array({ maxLength: 200 }),
        (secret, message) => {
          const signature = nodeEd25519.sign(secret, message)
          expect(toHex(nobleEd25519.sign(secret, message))).toBe(toHex(signature))
          expect(nobleEd25519.verify(nodeEd25519.publicKey(secret), message, signature)).toBe(true)
          expect(nodeEd25519.verify(nobleEd25519.publicKey(secret), message, signature)).toBe(true)
        },
      ),
      { numRuns: 25 },
    )
  })
})

describe('a signed document', () => {
  const key = signer(seed, nodeEd25519)
  const body = { b: 2, a: ['x', null, true], n: { z: 0.5 } }
  const document = signDocument('islet.test/1', body, key)
  const type = 'islet.test/1'

  it('verifies under both implementations, whatever the order its members were written in', () => {
    const reordered = { ...document, body: { n: { z: 0.5 }, a: ['x', null, true], b: 2 } }
    for (const { ed } of implementations) {
      expect(verifyDocument(document, { type, signer: document.signer }, ed)).toBe(true)
      expect(verifyDocument(reordered, { type }, ed)).toBe(true)
    }
  })

  it.each([
    { why: 'its body changed', change: { body: { ...body, b: 3 } } },
    { why: 'a member was added', change: { body: { ...body, c: 1 } } },
    { why: 'its type changed', change: { type: 'islet.other/1' as const } },
    { why: 'its signer was replaced', change: { signer: `0x${'11'.repeat(32)}` as typeof document.signer } },
    { why: 'its signer is no key', change: { signer: '0x12' as typeof document.signer } },
    { why: 'its signature was replaced', change: { signature: 'AAAA' } },
    { why: 'its signature is no base64url', change: { signature: '!!' } },
    { why: 'its signature has a second spelling', change: { signature: `${document.signature}==` } },
  ])('fails when $why', ({ change }) => {
    const wrong = { ...document, ...change }
    for (const { ed } of implementations) {
      expect(verifyDocument(wrong, { type: wrong.type }, ed)).toBe(false)
      expect(verifyDocument(wrong, { type }, ed)).toBe(false)
    }
  })

  it('of one type is worth nothing as another, even with the same body', () => {
    const other = { ...document, type: 'islet.test/2' as const }
    expect(verifyDocument(other, { type: 'islet.test/2' }, nodeEd25519)).toBe(false)
    expect(toHex(documentBytes('islet.test/1', body))).not.toBe(toHex(documentBytes('islet.test/2', body)))
  })

  it('by another key than the expected one fails', () => {
    const stranger = signer(new Uint8Array(32).fill(6), nodeEd25519)
    const forged = signDocument('islet.test/1', body, stranger)
    expect(verifyDocument(forged, { type }, nodeEd25519)).toBe(true)
    expect(verifyDocument(forged, { type, signer: document.signer }, nodeEd25519)).toBe(false)
  })

  it('is refused when its type is no type or its body no JSON', () => {
    const bad: string = 'islet.Bad'
    expect(() => signDocument(bad as DocumentType, body, key)).toThrow(
      expect.objectContaining({ code: 'NOT_A_DOCUMENT_TYPE' }),
    )
    const nan: Json = { n: Number.NaN }
    expect(() => signDocument('islet.test/1', nan, key)).toThrow(
      expect.objectContaining({ code: 'NOT_JSON' }),
    )
  })

  it('survives any JSON round trip', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const read = JSON.parse(JSON.stringify(value)) as Json
        const signed = signDocument('islet.test/1', read, key)
        const back = JSON.parse(JSON.stringify(signed)) as typeof signed
        expect(verifyDocument(back, { type, signer: signed.signer }, nodeEd25519)).toBe(true)
      }),
      { numRuns: 60 },
    )
  })
})
