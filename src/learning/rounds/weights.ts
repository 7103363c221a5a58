/** The weight of a site in a mean: its examples, bounded, because they are a claim. */
import { middle } from '../robust/update.ts'
import type { RoundState } from './state.ts'

/** Examples of each site, at most `plan.weightCap` times the median of these sites. */
export function weightsOf(state: RoundState, sites: readonly string[]): Readonly<Record<string, number>> {
  const examples = sites.map((site) => state.members[site]?.examples ?? 1)
  const most = state.plan.weightCap * middle(examples)
  return Object.fromEntries(sites.map((site, i) => [site, Math.min(examples[i] ?? 1, most)]))
}
