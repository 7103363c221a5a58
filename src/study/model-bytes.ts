/**
 * A model as everyone hashes it: its parameters as little-endian float32, and behind them what the server carries to the
 * next round, first and second moment, where the strategy has any.
 *
 * Law: the memory is a part of the model that members attest, so that the next model is a function of its base and of
 * the survivors' updates, and whoever goes back to a version goes back to its memory too (PROTOCOL 25).
 */
import type { ServerMemory } from '../learning/index.ts'
import { type Bytes, IsletError } from '../vocabulary/index.ts'

/** Whether this machine keeps numbers as a model spells them; then they are copied, else written one by one. */
const LITTLE = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1

/** Little-endian float32, whatever the machine. */
export function bytesOf(parameters: Float32Array, { momentum, square }: ServerMemory = {}): Bytes {
  const parts = momentum === undefined || square === undefined ? [parameters] : [parameters, momentum, square]
  const bytes = new Uint8Array(parameters.length * 4 * parts.length)
  const view = new DataView(bytes.buffer)
  for (const [k, part] of parts.entries()) {
    const first = k * parameters.length * 4
    if (LITTLE) bytes.set(new Uint8Array(part.buffer, part.byteOffset, part.byteLength), first)
    else for (const [i, value] of part.entries()) view.setFloat32(first + i * 4, value, true)
  }
  return bytes
}

/** Throws `MODEL_WRONG_SHAPE`. */
export function parametersOf(model: Bytes, count: number): Float32Array {
  if (model.length !== count * 4 && model.length !== 3 * count * 4) {
    throw new IsletError('MODEL_WRONG_SHAPE', 'the model has another number of parameters than the plan’s', {
      bytes: model.length,
      expected_bytes: count * 4,
    })
  }
  return vectorAt(model, 0, count)
}

/** Throws `MODEL_WRONG_SHAPE`. */
export function memoryIn(model: Bytes, count: number): ServerMemory {
  const [, momentum, square] = [parametersOf(model, count), ...rest(model, count)]
  return momentum === undefined || square === undefined ? {} : { momentum, square }
}

function rest(model: Bytes, count: number): readonly Float32Array[] {
  return model.length === count * 4 ? [] : [vectorAt(model, count, count), vectorAt(model, 2 * count, count)]
}

function vectorAt(model: Bytes, first: number, count: number): Float32Array {
  if (LITTLE) return new Float32Array(new Uint8Array(model.subarray(first * 4, (first + count) * 4)).buffer)
  const view = new DataView(model.buffer, model.byteOffset)
  return Float32Array.from({ length: count }, (_, i) => view.getFloat32((first + i) * 4, true))
}
