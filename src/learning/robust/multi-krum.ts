/**
 * Multi-Krum: each update is scored by its distance to its n − f − 2 nearest others; the m = n − f of lowest score are
 * averaged, and of the other f those who stand no further off than a tolerance allows.
 *
 * Laws: needs n ≥ 2f + 3; a site's score is the sum of squared Euclidean distances; equal scores fall to the lower id.
 * With a tolerance the score counts times the update's own length: sites that say the same lie stand near to each other,
 * and pull longer than those who agree with most. The median of the scores is at most an honest site's while f of
 * n ≥ 2f + 3 lie, so that whoever is taken in scores at most `tolerance` times an honest score: where nobody lies nobody
 * needs to be left out.
 * Source: Blanchard, El Mhamdi, Guerraoui, Stainer 2017, sections 4 and 6; tolerance and length are ours.
 */
import { squaredDistances } from '../kernels/robust.ts'
import { norm, type SiteUpdate } from './update.ts'

/** Score of each update, in the order given: the sum of squared distances to its n − f − 2 nearest others. */
export function krumScores(updates: readonly SiteUpdate[], faulty: number): readonly number[] {
  const distances = squaredDistances(updates.map(({ values }) => values))
  const near = Math.max(1, updates.length - faulty - 2)
  return distances.map((row, self) => {
    const others = row.filter((_, other) => other !== self).sort()
    let sum = 0
    for (let i = 0; i < near; i++) sum += others[i] ?? 0
    return sum
  })
}

/** Scores times each update's Euclidean norm. */
export function lengthened(scores: readonly number[], updates: readonly SiteUpdate[]): readonly number[] {
  return updates.map(({ values }, i) => (scores[i] ?? 0) * norm(values))
}

/**
 * Scores times length, in medians of all, up to which the default rule leaves nobody out (docs/learning.md, Robustness,
 * says what it was chosen on).
 */
export const KRUM_TOLERANCE = 2.5

/** Places of the updates that are averaged. `tolerance` 0: the n − f of lowest score and no other. */
export function krumChosen(
  scores: readonly number[],
  faulty: number,
  tolerance: number,
): ReadonlySet<number> {
  const ranked = scores.map((_, i) => i).sort((a, b) => (scores[a] ?? 0) - (scores[b] ?? 0) || a - b)
  const bound = tolerance * (scores[ranked[ranked.length >> 1] ?? 0] ?? 0)
  const least = scores.length - faulty
  return new Set(ranked.filter((i, rank) => rank < least || (scores[i] ?? 0) <= bound))
}
