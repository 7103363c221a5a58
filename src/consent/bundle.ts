/**
 * Many byte strings as one text: what objects and Merkle paths travel in.
 *
 *   bundle = base64url(count × (length u32 ‖ bytes))
 */
import { type Bytes, fromBase64Url, IsletError, toBase64Url } from '../vocabulary/index.ts'

export function packBundle(parts: readonly Uint8Array[]): string {
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + 4 + part.length, 0))
  const view = new DataView(bytes.buffer)
  let at = 0
  for (const part of parts) {
    view.setUint32(at, part.length)
    bytes.set(part, at + 4)
    at += 4 + part.length
  }
  return toBase64Url(bytes)
}

/** Throws `BUNDLE_MALFORMED`, `NOT_BASE64URL`. */
export function unpackBundle(text: string): readonly Bytes[] {
  const bytes = fromBase64Url(text)
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  const parts: Bytes[] = []
  for (let at = 0; at < bytes.length; ) {
    const length = at + 4 <= bytes.length ? view.getUint32(at) : Number.POSITIVE_INFINITY
    if (at + 4 + length > bytes.length) {
      throw new IsletError('BUNDLE_MALFORMED', 'a part of the bundle reaches beyond its end', { at })
    }
    parts.push(bytes.subarray(at + 4, at + 4 + length))
    at += 4 + length
  }
  return parts
}
