/**
 * The digest of a body, so that a signature over fields covers the content.
 * Source: RFC 9530 (Digest Fields) section 2; sha-256 only.
 */
import { equalBytes, fromBase64Url, toBase64Url } from '../vocabulary/index.ts'

/** SHA-256 as a port: Node gives its native one, browsers the pure one. */
export type Sha256 = (bytes: Uint8Array) => Uint8Array

/** Bytes → standard base64 with padding, as structured fields spell them (RFC 8941 section 3.3.5). */
export function toBase64(bytes: Uint8Array): string {
  const text = toBase64Url(bytes).replace(/-/g, '+').replace(/_/g, '/')
  return text.padEnd(Math.ceil(text.length / 4) * 4, '=')
}

/** Standard base64 → bytes; undefined unless it is the one canonical spelling. */
export function fromBase64(text: string): Uint8Array | undefined {
  if (!/^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(text)) return undefined
  try {
    return fromBase64Url(text.replace(/=+$/, '').replace(/\+/g, '-').replace(/\//g, '_'))
  } catch {
    return undefined
  }
}

/** The Content-Digest field of a body. */
export function contentDigest(body: Uint8Array, sha256: Sha256): string {
  return `sha-256=:${toBase64(sha256(body))}:`
}

/** Whether a Content-Digest field names exactly this body; other algorithms beside sha-256 are refused. */
export function digestMatches(field: string | undefined, body: Uint8Array, sha256: Sha256): boolean {
  const match = /^sha-256=:([A-Za-z0-9+/]{43}=):$/.exec(field ?? '')
  const named = match?.[1] === undefined ? undefined : fromBase64(match[1])
  return named !== undefined && equalBytes(named, sha256(body))
}
