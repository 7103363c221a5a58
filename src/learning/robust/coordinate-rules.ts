/**
 * Rules that look at each coordinate alone: the median, and the mean of what is left when the f largest and the f
 * smallest values are cut away.
 *
 * Laws: the order of the sites is nothing; every coordinate lies between values of honest sites while at most f of
 * n > 2f lie. Every site is weighed alike: weights are claims, and a claim must not buy influence.
 * Source: Yin, Chen, Ramchandran, Bartlett 2018.
 */
import { trimmedColumns } from '../kernels/robust.ts'
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
  return trimmedColumns(
    updates.map(({ values }) => values),
    cut,
  )
}
