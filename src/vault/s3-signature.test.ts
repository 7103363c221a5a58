import { describe, expect, it } from 'vitest'
import { nobleHasher } from './noble-hasher.ts'
import { type S3Request, signedS3Headers } from './s3-signature.ts'

const EXAMPLE = {
  accessKey: 'AKIAIOSFODNN7EXAMPLE',
  secretKey: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
  region: 'us-east-1',
}
const AT = new Date('2013-05-24T00:00:00Z')
const sign = (request: Omit<S3Request, 'body'>, credentials = EXAMPLE) =>
  signedS3Headers(nobleHasher, credentials, { body: new Uint8Array(0), ...request }, AT)

describe('the signature of an S3 request', () => {
  // The examples of AWS, "Authenticating Requests: Using the Authorization Header (Signature Version 4)".
  it.each([
    {
      what: 'of an object by a range',
      request: {
        method: 'GET',
        url: new URL('https://examplebucket.s3.amazonaws.com/test.txt'),
        headers: { range: 'bytes=0-9' },
      },
      signature: 'f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41',
    },
    {
      what: 'of a bucket’s life cycle',
      request: { method: 'GET', url: new URL('https://examplebucket.s3.amazonaws.com/?lifecycle') },
      signature: 'fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543',
    },
    {
      what: 'of a list',
      request: {
        method: 'GET',
        url: new URL('https://examplebucket.s3.amazonaws.com/?max-keys=2&prefix=J'),
      },
      signature: '34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7',
    },
  ] as const)('is that of the published example $what', ({ request, signature }) => {
    expect(sign(request)['authorization']).toMatch(new RegExp(`Signature=${signature}$`))
  })

  it('changes with the secret, the path and the body', () => {
    const url = new URL('https://examplebucket.s3.amazonaws.com/test.txt')
    const of = (request: Partial<S3Request>, credentials = EXAMPLE) =>
      signedS3Headers(
        nobleHasher,
        credentials,
        { method: 'PUT', url, body: Uint8Array.of(1), ...request },
        AT,
      )['authorization']
    const made = [
      of({}),
      of({}, { ...EXAMPLE, secretKey: 'another' }),
      of({ url: new URL('/other.txt', url) }),
      of({ body: Uint8Array.of(2) }),
    ]
    expect(new Set(made).size).toBe(made.length)
    expect(made.join(' ')).not.toContain(EXAMPLE.secretKey)
  })
})
