import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { cid, toHex, utf8 } from '../vocabulary/index.ts'
import { checked, cidOf, digestOf } from './content-id.ts'
import { nobleHasher } from './noble-hasher.ts'
import { nodeHasher } from './node-cipher.door.ts'

// Known answer: the CID that `ipfs add --cid-version 1 --raw-leaves` gives "hello world", and by hand base32(01 55 12 20 ‖ SHA-256).
const HELLO = cid('bafkreifzjut3te2nhyekklss27nh3k72ysco7y32koao5eei66wof36n5e')

describe('a content id', () => {
  it('is the one that IPFS gives', () => {
    expect(cidOf(nobleHasher, utf8('hello world'))).toBe(HELLO)
  })

  it('carries the SHA-256 of the bytes, which `checked` compares', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 100 }), fc.nat(), (bytes, at) => {
        const name = cidOf(nodeHasher, bytes)
        expect(toHex(digestOf(name))).toBe(toHex(nodeHasher.sha256(bytes)))
        expect(checked(nobleHasher, name, bytes)).toBe(bytes)
        const place = at % bytes.length
        const altered = bytes.with(place, (bytes[place] ?? 0) ^ 128)
        expect(() => checked(nodeHasher, name, altered)).toThrow(
          expect.objectContaining({ code: 'OBJECT_TAMPERED' }),
        )
      }),
    )
  })

  it.each([
    { text: 'QmYwAPJzv5CZsnA625s3Xf2nemtYgPpHdWEz79ojWnPbdG', why: 'CIDv0' },
    { text: 'bafybeigdyrzt5sfp7udm7hu76uh7y26nf3efuylqabf3oclgtqy55fbzdi', why: 'another codec' },
    { text: 'zb2rhe5P4gXftAwvA4eXQ5HJwsER2owDyS9sKaQRRVQPn93bA', why: 'another base' },
    { text: HELLO.toUpperCase(), why: 'another spelling' },
    { text: HELLO.slice(0, -1), why: 'too short' },
    { text: '../../etc/passwd', why: 'a path' },
    { text: '', why: 'nothing' },
  ])('is not $why', ({ text }) => {
    expect(() => digestOf(text)).toThrow(expect.objectContaining({ code: 'NOT_A_CID' }))
  })
})
