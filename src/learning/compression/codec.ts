/**
 * The spellings of a vector on the wire, by name: what a plan chooses from for the way up and the way down.
 */
import { IsletError } from '../../vocabulary/index.ts'
import { type Compressed, decodeInt8, encodeInt8 } from './block-int8.ts'
import { decodeTopK, encodeTopK } from './top-k.ts'

export type Codec =
  | { readonly name: 'float32' }
  | { readonly name: 'int8' }
  /** `share` of the coordinates in (0, 1]. */
  | { readonly name: 'top-k'; readonly share: number }

/** Encodes values and what the last message left over. */
export function compress(codec: Codec, values: Float32Array, residual?: Float32Array): Compressed {
  switch (codec.name) {
    case 'float32': {
      const decoded = new Float32Array(values.length)
      for (let i = 0; i < decoded.length; i++) decoded[i] = (values[i] ?? 0) + (residual?.[i] ?? 0)
      return { bytes: float32Bytes(decoded), decoded, residual: new Float32Array(values.length) }
    }
    case 'int8':
      return encodeInt8(values, residual)
    case 'top-k':
      return encodeTopK(values, codec.share, residual)
    default:
      return codec satisfies never
  }
}

/** Reads `count` values. Throws `WRONG_SHAPE` and `NOT_FINITE`. */
export function decompress(codec: Codec, bytes: Uint8Array, count: number): Float32Array {
  switch (codec.name) {
    case 'float32':
      return readFloat32(bytes, count)
    case 'int8':
      return decodeInt8(bytes, count)
    case 'top-k':
      return decodeTopK(bytes, count)
    default:
      return codec satisfies never
  }
}

/** Whether this machine keeps numbers as they travel; then vectors are copied, else written value by value. */
const LITTLE = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1

/** Little-endian, four bytes a value. */
export function float32Bytes(values: Float32Array): Uint8Array<ArrayBuffer> {
  if (LITTLE) return Uint8Array.from(new Uint8Array(values.buffer, values.byteOffset, values.byteLength))
  const bytes = new Uint8Array(4 * values.length)
  const view = new DataView(bytes.buffer)
  values.forEach((value, i) => {
    view.setFloat32(4 * i, value, true)
  })
  return bytes
}

/** Reads little-endian float32 values. Throws `WRONG_SHAPE` and `NOT_FINITE`. */
export function readFloat32(bytes: Uint8Array, count: number): Float32Array {
  if (bytes.length !== 4 * count) {
    throw new IsletError('WRONG_SHAPE', 'the vector has another length than the model', {
      expected_bytes: 4 * count,
      bytes: bytes.length,
    })
  }
  const values = LITTLE ? new Float32Array(Uint8Array.from(bytes).buffer) : new Float32Array(count)
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  for (let i = 0; i < count; i++) {
    if (!LITTLE) values[i] = view.getFloat32(4 * i, true)
    if (!Number.isFinite(values[i])) {
      throw new IsletError('NOT_FINITE', 'the vector holds a value that is no number', { index: i })
    }
  }
  return values
}
