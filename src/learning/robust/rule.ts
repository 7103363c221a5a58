/**
 * The rules of aggregation by name, each with the number of sites below which it promises nothing and is refused.
 *
 * Laws: the order of the sites is nothing, bit for bit; a rule never runs with fewer sites than its bound.
 */
import { IsletError } from '../../vocabulary/index.ts'
import { coordinateMedian, trimmedMean } from './coordinate-rules.ts'
import { KRUM_TOLERANCE, krumChosen, krumScores, lengthened } from './multi-krum.ts'
import { clippedToMedianNorm, trustedMean, trustIn } from './norm-rules.ts'
import { type Aggregate, inOrder, norm, type SiteUpdate, weightedMean } from './update.ts'

export type Rule =
  | { readonly name: 'mean' }
  | { readonly name: 'median' }
  /** `faulty`: sites that may lie and are still outvoted. */
  | { readonly name: 'trimmed-mean'; readonly faulty: number }
  /**
   * `tolerance`: scores times length of up to so many medians leave nobody out; without it scores alone count, and
   * `faulty` sites are out of every round.
   * `trim`: of those taken in, so many largest and smallest values of each coordinate are cut away.
   */
  | {
      readonly name: 'multi-krum'
      readonly faulty: number
      readonly tolerance?: number
      readonly trim?: number
    }
  | { readonly name: 'norm-clip' }
  /** `root`: the site whose update is the measure of trust. */
  | { readonly name: 'fltrust'; readonly root: string }

/**
 * The rule of `open` mode for so many sites: `tolerantKrum` against a fifth of them, rounded down, as far as those that
 * answered are 2f + 3 or more.
 */
export function defaultRule(sites: number, answered = sites): Rule {
  const faulty = Math.min(Math.floor(sites / 5), Math.floor((answered - 3) / 2))
  return faulty < 1 ? { name: 'median' } : tolerantKrum(faulty)
}

/**
 * Multi-Krum that leaves out who stands apart, and at most `faulty` sites, and trims what the others say: a lie too like
 * an honest update to be left out moves no coordinate beyond honest ones.
 * Source: El Mhamdi, Guerraoui, Rouault 2018 (Bulyan) for trimming what Krum chose; their theorem asks for n ≥ 4f + 3.
 */
export function tolerantKrum(faulty: number): Rule {
  return { name: 'multi-krum', faulty, tolerance: KRUM_TOLERANCE, trim: faulty }
}

/** Fewest sites with which a rule keeps what it promises. */
export function fewestSites(rule: Rule): number {
  switch (rule.name) {
    case 'mean':
      return 1
    case 'norm-clip':
    case 'median':
      return 3
    case 'trimmed-mean':
      return 2 * rule.faulty + 1
    case 'multi-krum':
      return 2 * rule.faulty + 3
    case 'fltrust':
      return 1
    default:
      return rule satisfies never
  }
}

/**
 * Aggregates one round's updates; weights count for mean and norm-clip alone.
 * Throws `TOO_FEW_SITES` below the rule's bound, `NO_ROOT` where FLTrust's root did not answer.
 */
export function aggregate(rule: Rule, given: readonly SiteUpdate[]): Aggregate {
  const updates = inOrder(given)
  const needed = fewestSites(rule)
  if (updates.length < needed) {
    throw new IsletError(
      'TOO_FEW_SITES',
      `the rule ${rule.name} needs ${needed} sites, ${updates.length} answered`,
      { rule: rule.name, needed, sites: updates.length },
      { remedy: 'Let more sites take part, or plan for fewer faulty ones.' },
    )
  }
  const scored = (scores: readonly number[]): Readonly<Record<string, number>> =>
    Object.fromEntries(updates.map(({ site }, i) => [site, scores[i] ?? 0]))
  const norms = (): Readonly<Record<string, number>> => scored(updates.map(({ values }) => norm(values)))
  switch (rule.name) {
    case 'mean':
      return { values: weightedMean(updates), excluded: [], scores: norms() }
    case 'median':
      return { values: coordinateMedian(updates), excluded: [], scores: norms() }
    case 'trimmed-mean':
      return { values: trimmedMean(updates, rule.faulty), excluded: [], scores: norms() }
    case 'norm-clip':
      return { values: clippedToMedianNorm(updates), excluded: [], scores: norms() }
    case 'multi-krum': {
      const distances = krumScores(updates, rule.faulty)
      const scores = rule.tolerance === undefined ? distances : lengthened(distances, updates)
      const chosen = krumChosen(scores, rule.faulty, rule.tolerance ?? 0)
      const taken = updates.filter((_, i) => chosen.has(i))
      // Something of every coordinate is left, however few were taken in.
      const trim = Math.min(rule.trim ?? 0, (taken.length - 1) >> 1)
      return {
        values: trimmedMean(taken, trim),
        excluded: updates.filter((_, i) => !chosen.has(i)).map(({ site }) => site),
        scores: scored(scores),
      }
    }
    case 'fltrust': {
      const root = updates.find(({ site }) => site === rule.root)?.values
      if (root === undefined) {
        throw new IsletError('NO_ROOT', 'the site that trust is measured by did not answer', {
          site: rule.root,
        })
      }
      const trust = trustIn(updates, root)
      return {
        values: trustedMean(updates, root, trust),
        excluded: updates.filter((_, i) => trust[i] === 0).map(({ site }) => site),
        scores: scored(trust),
      }
    }
    default:
      return rule satisfies never
  }
}
