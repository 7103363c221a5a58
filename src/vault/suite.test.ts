import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import vectors from '../../test-vectors/vault-primitives.json' with { type: 'json' }
import { fromHex, toHex } from '../vocabulary/index.ts'
import { hkdf, hkdfExpand } from './hkdf.ts'
import { nobleHasher } from './noble-hasher.ts'
import { nodeCipher, nodeHasher } from './node-cipher.door.ts'
import { LABELS } from './suite.ts'
import { webCipher } from './web-cipher.door.ts'

const hex = (bytes: Uint8Array | undefined): string =>
  bytes === undefined ? 'refused' : toHex(bytes).slice(2)
const bytes = (maxLength: number): fc.Arbitrary<Uint8Array<ArrayBuffer>> =>
  fc.uint8Array({ maxLength }).map((one) => new Uint8Array(one))

describe.each([
  { name: 'noble', hasher: nobleHasher },
  { name: 'node:crypto', hasher: nodeHasher },
])('the hasher over $name', ({ hasher }) => {
  it.each(vectors.sha256.cases)('gives the SHA-256 of FIPS 180-4 ($digest)', ({ message, digest }) => {
    expect(hex(hasher.sha256(fromHex(message)))).toBe(digest)
  })
  it.each(vectors.hmacSha256.cases)('gives the HMAC of RFC 4231 ($mac)', ({ key, message, mac }) => {
    expect(hex(hasher.hmacSha256(fromHex(key), fromHex(message)))).toBe(mac)
  })
  it.each(vectors.hkdfSha256.cases)('gives the HKDF of RFC 5869 ($output)', (one) => {
    const options = { salt: fromHex(one.salt), info: fromHex(one.info), length: one.length }
    expect(hex(hkdf(hasher, fromHex(one.secret), options))).toBe(one.output)
  })
  it('refuses lengths that HKDF cannot give', () => {
    for (const length of [0, -1, 255 * 32 + 1, Number.NaN]) {
      expect(() => hkdfExpand(hasher, new Uint8Array(32), new Uint8Array(0), length)).toThrow(/8,160/)
    }
  })
})

it('both hashers agree on every input, keys longer than a block included', () => {
  fc.assert(
    fc.property(bytes(400), bytes(200), (message, key) => {
      expect(nodeHasher.sha256(message)).toEqual(nobleHasher.sha256(message))
      expect(nodeHasher.hmacSha256(key, message)).toEqual(nobleHasher.hmacSha256(key, message))
    }),
  )
})

it('a digest handed out is not changed by the next one', () => {
  const first = nodeHasher.hmacSha256(new Uint8Array(32), new Uint8Array(1))
  const copy = first.slice()
  nodeHasher.hmacSha256(new Uint8Array(32).fill(9), new Uint8Array(900))
  expect(first).toEqual(copy)
})

describe.each([
  { name: 'node:crypto', cipher: nodeCipher, other: webCipher() },
  { name: 'WebCrypto', cipher: webCipher(), other: nodeCipher },
])('the cipher over $name', ({ cipher, other }) => {
  it.each(vectors.aes256Gcm.cases)('seals and opens the GCM test cases ($sealed)', async (one) => {
    const [key, nonce, associated] = [fromHex(one.key), fromHex(one.nonce), fromHex(one.associated)]
    const [sealed] = await cipher.encrypt([{ key, nonce, associated, plaintext: fromHex(one.plaintext) }])
    expect(hex(sealed)).toBe(one.sealed)
    const [opened] = await cipher.decrypt([{ key, nonce, associated, sealed: fromHex(one.sealed) }])
    expect(hex(opened)).toBe(one.plaintext)
  })

  it('opens what the other cipher sealed, in order, and refuses every altered or cut one', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(bytes(100), bytes(50), fc.nat()), { minLength: 1, maxLength: 6 }),
        async (parts) => {
          const jobs = parts.map(([plaintext, associated]) => ({
            key: cipher.random(32),
            nonce: cipher.random(12),
            associated,
            plaintext,
          }))
          const sealed = await other.encrypt(jobs)
          const toOpen = jobs.map((job, i) => ({ ...job, sealed: sealed[i] ?? new Uint8Array(0) }))
          expect(await cipher.decrypt(toOpen)).toEqual(jobs.map((job) => job.plaintext))
          const broken = toOpen.flatMap((job, i) => {
            const altered = job.sealed.slice()
            const at = (parts[i]?.[2] ?? 0) % altered.length
            altered[at] = (altered[at] ?? 0) ^ (1 << (at % 8))
            return [
              { ...job, sealed: altered },
              { ...job, sealed: job.sealed.slice(0, -1) },
              { ...job, sealed: job.sealed.slice(0, 4) },
              { ...job, sealed: new Uint8Array(0) },
              { ...job, associated: Uint8Array.of(...job.associated, 0) },
              { ...job, key: cipher.random(32) },
              { ...job, nonce: cipher.random(12) },
            ]
          })
          expect(new Set(await cipher.decrypt(broken))).toEqual(new Set([undefined]))
        },
      ),
      { numRuns: 30 },
    )
  })

  it('draws as many random bytes as asked, beyond what WebCrypto gives at once', () => {
    const drawn = cipher.random(200_000)
    expect(drawn).toHaveLength(200_000)
    expect(new Set(drawn.subarray(199_000)).size).toBeGreaterThan(200)
    expect(cipher.random(0)).toHaveLength(0)
  })
})

it('no two labels are equal, and all name the house and its version', () => {
  const all = Object.values(LABELS).map((label) => new TextDecoder().decode(label))
  expect(new Set(all).size).toBe(all.length)
  expect(all.every((label) => label.startsWith('islet/v1/'))).toBe(true)
})
