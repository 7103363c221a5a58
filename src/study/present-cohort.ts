/**
 * Who takes part in a study at a site now: the consent state at the newest block.
 *
 * Law: judged as a round's cohort is, by the same needs; an answer is good for this block alone, and the gate decides
 * once more as each window is opened.
 */
import type { ConsentClaim } from '../consent/browser.door.ts'
import { quantity, type UnixSeconds } from '../vocabulary/index.ts'
import { type Cohort, cohortAt } from './cohort.ts'
import { needsOf } from './freeze-cohort.ts'
import type { SitePorts, SiteStudy } from './site-ports.ts'

/** `now` is the site's own clock. Throws the codes of the ports. */
export async function presentCohort(
  { chain, history, own, people }: Pick<SitePorts, 'chain' | 'history' | 'own' | 'people'>,
  study: SiteStudy,
  now: UnixSeconds,
): Promise<Cohort> {
  const { height, timestamp } = await chain.head()
  const [claims, read] = await Promise.all([people.claims(), history(height)])
  return cohortAt(
    claims,
    needsOf(study, own),
    (claim: ConsentClaim) => read.standing(claim, height),
    // A quiet ledger's clock stands still (PROTOCOL 4).
    quantity<UnixSeconds>(Math.max(timestamp, now)),
  )
}
