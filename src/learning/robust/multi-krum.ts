/**
 * Multi-Krum: each update is scored by its distance to its n − f − 2 nearest others; the m = n − f of lowest score are
 * averaged.
 *
 * Laws: needs n ≥ 2f + 3; a site's score is the sum of squared Euclidean distances; equal scores fall to the lower id.
 * Source: Blanchard, El Mhamdi, Guerraoui, Stainer 2017, sections 4 and 6.
 */
import type { SiteUpdate } from './update.ts'

/** Score of each update, in the order given: the sum of squared distances to its n − f − 2 nearest others. */
export function krumScores(updates: readonly SiteUpdate[], faulty: number): readonly number[] {
  const n = updates.length
  const distances = updates.map(() => new Float64Array(n))
  for (let a = 0; a < n; a++) {
    for (let b = a + 1; b < n; b++) {
      const distance = squaredDistance(updates[a]?.values, updates[b]?.values)
      const [left, right] = [distances[a], distances[b]]
      if (left !== undefined) left[b] = distance
      if (right !== undefined) right[a] = distance
    }
  }
  const near = Math.max(1, n - faulty - 2)
  return distances.map((row, self) => {
    const others = row.filter((_, other) => other !== self).sort()
    let sum = 0
    for (let i = 0; i < near; i++) sum += others[i] ?? 0
    return sum
  })
}

function squaredDistance(a: Float32Array = new Float32Array(), b: Float32Array = new Float32Array()): number {
  let sum = 0
  for (let i = 0; i < a.length; i++) {
    const difference = (a[i] ?? 0) - (b[i] ?? 0)
    sum += difference * difference
  }
  return sum
}
