/**
 * The order of the windows and the learning rate of each step.
 *
 * Law: both follow from the settings alone, with arithmetic that every machine does alike: no Math.cos, no Math.random.
 * Source of the generator: SplitMix32 (the 32-bit finaliser of MurmurHash3, Appleby, public domain, over a Weyl sequence);
 * shuffle of Fisher and Yates 1938 in Durstenfeld's form; cosine schedule: Loshchilov and Hutter 2017, without restarts.
 */

/** A stream of 32-bit words from a seed; never for keys, masks or privacy noise. */
export function words(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x9e3779b9) >>> 0
    let word = Math.imul(state ^ (state >>> 16), 0x85ebca6b)
    word = Math.imul(word ^ (word >>> 13), 0xc2b2ae35)
    return (word ^ (word >>> 16)) >>> 0
  }
}

/** 0 … count − 1, shuffled in place of `order`. */
export function shuffle(order: Int32Array, next: () => number): void {
  for (let i = order.length - 1; i > 0; i--) {
    // Scaling a word instead of rejecting some is biased by less than 2⁻³² × count, and always takes one word.
    const other = Math.floor((next() / 4_294_967_296) * (i + 1))
    const held = order[i] ?? 0
    order[i] = order[other] ?? 0
    order[other] = held
  }
}

/** The order of the windows in the first pass of a training with this seed. */
export function firstOrder(count: number, seed: number): Int32Array {
  const order = Int32Array.from({ length: count }, (_, i) => i)
  shuffle(order, words(seed))
  return order
}

/** A batch's shifts: nothing for half of the columns, uniform in ±`most` for the others; two words a column. */
export function drawShifts(shifts: Float32Array, most: number, next: () => number): void {
  for (let column = 0; column < shifts.length; column++) {
    const moved = next() >= 2_147_483_648
    const share = next() / 4_294_967_296
    shifts[column] = moved ? most * (2 * share - 1) : 0
  }
}

/** Share of the learning rate at a step of `total`: 1, or half a cosine from 1 down towards 0. */
export function rateShare(schedule: 'constant' | 'cosine', step: number, total: number): number {
  if (schedule === 'constant') return 1
  // ½ (1 + cos a) = 1 − sin² (a / 2), a / 2 within a quarter turn, where the Taylor series ends soon.
  const angle = (Math.PI / 2) * (step / total)
  let term = angle
  let sine = angle
  for (let k = 2; k <= 24; k += 2) {
    term = (-term * angle * angle) / (k * (k + 1))
    sine += term
  }
  return 1 - sine * sine
}
