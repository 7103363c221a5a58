import { createHash, createHmac, createPublicKey, verify } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { ed25519 } from '@noble/curves/ed25519.js'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { fromBase64Url, isIsletError, quantity, type UnixSeconds, utf8 } from '../vocabulary/index.ts'
import { contentDigest, digestMatches, fromBase64, type Sha256, toBase64 } from './content-digest.ts'
import { signatureBase, type WireRequest, type WireResponse } from './signature-base.ts'
import { readSignature, writeSignature } from './signature-fields.ts'
import { messageSigner, type SignatureVerifier, signRequest, verifyRequest } from './signed-request.ts'

const vectors = JSON.parse(
  readFileSync(new URL('../../test-vectors/http-signatures.json', import.meta.url), 'utf8'),
)
const sha256: Sha256 = (bytes) => createHash('sha256').update(bytes).digest()
const request: WireRequest = { ...vectors.request, body: utf8(vectors.request.body) }
const response: WireResponse = { ...vectors.response, body: new Uint8Array(0) }
const verifier: SignatureVerifier = {
  verify: (key, message, signature) => ed25519.verify(signature, message, key),
}
const seed = fromBase64Url(vectors.keys.ed25519.d)

describe('signature base (RFC 9421)', () => {
  test.each<{ section: string; message: string; components: string[]; keyid: string; base: string }>(
    vectors.cases,
  )('appendix $section is reproduced byte for byte', ({ message, components, keyid, base }) => {
    const covered = components.map((name) => ({ name }))
    const parameters = [['created', vectors.created] as const, ['keyid', keyid] as const]
    expect(signatureBase(message === 'request' ? request : response, covered, parameters)).toBe(base)
  })

  test('appendix B.2.6: our base, signed with the published key, is the published signature', () => {
    const example = vectors.cases.find((one: { section: string }) => one.section === 'B.2.6')
    expect(Buffer.from(ed25519.getPublicKey(seed)).toString('base64url')).toBe(vectors.keys.ed25519.x)
    expect(toBase64(ed25519.sign(utf8(example.base), seed))).toBe(example.signature)
  })

  test('appendices B.2.4 and B.2.5: the published ECDSA signature and HMAC hold over our base', () => {
    const [b24, b25] = ['B.2.4', 'B.2.5'].map((section) =>
      vectors.cases.find((one: { section: string }) => one.section === section),
    )
    const key = createPublicKey({
      key: Buffer.from(vectors.keys.p256, 'base64'),
      format: 'der',
      type: 'spki',
    })
    const signature = Buffer.from(b24.signature, 'base64')
    expect(verify('sha256', utf8(b24.base), { key, dsaEncoding: 'ieee-p1363' }, signature)).toBe(true)
    const mac = createHmac('sha256', Buffer.from(vectors.keys.hmac, 'base64'))
      .update(b25.base)
      .digest('base64')
    expect(mac).toBe(b25.signature)
  })

  test('a component that the message lacks is an error, never an empty line', () => {
    for (const name of ['x-missing', '@status', '@unknown']) {
      expect(() => signatureBase(request, [{ name }], [])).toThrow(/lacks a component/)
    }
    expect(() => signatureBase(response, [{ name: '@method', request: true }], [])).toThrow(
      /lacks a component/,
    )
  })

  test('a parameter cannot break out of its quotes', () => {
    const parameters = [['keyid', 'a";created=1;x="'] as const]
    try {
      signatureBase(request, [], parameters)
      expect.unreachable()
    } catch (error) {
      expect(isIsletError(error, 'SIGNATURE_PARAMETER_UNSOUND')).toBe(true)
    }
  })
})

