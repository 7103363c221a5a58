/**
 * Seeded randomness for simulations: the same seed gives the same numbers on every machine.
 *
 * Law: this never feeds keys, nonces, salts, masks or privacy noise (PROTOCOL 17).
 * Source: xoshiro128** 1.1 (Blackman and Vigna 2018, public domain), state filled by SplitMix32; normal deviates by
 * Box and Muller 1958. Streams are named, so that adding a person or a meal does not disturb the others.
 */

export interface Random {
  /** Uniform in [0, 1), 32 bits. */
  uniform(): number
  /** Normal with mean 0 and SD 1. */
  normal(): number
  /** Whether an event of this probability happens. */
  chance(probability: number): boolean
}

/** A stream of random numbers named by a seed and any labels. */
export function randomStream(seed: number, ...labels: readonly (string | number)[]): Random {
  const state = new Uint32Array(4)
  let mix = hashOf([seed, ...labels].join(' '))
  for (let i = 0; i < 4; i++) {
    mix = (mix + 0x9e3779b9) >>> 0
    let word = mix
    word = Math.imul(word ^ (word >>> 16), 0x85ebca6b)
    word = Math.imul(word ^ (word >>> 13), 0xc2b2ae35)
    state[i] = word ^ (word >>> 16)
  }
  const next = xoshiro128(state)
  const uniform = (): number => next() / 4_294_967_296
  let spare: number | undefined
  return {
    uniform,
    normal: () => {
      if (spare !== undefined) {
        const value = spare
        spare = undefined
        return value
      }
      // 1 − u lies in (0, 1]: its logarithm is finite.
      const radius = Math.sqrt(-2 * Math.log(1 - uniform()))
      const angle = 2 * Math.PI * uniform()
      spare = radius * Math.sin(angle)
      return radius * Math.cos(angle)
    },
    chance: (probability) => uniform() < probability,
  }
}

/** The generator itself: four words of state that are not all zero, advanced in place; 32 bits a call. */
export function xoshiro128(state: Uint32Array): () => number {
  return () => {
    const [s0 = 0, s1 = 0, s2 = 0, s3 = 0] = state
    const times5 = Math.imul(s1, 5)
    const result = Math.imul((times5 << 7) | (times5 >>> 25), 9) >>> 0
    const third = s2 ^ s0
    const fourth = s3 ^ s1
    state[0] = s0 ^ fourth
    state[1] = s1 ^ third
    state[2] = third ^ (s1 << 9)
    state[3] = (fourth << 11) | (fourth >>> 21)
    return result
  }
}

/** FNV-1a over UTF-16 code units, 32 bits. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193)
  return hash >>> 0
}
