/**
 * Many byte strings as one text: what objects and Merkle paths travel in.
 *
 *   bundle = base64url(count × (length u32 ‖ bytes))
 */
import { type Bytes, concat, fromBase64Url, IsletError, toBase64Url, uint32 } from '../vocabulary/index.ts'

export function packBundle(parts: readonly Uint8Array[]): string {
  return toBase64Url(concat(...parts.flatMap((part) => [uint32(part.length), part])))
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