describe('content digest (RFC 9530)', () => {
  test.each<{ body: string; field: string }>(vectors.digests)(
    'the published digest of %j',
    ({ body, field }) => {
      expect(contentDigest(utf8(body), sha256)).toBe(field)
      expect(digestMatches(field, utf8(body), sha256)).toBe(true)
      expect(digestMatches(field, utf8(`${body} `), sha256)).toBe(false)
    },
  )

  test('no field, another algorithm or two of them do not match', () => {
    const good = contentDigest(utf8('x'), sha256)
    for (const field of [
      undefined,
      '',
      'sha-512=:AAAA:',
      `${good}, ${good}`,
      good.replace('sha-256', 'SHA-256'),
    ]) {
      expect(digestMatches(field, utf8('x'), sha256)).toBe(false)
    }
  })

  test('base64 comes back as it went, and only its one spelling is read', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        expect(fromBase64(toBase64(bytes))).toEqual(bytes)
        expect(toBase64(bytes)).toBe(Buffer.from(bytes).toString('base64'))
      }),
    )
    for (const text of ['QQ', 'QR==', 'QQ=', 'QQ==QQ==', 'Q Q=', '-_=='])
      expect(fromBase64(text)).toBeUndefined()
  })
})

describe('signature fields', () => {
  test('what is written is read back the same', () => {
    const name = fc.stringMatching(/^@?[a-z][a-z0-9-]{0,20}$/)
    const text = fc.stringMatching(/^[ !#-[\]-~]{0,60}$/)
    const component = fc.oneof(fc.record({ name }), fc.record({ name, request: fc.constant(true as const) }))
    fc.assert(
      fc.property(
        fc.array(component, { maxLength: 6 }),
        fc.uniqueArray(
          fc.tuple(fc.stringMatching(/^[a-z]{1,12}$/), fc.oneof(text, fc.integer({ min: 0, max: 2 ** 31 }))),
          { maxLength: 6, selector: ([key]) => key },
        ),
        fc.uint8Array({ minLength: 64, maxLength: 64 }),
        (components, parameters, signature) => {
          expect(readSignature(writeSignature({ components, parameters, signature }))).toEqual({
            components,
            parameters,
            signature,
          })
        },
      ),
    )
  })

  test.each([
    ['another label', 'sig1=()', 'sig1=:AAAA:'],
    ['two signatures', 'islet=(), islet=()', 'islet=:AAAA:'],
    ['a parameter twice', 'islet=();created=1;created=2', 'islet=:AAAA:'],
    ['spaces that do not belong', 'islet=( "@method")', 'islet=:AAAA:'],
    ['leading zeros', 'islet=();created=01', 'islet=:AAAA:'],
    ['unknown component parameters', 'islet=("x";sf)', 'islet=:AAAA:'],
    ['upper case', 'islet=("Date")', 'islet=:AAAA:'],
    ['no base64', 'islet=()', 'islet=:A?:'],
    ['endless fields', `islet=(${'"a" '.repeat(400)}"a")`, 'islet=:AAAA:'],
  ])('%s are not read', (_, input, signature) => {
    expect(readSignature({ 'signature-input': input, signature })).toBeUndefined()
  })

  test('no text at all makes the reader throw', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 300 }), fc.string({ maxLength: 100 }), (input, signature) => {
        readSignature({ 'signature-input': `islet=${input}`, signature: `islet=${signature}` })
      }),
    )
  })
})

describe('signed requests', () => {
  const now = quantity<UnixSeconds>(1_790_000_000)
  const signer = messageSigner({
    publicKey: ed25519.getPublicKey(seed),
    sign: (bytes) => ed25519.sign(bytes, seed),
  })
  const means = { signer, sha256, now: () => now, random: (length: number) => new Uint8Array(length).fill(7) }

  test('any single change of a signed head is noticed', async () => {
    const signed = await signRequest(
      { method: 'POST', url: 'https://a.example/b?c=d', body: utf8('{}') },
      means,
    )
    expect(await verifyRequest(signed, { verifier, now })).toMatchObject({ ok: true, keyId: signer.keyId })
    const covered = ['content-digest', 'signature', 'signature-input'] as const
    await fc.assert(
      fc.asyncProperty(fc.constantFrom('method', 'url', ...covered), fc.nat(), async (part, place) => {
        const flip = (value: string): string => {
          const at = place % value.length
          const sign = value[at] === 'x' ? 'y' : 'x'
          return value.slice(0, at) + sign + value.slice(at + 1)
        }
        const changed =
          part === 'method' || part === 'url'
            ? { ...signed, [part]: flip(signed[part]) }
            : { ...signed, headers: { ...signed.headers, [part]: flip(signed.headers[part] ?? '') } }
        expect((await verifyRequest(changed, { verifier, now })).ok).toBe(false)
      }),
      { numRuns: 150 },
    )
  })
})
