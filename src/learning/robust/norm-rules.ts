/**
 * Rules that look at an update's length and direction: clipping to the median norm, and trust by agreement with a root.
 *
 * FLTrust: a site's trust is the cosine to the root's update, 0 where they disagree; every update is brought to the
 * root's norm and averaged by trust. Where nobody agrees, the root's own update is what is left.
 * Sources: Sun et al. 2019 (norm bounding); Cao, Fang, Liu, Gong 2021 (FLTrust), equations 3–5.
 */
import { middle, norm, type SiteUpdate, weightedMean } from './update.ts'

/** Each update shortened to the median norm of all, then the weighted mean. */
export function clippedToMedianNorm(updates: readonly SiteUpdate[]): Float32Array {
  const bound = middle(updates.map(({ values }) => norm(values)))
  return weightedMean(updates.map((update) => ({ ...update, values: clipTo(update.values, bound) })))
}

/** The vector itself, or shortened to a norm. */
export function clipTo(values: Float32Array, bound: number): Float32Array {
  const length = norm(values)
  if (length <= bound) return values
  const shorter = new Float32Array(values.length)
  for (let i = 0; i < shorter.length; i++) shorter[i] = ((values[i] ?? 0) * bound) / length
  return shorter
}

/** Trust of each update, in [0, 1]. */
export function trustIn(updates: readonly SiteUpdate[], root: Float32Array): readonly number[] {
  const rootNorm = norm(root)
  return updates.map(({ values }) => {
    const length = norm(values)
    if (length === 0 || rootNorm === 0) return 0
    let dot = 0
    for (let i = 0; i < values.length; i++) dot += (values[i] ?? 0) * (root[i] ?? 0)
    return Math.max(0, dot / (length * rootNorm))
  })
}

/** Updates at the root's norm, averaged by trust. */
export function trustedMean(
  updates: readonly SiteUpdate[],
  root: Float32Array,
  trust: readonly number[],
): Float32Array {
  if (trust.every((score) => score === 0)) return root
  const rootNorm = norm(root)
  const trusted = updates.flatMap(({ site, values }, i) => {
    const weight = trust[i] ?? 0
    const length = norm(values)
    return weight === 0 ? [] : [{ site, weight, values: values.map((value) => (value * rootNorm) / length) }]
  })
  return weightedMean(trusted)
}
