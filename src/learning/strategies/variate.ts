/**
 * SCAFFOLD's half at a site: the correction of every gradient, and the site's variate after training.
 *
 * Law (option II): c⁺ᵢ = cᵢ − c + (x − yᵢ) / (K·η), with K steps of plain gradient descent at rate η. With another local
 * optimiser (Adam), (x − y)/(K·η) is a mean of preconditioned steps, not of gradients: the correction then only
 * approximates the paper's.
 * Source: Karimireddy et al. 2020, algorithm 1, lines 10 and 12.
 */

/** Added to every step's gradient: c − cᵢ. */
export function correction(server: Float32Array, own: Float32Array): Float32Array {
  return server.map((value, i) => value - (own[i] ?? 0))
}

/**
 * The site's variate after training.
 *
 * @param update y − x
 * @param steps K, at least 1
 * @param rate η
 */
export function nextVariate(
  own: Float32Array,
  server: Float32Array,
  update: Float32Array,
  steps: number,
  rate: number,
): Float32Array {
  return own.map((value, i) => value - (server[i] ?? 0) - (update[i] ?? 0) / (steps * rate))
}
