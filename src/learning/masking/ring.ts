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

/** sum ← sum ± packed numbers modulo 2ᵇ, in place; as many as the sum has. */
export function addPacked(sum: Uint32Array, bytes: Uint8Array, sign: 1 | -1, bits: number): void {
  const mask = 2 ** bits - 1
  // −v is (v ^ −1) + 1: one loop for both signs, without a product.
  const flip = sign === 1 ? 0 : -1
  // Numbers whose four bytes all lie inside: a loop that never looks beyond the end is twice as fast.
  const inside = Math.min(sum.length, Math.max(0, Math.floor(((bytes.length - 4) * 8) / bits)))
  for (let i = 0, bit = 0; i < inside; i++, bit += bits) {
    sum[i] = ((sum[i] ?? 0) + ((packedAt(bytes, bit) ^ flip) - flip)) & mask
  }
  for (let i = inside; i < sum.length; i++) {
    sum[i] = ((sum[i] ?? 0) + ((endingAt(bytes, i * bits) ^ flip) - flip)) & mask
  }
}

/** The bits from one on: four bytes hold any number of up to 24 bits, wherever in its first byte it begins. */
function packedAt(bytes: Uint8Array, bit: number): number {
  const at = bit >>> 3
  const low = (bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8)
  const high = ((bytes[at + 2] ?? 0) << 16) | ((bytes[at + 3] ?? 0) << 24)
  return (low | high) >>> (bit & 7)
}

/** The same near the end, where bytes beyond it are zeros. */
function endingAt(bytes: Uint8Array, bit: number): number {
  const tail = new Uint8Array(4)
  tail.set(bytes.subarray(bit >>> 3, (bit >>> 3) + 4))
  return packedAt(tail, bit & 7)
}

/** The number in [−2ᵇ⁻¹, 2ᵇ⁻¹) that a ring element stands for. */
export function centred(value: number, bits: number): number {
  return value >= 2 ** (bits - 1) ? value - 2 ** bits : value
}
