/**
 * Whole numbers modulo 2ᵇ, packed without gaps: what masked updates are made of.
 *
 * Law: with b = d + ⌈log₂ n⌉ bits the sum of n numbers of d bits, so within ±(2ᵈ⁻¹ − 1), never wraps, so that the sum
 * modulo 2ᵇ is the sum.
 */

/** Bits of one site's number: a byte, or two where ranges stand and cannot follow what comes. */
export type Depth = 8 | 16

/** Bits of a ring element for sums of n sites. */
export function ringBits(sites: number, depth: Depth = 8): number {
  return depth + Math.ceil(Math.log2(sites))
}

/** Largest number of so many bits with a sign; its negative is the smallest. */
export function levels(depth: Depth): number {
  return 2 ** (depth - 1) - 1
}

export function packedBytes(count: number, bits: number): number {
  return Math.ceil((count * bits) / 8)
}

/** Packs numbers in [0, 2ᵇ), lowest bits first; b at most 24. */
export function pack(values: Uint32Array, bits: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(packedBytes(values.length, bits))
  let pending = 0
  let held = 0
  let at = 0
  for (let i = 0; i < values.length; i++) {
    pending |= (values[i] ?? 0) << held
    held += bits
    while (held >= 8) {
      bytes[at++] = pending & 255
      pending >>>= 8
      held -= 8
    }
  }
  if (held > 0) bytes[at] = pending & 255
  return bytes
}

/** Reads `count` numbers; bytes beyond them are not looked at. */
export function unpack(bytes: Uint8Array, count: number, bits: number): Uint32Array {
  const values = new Uint32Array(count)
  addPacked(values, bytes, 1, bits)
  return values
}

/** sum ← sum ± packed numbers modulo 2ᵇ, in place; as many as the sum has; bytes that are not there count as zeros. */
export function addPacked(sum: Uint32Array, bytes: Uint8Array, sign: 1 | -1, bits: number): void {
  const inside = Math.min(sum.length, Math.max(0, Math.floor(((bytes.length - 4) * 8) / bits)))
  addWhole(sum.subarray(0, inside), bytes, 0, sign, bits)
  if (inside === sum.length) return
  const start = (inside * bits) >>> 3
  const rest = new Uint8Array(packedBytes(sum.length, bits) - start + 4)
  rest.set(bytes.subarray(start, start + rest.length))
  addWhole(sum.subarray(inside), rest, (inside * bits) & 7, sign, bits)
}

/** The same from a bit on, where four bytes can be read at every number: they hold any of up to 24 bits. */
function addWhole(sum: Uint32Array, bytes: Uint8Array, from: number, sign: 1 | -1, bits: number): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const mask = 2 ** bits - 1
  // −v is (v ^ −1) + 1: one loop for both signs, without a product.
  const flip = sign === 1 ? 0 : -1
  for (let i = 0, bit = from; i < sum.length; i++, bit += bits) {
    const value = view.getUint32(bit >>> 3, true) >>> (bit & 7)
    sum[i] = ((sum[i] ?? 0) + ((value ^ flip) - flip)) & mask
  }
}

/** The number in [−2ᵇ⁻¹, 2ᵇ⁻¹) that a ring element stands for. */
export function centred(value: number, bits: number): number {
  return value >= 2 ** (bits - 1) ? value - 2 ** bits : value
}
