/**
 * Plain statistics of a trace: mean, spread, quantiles.
 *
 * Law: the standard deviation divides by n − 1; a quantile lies on the line between order statistics
 * (Hyndman and Fan 1996, type 7). Unknown is null.
 */

export function mean(values: Float64Array): number | null {
  if (values.length === 0) return null
  let sum = 0
  for (let i = 0; i < values.length; i++) sum += values[i] ?? 0
  return sum / values.length
}

/** Standard deviation with n − 1; null below two values. Two passes, so that a large mean costs no digits. */
export function standardDeviation(values: Float64Array): number | null {
  const centre = mean(values)
  if (centre === null || values.length < 2) return null
  let sum = 0
  let rest = 0
  for (let i = 0; i < values.length; i++) {
    const deviation = (values[i] ?? 0) - centre
    sum += deviation * deviation
    rest += deviation
  }
  return Math.sqrt(Math.max(0, sum - (rest * rest) / values.length) / (values.length - 1))
}

/** Quantile of ascending values, 0 ≤ p ≤ 1, type 7; null without values. */
export function quantile(ascending: Float64Array, p: number): number | null {
  if (ascending.length === 0) return null
  const place = (ascending.length - 1) * p
  const below = Math.floor(place)
  const low = ascending[below] ?? 0
  const high = ascending[Math.min(below + 1, ascending.length - 1)] ?? 0
  return low + (place - below) * (high - low)
}

/** Mean, spread and quartiles; every figure in the unit of the values. */
export interface Distribution {
  readonly n: number
  readonly mean: number | null
  readonly sd: number | null
  readonly min: number | null
  readonly q1: number | null
  readonly median: number | null
  readonly q3: number | null
  readonly max: number | null
  /** 1.4826 × median of |g − median|: estimates the SD of a normal distribution. */
  readonly mad: number | null
}

export function distribution(values: Float64Array): Distribution {
  const ascending = values.slice().sort()
  const median = quantile(ascending, 0.5)
  return {
    n: values.length,
    mean: mean(values),
    sd: standardDeviation(values),
    min: quantile(ascending, 0),
    q1: quantile(ascending, 0.25),
    median,
    q3: quantile(ascending, 0.75),
    max: quantile(ascending, 1),
    mad: median === null ? null : medianDeviation(ascending, median),
  }
}

/** Consistency of the median absolute deviation with the SD of a normal distribution: 1 / Φ⁻¹(3/4). */
const NORMAL_CONSISTENCY = 1.4826

/**
 * Median of |g − median|: the deviations below and above the median are two ascending runs, so that merging them to the
 * middle replaces a second sort.
 */
function medianDeviation(ascending: Float64Array, median: number): number {
  let above = ascending.findIndex((value) => value >= median)
  let below = above - 1
  const n = ascending.length
  const middle = (n - 1) / 2
  let previous = 0
  let current = 0
  for (let taken = 0; taken <= Math.ceil(middle); taken++) {
    previous = current
    const down = below >= 0 ? median - (ascending[below] ?? 0) : Number.POSITIVE_INFINITY
    const up = above < n ? (ascending[above] ?? 0) - median : Number.POSITIVE_INFINITY
    if (down < up) below--
    else above++
    current = Math.min(down, up)
  }
  return NORMAL_CONSISTENCY * (Number.isInteger(middle) ? current : (previous + current) / 2)
}
