/**
 * A fold with fewer windows: what a table of many runs can afford on a large cohort.
 *
 * Law: windows are left out at one distance for all sites, so that a site that is twice as large as another stays so, and
 * by their place alone, never by what they hold. Validation windows and the normal equations stay whole.
 */
import { everyNth } from '../data/select-windows.ts'
import type { Fold } from './protocols.ts'

export interface Affordable {
  /** Training windows of all sites together, at most, but for one a site that rounding leaves. */
  readonly learned: number
  /** Judged windows, at most. */
  readonly judged: number
}

/** The fold with at most so many windows; the very fold where it has no more. */
export function thinned(fold: Fold, { learned, judged }: Affordable): Fold {
  const all = fold.sites.reduce((sum, { train }) => sum + train.count, 0)
  const [apart, judgedApart] = [distance(all, learned), distance(fold.test.count, judged)]
  if (apart === 1 && judgedApart === 1) return fold
  return {
    ...fold,
    sites: fold.sites.map((site) => ({ ...site, train: everyNth(site.train, apart) })),
    test: everyNth(fold.test, judgedApart),
    testSite: fold.testSite.filter((_, row) => row % judgedApart === 0),
  }
}

function distance(count: number, most: number): number {
  return Math.max(1, Math.ceil(count / most))
}
