/**
 * The largest values only: a share of the coordinates by magnitude, their places as gaps, their values in eight bits.
 *
 * Law: what is left out stays with the sender as residual (error feedback). Ties fall to the lower index, so that the
 * same values give the same bytes on every machine.
 * Source: Stich, Cordonnier, Jaggi 2018 (sparsified SGD with memory).
 */
import { concat, IsletError, uint32 } from '../../vocabulary/index.ts'
import { type Compressed, decodeInt8, encodeInt8 } from './block-int8.ts'

/** Encodes the ⌈share × count⌉ values of largest magnitude, at least one; share in (0, 1]. */
export function encodeTopK(values: Float32Array, share: number, residual?: Float32Array): Compressed {
  const count = values.length
  const wanted = values.map((value, i) => value + (residual?.[i] ?? 0))
  const kept = Math.min(count, Math.max(1, Math.ceil(share * count)))
  // What is no number counts as largest: it reaches the receiver, who refuses it.
  const magnitude = wanted.map((value) =>
    Number.isFinite(value) ? Math.abs(value) : Number.POSITIVE_INFINITY,
  )
  const places = Array.from({ length: count }, (_, i) => i)
    .sort((a, b) => (magnitude[b] ?? 0) - (magnitude[a] ?? 0) || a - b)
    .slice(0, kept)
    .sort((a, b) => a - b)
  const coded = encodeInt8(Float32Array.from(places, (place) => wanted[place] ?? 0))
  const decoded = new Float32Array(count)
  const left = wanted.slice()
  places.forEach((place, i) => {
    decoded[place] = coded.decoded[i] ?? 0
    left[place] = coded.residual[i] ?? 0
  })
  return { bytes: concat(uint32(kept), gapsOf(places), coded.bytes), decoded, residual: left }
}

/** Reads a sparse vector. Throws `WRONG_SHAPE` on places outside the model or stray bytes, `NOT_FINITE` as int8. */
export function decodeTopK(bytes: Uint8Array, count: number): Float32Array {
  const wrong = (why: string) =>
    new IsletError('WRONG_SHAPE', `the sparse vector ${why}`, { bytes: bytes.length })
  if (bytes.length < 4) throw wrong('ends before it begins')
  const kept = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0)
  if (kept > count) throw wrong('holds more values than the model')
  const places: number[] = []
  let at = 4
  let last = -1
  while (places.length < kept) {
    let gap = 0
    for (let shift = 0; ; shift += 7) {
      const byte = bytes[at++]
      if (byte === undefined || shift > 21) throw wrong('has places that end nowhere')
      gap |= (byte & 127) << shift
      if (byte < 128) break
    }
    last += gap + 1
    if (last >= count) throw wrong('names a place outside the model')
    places.push(last)
  }
  const read = decodeInt8(bytes.subarray(at), kept)
  const values = new Float32Array(count)
  places.forEach((place, i) => {
    values[place] = read[i] ?? 0
  })
  return values
}

/** Places as gaps to the one before, seven bits a byte (LEB128). */
function gapsOf(places: readonly number[]): Uint8Array {
  const bytes: number[] = []
  let last = -1
  for (const place of places) {
    let gap = place - last - 1
    last = place
    while (gap > 127) {
      bytes.push((gap & 127) | 128)
      gap >>= 7
    }
    bytes.push(gap)
  }
  return Uint8Array.from(bytes)
}
