/**
 * Taking models back after an erasure: which versions learned from somebody, and the acts that withdraw them.
 *
 * Laws: a version learned from everybody in any round under it, so the first one that had the person takes all that were
 * built on it along; erasures that come together withdraw once (PROTOCOL 25). The next rounds build on what still
 * stands, with the cohorts active then. What others copied of a withdrawn model stays with them; the product says so.
 */
import type { ConsentId, Hash32 } from '../vocabulary/index.ts'
import type { LedgerVersion, StudyActs, StudyReads } from './study-chain.ts'
import type { StudySite } from './study-site.ts'

/** The earliest standing version whose round used one of these consents at this site, or undefined. */
async function firstVersionWith(
  chain: StudyReads,
  study: Hash32,
  site: Pick<StudySite, 'cohort'>,
  consents: readonly ConsentId[],
): Promise<LedgerVersion | undefined> {
  let first: LedgerVersion | undefined
  for (let version = await chain.headVersion(study); version !== undefined; ) {
    const cohort = await site.cohort(version.round)
    if (cohort?.included.some((id) => consents.includes(id)) === true) first = version
    version = version.base === 0 ? undefined : await chain.version(study, version.base)
  }
  return first
}

/**
 * Withdraws every standing version that learned from these consents at this site; gives the first of them.
 * `reason`: hash of a document that names no person. Throws `STUDY_CALL_REFUSED`.
 */
export async function withdrawFor(
  chain: StudyReads,
  acts: Pick<StudyActs, 'withdrawVersion'>,
  study: Hash32,
  site: Pick<StudySite, 'cohort'>,
  consents: readonly ConsentId[],
  reason: Hash32,
): Promise<LedgerVersion | undefined> {
  const first = await firstVersionWith(chain, study, site, consents)
  if (first !== undefined) await acts.withdrawVersion(study, first.number, reason)
  return first
}
