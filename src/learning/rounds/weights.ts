/** The weight of a site in a mean: its examples, bounded, because they are a claim. */
import { middle } from '../robust/update.ts'
import type { RoundPlan } from './plan.ts'

export interface Weighed {
  readonly plan: Pick<RoundPlan, 'weightCap'>
  readonly members: Readonly<Record<string, { readonly examples: number }>>
}

/** Examples of each site, at most `plan.weightCap` times the median of these sites. */
export function weightsOf(
  { plan, members }: Weighed,
  sites: readonly string[],
): Readonly<Record<string, number>> {
  const examples = sites.map((site) => members[site]?.examples ?? 1)
  const most = plan.weightCap * middle(examples)
  return Object.fromEntries(sites.map((site, i) => [site, Math.min(examples[i] ?? 1, most)]))
}
