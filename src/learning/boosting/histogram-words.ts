/**
 * The word of one bin: G · 2^24 + H modulo 2^64, G the sum of gradients in steps (40 bits, signed), H the weight of rows.
 *
 * Law: sums of words are words of the sums as long as Σ|G| < 2^39 and H < 2^24 over all sites, whatever the order.
 */
import { refused } from './refusal.ts'

/** Largest Σ|g| over all sites, in steps. */
export const MOST_GRADIENT = 2 ** 39
/** Largest weight of rows over all sites. */
export const MOST_WEIGHT = 2 ** 24 - 1

/** Gradient steps of a word. */
export function gradientOf(word: bigint): number {
  return Number(BigInt.asIntN(64, word) >> 24n)
}

/** Weight of the rows of a word. */
export function weightOf(word: bigint): number {
  return Number(word & 0xffffffn)
}

/** The word of these sums. */
export function wordOf(gradient: number, weight: number): bigint {
  return BigInt.asUintN(64, (BigInt(gradient) << 24n) + BigInt(weight))
}

/** Sum of the sites' words modulo 2^64, in place of what the parties would add under masks. Throws `BAD_HISTOGRAMS`. */
export function sumOfWords(parts: readonly BigUint64Array[]): BigUint64Array {
  const length = parts[0]?.length ?? 0
  const halves = new Uint32Array(length * 2)
  for (const part of parts) {
    if (part.length !== length)
      throw refused(
        'BAD_HISTOGRAMS',
        'a site sent histograms of another shape',
        { expected: length, found: part.length },
        'ask the site for the histograms of this step again',
      )
    const words = new Uint32Array(part.buffer, part.byteOffset, length * 2)
    for (let i = 0; i < words.length; i += 2) {
      const low = (halves[i] ?? 0) + (words[i] ?? 0)
      halves[i] = low
      halves[i + 1] = (halves[i + 1] ?? 0) + (words[i + 1] ?? 0) + (low > 0xffffffff ? 1 : 0)
    }
  }
  return new BigUint64Array(halves.buffer)
}
