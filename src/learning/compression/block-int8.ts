/**
 * Eight bits a value: each block of 256 values shares one float32 step, values are whole numbers of steps in ±127.
 *
 * Laws: what the receiver decodes is what the sender computed, bit for bit; what rounding lost stays with the sender as
 * residual and is added to the next message (error feedback), so that nothing is lost for good; a block that holds a
 * value which is no number is sent with a step that is none, and every receiver refuses it.
 * Source: Seide et al. 2014 and Karimireddy et al. 2019 (error feedback); Dettmers et al. 2022 (block-wise steps).
 */
import { IsletError } from '../../vocabulary/index.ts'

const BLOCK = 256
const LEVELS = 127

/** Bytes that a vector takes: 1 a value and 4 a block. */
export function int8Bytes(count: number): number {
  return count + 4 * Math.ceil(count / BLOCK)
}

export interface Compressed {
  readonly bytes: Uint8Array<ArrayBuffer>
  /** What every receiver reads from the bytes. */
  readonly decoded: Float32Array
  /** values + residual before − decoded: carried to the next message. */
  readonly residual: Float32Array
}

/** Encodes values plus what is left over from the last message. */
export function encodeInt8(values: Float32Array, residual?: Float32Array): Compressed {
  const count = values.length
  const bytes = new Uint8Array(int8Bytes(count))
  const view = new DataView(bytes.buffer)
  const codes = new Int8Array(bytes.buffer, 4 * Math.ceil(count / BLOCK), count)
  const decoded = new Float32Array(count)
  const left = new Float32Array(count)
  for (let start = 0, block = 0; start < count; start += BLOCK, block++) {
    const end = Math.min(count, start + BLOCK)
    let largest = 0
    let finite = true
    for (let i = start; i < end; i++) {
      const wanted = Math.fround((values[i] ?? 0) + (residual?.[i] ?? 0))
      left[i] = wanted
      if (!Number.isFinite(wanted)) finite = false
      else if (Math.abs(wanted) > largest) largest = Math.abs(wanted)
    }
    const step = finite ? Math.fround(largest / LEVELS) : Number.NaN
    view.setFloat32(4 * block, step, true)
    if (!finite) {
      // What is no number is neither read by a receiver nor carried on.
      decoded.fill(Number.NaN, start, end)
      left.fill(0, start, end)
      continue
    }
    if (step === 0) continue
    for (let i = start; i < end; i++) {
      const wanted = left[i] ?? 0
      const code = Math.max(-LEVELS, Math.min(LEVELS, Math.round(wanted / step)))
      codes[i] = code
      const value = Math.fround(code * step)
      decoded[i] = value
      left[i] = wanted - value
    }
  }
  return { bytes, decoded, residual: left }
}

/** Reads a vector of `count` values. Throws `WRONG_SHAPE` on another length, `NOT_FINITE` on a step that is no number. */
export function decodeInt8(bytes: Uint8Array, count: number): Float32Array {
  if (bytes.length !== int8Bytes(count)) {
    throw new IsletError('WRONG_SHAPE', 'the vector has another length than the model', {
      expected_bytes: int8Bytes(count),
      bytes: bytes.length,
    })
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const codes = new Int8Array(bytes.buffer, bytes.byteOffset + 4 * Math.ceil(count / BLOCK), count)
  const values = new Float32Array(count)
  for (let block = 0; block * BLOCK < count; block++) {
    const step = view.getFloat32(4 * block, true)
    if (!Number.isFinite(step) || step < 0 || !Number.isFinite(Math.fround(step * LEVELS))) {
      throw new IsletError('NOT_FINITE', 'a block of the vector holds a value that is no number', { block })
    }
    const end = Math.min(count, (block + 1) * BLOCK)
    for (let i = block * BLOCK; i < end; i++) {
      const code = codes[i] ?? 0
      if (code === -128) throw new IsletError('WRONG_SHAPE', 'a value lies outside ±127 steps', { index: i })
      values[i] = code * step
    }
  }
  return values
}
