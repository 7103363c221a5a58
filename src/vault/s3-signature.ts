/**
 * The signature that an S3 interface asks of every request.
 *
 * Source: AWS Signature Version 4, single chunk (docs.aws.amazon.com, "Authenticating Requests: Using the Authorization
 * Header"). Law: method, path, query, named headers and the hash of the body are signed; the secret is never sent.
 */
import { toHex, utf8 } from '../vocabulary/index.ts'
import type { Hasher } from './suite.ts'

export interface S3Credentials {
  readonly accessKey: string
  readonly secretKey: string
  readonly region: string
}

export interface S3Request {
  readonly method: 'GET' | 'HEAD' | 'PUT' | 'DELETE'
  readonly url: URL
  readonly body: Uint8Array
  /** Signed beside the host and those of the signature itself, by lower-case name. */
  readonly headers?: Readonly<Record<string, string>>
}

const ALGORITHM = 'AWS4-HMAC-SHA256'

/** The headers that a request is sent with. */
export function signedS3Headers(
  hasher: Pick<Hasher, 'sha256' | 'hmacSha256'>,
  { accessKey, secretKey, region }: S3Credentials,
  { method, url, body, headers = {} }: S3Request,
  at: Date,
): Readonly<Record<string, string>> {
  const hash = (bytes: Uint8Array): string => toHex(hasher.sha256(bytes)).slice(2)
  const stamp = at.toISOString().replace(/[-:]|\.\d+/g, '')
  const day = stamp.slice(0, 8)
  const sent = { ...headers, 'x-amz-content-sha256': hash(body), 'x-amz-date': stamp }
  const signed = Object.entries({ ...sent, host: url.host }).sort(([a], [b]) => (a < b ? -1 : 1))
  const names = signed.map(([name]) => name).join(';')
  const query = [...url.searchParams]
    .map(([name, value]) => `${escaped(name)}=${escaped(value)}`)
    .sort()
    .join('&')
  const canonical = [
    method,
    url.pathname,
    query,
    ...signed.map(([name, value]) => `${name}:${value.trim()}`),
    '',
    names,
    sent['x-amz-content-sha256'],
  ].join('\n')
  const scope = `${day}/${region}/s3/aws4_request`
  const toSign = [ALGORITHM, stamp, scope, hash(utf8(canonical))].join('\n')
  const key = [day, region, 's3', 'aws4_request'].reduce<Uint8Array>(
    (under, word) => hasher.hmacSha256(under, utf8(word)),
    utf8(`AWS4${secretKey}`),
  )
  const signature = toHex(hasher.hmacSha256(key, utf8(toSign))).slice(2)
  const credential = `Credential=${accessKey}/${scope}`
  return {
    ...sent,
    authorization: `${ALGORITHM} ${credential},SignedHeaders=${names},Signature=${signature}`,
  }
}

/** RFC 3986: what is not unreserved is escaped, in capitals. */
function escaped(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (one) => `%${one.charCodeAt(0).toString(16).toUpperCase()}`,
  )
}
