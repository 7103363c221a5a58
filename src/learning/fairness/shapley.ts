/**
 * What each site contributed: Shapley values of the worth that coalitions of sites reach.
 *
 * Laws: values sum to the worth of all − the worth of none (efficiency, to rounding); sites that are alike get the same;
 * a site that changes no coalition's worth gets 0. Exact up to 12 sites (2ⁿ coalitions), beyond by permutations drawn
 * from a seed, each cut off once it is within `tolerance` of the worth of all. In `open` mode only: under masks nobody
 * holds the single updates, and `MODE_HIDES_SITES` says so.
 * Sources: Shapley 1953; Ghorbani and Zou 2019 (truncated Monte Carlo).
 */
import { IsletError } from '../../vocabulary/index.ts'
import type { Mode } from '../rounds/plan.ts'

/** Worth of a coalition, larger is better; it is asked once for each. Sites are in the order given. */
export type Worth = (coalition: readonly string[]) => number | Promise<number>

export interface Contribution {
  readonly values: Readonly<Record<string, number>>
  readonly method: 'exact' | 'truncated'
  /** Coalitions whose worth was asked. */
  readonly coalitions: number
  readonly permutations: number
}

export interface ContributionOptions {
  readonly mode: Mode
  /** Permutations of the truncated method. */
  readonly permutations?: number
  /** Of the truncated method: a walk ends this near to the worth of all. */
  readonly tolerance?: number
  readonly seed?: number
}

/** Sites up to which the values are exact. */
const MOST_EXACT = 12

/** Throws `MODE_HIDES_SITES` outside `open` mode, `TOO_FEW_SITES` of none. */
export async function contribution(
  sites: readonly string[],
  worth: Worth,
  { mode, permutations = 200, tolerance = 0, seed = 1 }: ContributionOptions,
): Promise<Contribution> {
  if (mode !== 'open') {
    throw new IsletError(
      'MODE_HIDES_SITES',
      `in mode ${mode} nobody holds a single site’s update, so that no site’s share can be told`,
      { mode },
      { remedy: 'Ask for contributions in a study that runs in open mode.' },
    )
  }
  if (sites.length === 0) throw new IsletError('TOO_FEW_SITES', 'there are no sites', { needed: 1, sites: 0 })
  const known = new Map<string, number>()
  const worthOf = async (members: ReadonlySet<number>): Promise<number> => {
    const coalition = sites.filter((_, i) => members.has(i))
    const name = JSON.stringify(coalition)
    const value = known.get(name) ?? (await worth(coalition))
    known.set(name, value)
    return value
  }
  const exact = sites.length <= MOST_EXACT
  const values = exact
    ? await exactValues(sites.length, worthOf)
    : await sampledValues(sites.length, worthOf, permutations, tolerance, seed)
  return {
    values: Object.fromEntries(sites.map((site, i) => [site, values[i] ?? 0])),
    method: exact ? 'exact' : 'truncated',
    coalitions: known.size,
    permutations: exact ? 0 : permutations,
  }
}

type WorthOf = (members: ReadonlySet<number>) => Promise<number>

async function exactValues(n: number, worthOf: WorthOf): Promise<Float64Array> {
  const values = new Float64Array(n)
  const worths = new Float64Array(2 ** n)
  const membersOf = (mask: number): ReadonlySet<number> =>
    new Set(Array.from({ length: n }, (_, i) => i).filter((i) => ((mask >> i) & 1) === 1))
  for (let mask = 0; mask < worths.length; mask++) worths[mask] = await worthOf(membersOf(mask))
  // Share of the orders in which a coalition of this size stands before the site: s!(n−s−1)!/n!.
  const share = [1 / n]
  for (let size = 1; size < n; size++) share.push(((share[size - 1] ?? 0) * size) / (n - size))
  for (let mask = 0; mask < worths.length; mask++) {
    const size = membersOf(mask).size
    for (let i = 0; i < n; i++) {
      if (((mask >> i) & 1) === 1) continue
      const gain = (worths[mask | (1 << i)] ?? 0) - (worths[mask] ?? 0)
      values[i] = (values[i] ?? 0) + (share[size] ?? 0) * gain
    }
  }
  return values
}

async function sampledValues(
  n: number,
  worthOf: WorthOf,
  permutations: number,
  tolerance: number,
  seed: number,
): Promise<Float64Array> {
  const values = new Float64Array(n)
  const all = await worthOf(new Set(Array.from({ length: n }, (_, i) => i)))
  const none = await worthOf(new Set())
  let state = seed | 0
  const below = (bound: number): number => {
    state = (state + 0x9e3779b9) | 0
    let word = state
    word = Math.imul(word ^ (word >>> 16), 0x85ebca6b)
    word = Math.imul(word ^ (word >>> 13), 0xc2b2ae35)
    return Math.floor((((word ^ (word >>> 16)) >>> 0) / 4_294_967_296) * bound)
  }
  for (let walk = 0; walk < permutations; walk++) {
    const order = Array.from({ length: n }, (_, i) => i)
    for (let i = n - 1; i > 0; i--) {
      const j = below(i + 1)
      ;[order[i], order[j]] = [order[j] ?? 0, order[i] ?? 0]
    }
    const members = new Set<number>()
    let before = none
    for (const [place, site] of order.entries()) {
      members.add(site)
      // Within tolerance of the whole, the rest add the little that is left, the last one all of it.
      const last = place === n - 1
      const near = Math.abs(all - before) <= tolerance
      const after = last ? all : near ? before : await worthOf(members)
      values[site] = (values[site] ?? 0) + (after - before) / permutations
      before = after
    }
  }
  return values
}
