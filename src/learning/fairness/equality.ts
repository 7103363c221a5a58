/**
 * How evenly something is spread over sites.
 *
 * Directions: Jain's index is 1 where all are equal and 1/n where one has all; Gini is 0 where all are equal and
 * approaches 1 where one has all. A Gini that rises means *less* equal.
 * Sources: Jain, Chiu, Hawe 1984; Gini 1912 as mean absolute difference over twice the mean.
 */

/** (Σx)² / (n Σx²) of non-negative numbers; 1 of none or all zero. */
export function jain(values: readonly number[]): number {
  const sum = values.reduce((total, value) => total + value, 0)
  const squares = values.reduce((total, value) => total + value * value, 0)
  return squares === 0 ? 1 : (sum * sum) / (values.length * squares)
}

/** Gini coefficient of non-negative numbers in [0, 1); negative ones count as 0. 0 of none or all zero. */
export function gini(values: readonly number[]): number {
  const sorted = values.map((value) => Math.max(0, value)).sort((a, b) => a - b)
  const n = sorted.length
  const sum = sorted.reduce((total, value) => total + value, 0)
  if (sum === 0) return 0
  const ranked = sorted.reduce((total, value, i) => total + (2 * (i + 1) - n - 1) * value, 0)
  return ranked / (n * sum)
}

/** How the site that is worst off does against what it had alone. */
export interface WorstSite {
  readonly site: string
  /** Error of the common model at this site. */
  readonly error: number
  /** Error of the common model − error of the site's own; above 0 the site is better off alone. Undefined: not known. */
  readonly gap: number | undefined
}

/** The site with the largest error; ties fall to the lower id. Undefined of none. */
export function worstSite(
  errors: Readonly<Record<string, number>>,
  alone: Readonly<Record<string, number>> = {},
): WorstSite | undefined {
  let worst: WorstSite | undefined
  for (const site of Object.keys(errors).sort()) {
    const error = errors[site] ?? 0
    if (worst !== undefined && error <= worst.error) continue
    const own = alone[site]
    worst = { site, error, gap: own === undefined ? undefined : error - own }
  }
  return worst
}
