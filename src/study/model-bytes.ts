/** A model as everyone hashes it: its parameters as little-endian float32, one after another. */
import { type Bytes, IsletError } from '../vocabulary/index.ts'

/** Little-endian float32, whatever the machine. */
export function bytesOf(parameters: Float32Array): Bytes {
  const bytes = new Uint8Array(parameters.length * 4)
  const view = new DataView(bytes.buffer)
  for (const [i, value] of parameters.entries()) view.setFloat32(i * 4, value, true)
  return bytes
}

/** Throws `MODEL_WRONG_SHAPE`. */
export function parametersOf(model: Bytes, count: number): Float32Array {
  if (model.length !== count * 4) {
    throw new IsletError('MODEL_WRONG_SHAPE', 'the model has another number of parameters than the plan’s', {
      bytes: model.length,
      expected_bytes: count * 4,
    })
  }
  const view = new DataView(model.buffer, model.byteOffset)
  return Float32Array.from({ length: count }, (_, i) => view.getFloat32(i * 4, true))
}
