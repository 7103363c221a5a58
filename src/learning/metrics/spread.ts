/**
 * How unequal a figure is over sites: Gini (0 = all equal, towards 1 = one has everything) and Jain (1 = all equal).
 *
 * Law: 0 ≤ Gini < 1 and 1/n ≤ Jain ≤ 1 for non-negative values; neither changes when all values are scaled alike.
 * Source: Gini 1912 as mean absolute difference over twice the mean; Jain, Chiu, Hawe 1984, DEC-TR-301.
 */

/** Gini of non-negative values; 0 for none and for all zero. Lower is more equal. */
export function gini(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  const sum = sorted.reduce((total, value) => total + value, 0)
  if (sum === 0) return 0
  const n = sorted.length
  const ranked = sorted.reduce((total, value, i) => total + (2 * (i + 1) - n - 1) * value, 0)
  return ranked / (n * sum)
}

/** Jain's index of non-negative values; 1 for none and for all zero. Higher is more equal. */
export function jain(values: readonly number[]): number {
  const sum = values.reduce((total, value) => total + value, 0)
  const squares = values.reduce((total, value) => total + value * value, 0)
  return squares === 0 ? 1 : (sum * sum) / (values.length * squares)
}
