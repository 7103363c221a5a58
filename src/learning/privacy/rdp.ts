/**
 * Rényi accounting of the Gaussian mechanism on a Poisson sample, at the integer orders 2–256.
 *
 * Law: what is spent adds up order by order; ε is the smallest that any order gives. The order that wins must not be the
 * last one for tiny ε: then the true ε is smaller, never larger.
 * Sources: Mironov, Talwar, Zhang 2019 (the sampled Gaussian at integer orders, section 3.3); Mironov 2017 (classic
 * conversion, proposition 3); Canonne, Kamath, Steinke 2020 (improved conversion, proposition 12).
 */

/** Orders at which the cost is kept. */
const ORDERS: readonly number[] = Array.from({ length: 255 }, (_, i) => i + 2)

/**
 * Cost of one release, per order of `ORDERS`.
 *
 * @param sampling probability q that a person is in the sample, in [0, 1]
 * @param noise standard deviation of the noise over the clipping norm, above 0
 */
export function gaussianCost(sampling: number, noise: number): Float64Array {
  return Float64Array.from(ORDERS, (order) => {
    if (sampling === 0) return 0
    if (sampling === 1) return order / (2 * noise * noise)
    // log Σₖ C(α, k) (1−q)^(α−k) q^k exp((k²−k)/2σ²), summed from the largest term.
    const terms: number[] = []
    let binomial = 0
    for (let k = 0; k <= order; k++) {
      const weight = binomial + (order - k) * Math.log1p(-sampling) + k * Math.log(sampling)
      terms.push(weight + (k * k - k) / (2 * noise * noise))
      binomial += Math.log(order - k) - Math.log(k + 1)
    }
    const largest = Math.max(...terms)
    const sum = terms.reduce((total, term) => total + Math.exp(term - largest), 0)
    return Math.max(0, (largest + Math.log(sum)) / (order - 1))
  })
}

export type Conversion = 'improved' | 'classic'

/** The ε that a cost per order means at some δ in (0, 1). */
export function epsilon(cost: Float64Array, delta: number, conversion: Conversion = 'improved'): number {
  let least = Number.POSITIVE_INFINITY
  ORDERS.forEach((order, i) => {
    const spent = cost[i] ?? Number.POSITIVE_INFINITY
    const extra =
      conversion === 'classic'
        ? -Math.log(delta) / (order - 1)
        : Math.log1p(-1 / order) - (Math.log(delta) + Math.log(order)) / (order - 1)
    least = Math.min(least, spent + extra)
  })
  return Math.max(0, least)
}
