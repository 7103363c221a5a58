/** Normal deviates from a seed, for simulated attackers alone: never masks, never privacy noise (PROTOCOL 17). */

/** Mean 0 and SD 1; SplitMix32 (Steele et al. 2014) and Box and Muller 1958. */
export function seededNormal(seed: number): () => number {
  let state = seed | 0
  const uniform = (): number => {
    state = (state + 0x9e3779b9) | 0
    let word = state
    word = Math.imul(word ^ (word >>> 16), 0x85ebca6b)
    word = Math.imul(word ^ (word >>> 13), 0xc2b2ae35)
    return ((word ^ (word >>> 16)) >>> 0) / 4_294_967_296
  }
  return () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform())
}
