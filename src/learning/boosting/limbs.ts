/**
 * Words of histograms for a secure sum over 32-bit numbers: each word as three limbs that no sum of sites can overflow.
 *
 * Law: the sum of up to 256 sites' limbs modulo 2^32 gives back the sum of their words, exactly.
 * Layout per word: weight (24 bits), low 20 bits and high 20 bits of G + 2^39.
 */
import { gradientOf, weightOf, wordOf } from './histogram-words.ts'

const BIAS = 2 ** 39
const HALF = 2 ** 20
const LIMBS = 3

/** Three 32-bit numbers for each word. */
export function toLimbs(words: BigUint64Array): Uint32Array {
  const limbs = new Uint32Array(words.length * LIMBS)
  words.forEach((word, i) => {
    const raised = gradientOf(word) + BIAS
    limbs[i * LIMBS] = weightOf(word)
    limbs[i * LIMBS + 1] = raised % HALF
    limbs[i * LIMBS + 2] = Math.floor(raised / HALF)
  })
  return limbs
}

/** The words of summed limbs of that many sites. */
export function fromLimbs(limbs: Uint32Array, sites: number): BigUint64Array {
  return BigUint64Array.from({ length: limbs.length / LIMBS }, (_, i) => {
    const raised = (limbs[i * LIMBS + 1] ?? 0) + (limbs[i * LIMBS + 2] ?? 0) * HALF
    return wordOf(raised - sites * BIAS, limbs[i * LIMBS] ?? 0)
  })
}

/** The sum modulo 2^32, limb by limb. */
export function sumOfLimbs(parts: readonly Uint32Array[]): Uint32Array {
  const sum = new Uint32Array(parts[0]?.length ?? 0)
  for (const part of parts) for (let i = 0; i < sum.length; i++) sum[i] = (sum[i] ?? 0) + (part[i] ?? 0)
  return sum
}
