/** What a rule of aggregation is given and what it gives back. Updates are differences to the model sent down. */

export interface SiteUpdate {
  readonly site: string
  readonly values: Float32Array
  /** Share of the mean where a rule weighs; positive. */
  readonly weight: number
}

export interface Aggregate {
  readonly values: Float32Array
  /** Sites whose update had no part in the values, in order of their id. */
  readonly excluded: readonly string[]
  /** What the rule measured of each site; its meaning is the rule's. */
  readonly scores: Readonly<Record<string, number>>
}

/** In order of the site's id, so that no sum depends on who answered first. */
export function inOrder(updates: readonly SiteUpdate[]): readonly SiteUpdate[] {
  return updates.toSorted((a, b) => (a.site < b.site ? -1 : a.site > b.site ? 1 : 0))
}

/** Weighted mean in float64, rounded once to float32. */
export function weightedMean(updates: readonly SiteUpdate[]): Float32Array {
  const length = updates[0]?.values.length ?? 0
  const total = updates.reduce((sum, { weight }) => sum + weight, 0)
  const sum = new Float64Array(length)
  for (const { values, weight } of updates) {
    const share = weight / total
    for (let i = 0; i < length; i++) sum[i] = (sum[i] ?? 0) + share * (values[i] ?? 0)
  }
  return Float32Array.from(sum)
}

/** Euclidean norm. */
export function norm(values: Float32Array): number {
  let sum = 0
  for (let i = 0; i < values.length; i++) {
    const value = values[i] ?? 0
    sum += value * value
  }
  return Math.sqrt(sum)
}

/** Middle of some numbers, the mean of the two middle ones of an even count. */
export function middle(numbers: readonly number[]): number {
  const sorted = numbers.toSorted((a, b) => a - b)
  const half = sorted.length >> 1
  const high = sorted[half] ?? 0
  return sorted.length % 2 === 1 ? high : ((sorted[half - 1] ?? 0) + high) / 2
}
