/**
 * What the mean glucose suggests HbA1c to be.
 *
 * Source: GMI: Bergenstal et al. 2018, Diabetes Care 41:2275; eA1C: Nathan et al. 2008, Diabetes Care 31:1473.
 */

/** Glucose management indicator, %, from a mean in mg/dL. */
export function gmi(mean: number): number {
  return 3.31 + 0.02392 * mean
}

/** Estimated HbA1c, %, from a mean in mg/dL: the older regression, kept for comparison. */
export function estimatedA1c(mean: number): number {
  return (46.7 + mean) / 28.7
}
