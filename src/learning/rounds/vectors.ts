/** Vectors inside JSON: base64url of little-endian float32. */
import { fromBase64Url, toBase64Url } from '../../vocabulary/index.ts'
import { float32Bytes, readFloat32 } from '../compression/codec.ts'

export function toText(values: Float32Array): string {
  return toBase64Url(float32Bytes(values))
}

export function fromText(text: string): Float32Array {
  const bytes = fromBase64Url(text)
  return readFloat32(bytes, bytes.length / 4)
}
