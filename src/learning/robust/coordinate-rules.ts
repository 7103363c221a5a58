/**
 * Rules that look at each coordinate alone: the median, and the mean of what is left when the f largest and the f
 * smallest values are cut away.
 *
 * Laws: the order of the sites is nothing; every coordinate lies between values of honest sites while at most f of
 * n > 2f lie. Every site is weighed alike: weights are claims, and a claim must not buy influence.
 * Source: Yin, Chen, Ramchandran, Bartlett 2018.
 */
import type { SiteUpdate } from './update.ts'

/** Coordinate-wise median. */
export function coordinateMedian(updates: readonly SiteUpdate[]): Float32Array {
  return trimmed(updates, (updates.length - 1) >> 1)
}

/** Coordinate-wise mean without the `cut` largest and smallest values; 2·cut < n. */
export function trimmedMean(updates: readonly SiteUpdate[], cut: number): Float32Array {
  return trimmed(updates, cut)
}

function trimmed(updates: readonly SiteUpdate[], cut: number): Float32Array {
  const n = updates.length
  const length = updates[0]?.values.length ?? 0
  const result = new Float32Array(length)
  const column = new Float64Array(n)
  for (let i = 0; i < length; i++) {
    for (let s = 0; s < n; s++) column[s] = updates[s]?.values[i] ?? 0
    column.sort()
    let sum = 0
    for (let s = cut; s < n - cut; s++) sum += column[s] ?? 0
    result[i] = sum / (n - 2 * cut)
  }
  return result
}
