/**
 * Results that stand beside a model: what was recorded of it on the ledger, and what a passport may say because of them.
 *
 * Laws: a result is known by the hash of its document, recorded under a site's own key; a passport says "audited" only
 * when every contribution in it stands in an audit of the site that made it, else "declared" (PROTOCOL 24).
 * Limit: an audit is the site's own word, or that of who stood beside it: its data never leave it.
 */
import type { StudyResult } from '../api/study.door.ts'
import type { Hash32, InstitutionId } from '../vocabulary/index.ts'
import { documentHash } from './study-hash.ts'

export type { StudyResult }

/** Hash by which the ledger knows a result. */
export function resultHash(result: StudyResult): Hash32 {
  return documentHash('result', result)
}

/** A site's part of a round, as far as an audit names it. */
interface Contributed {
  readonly round: number
  readonly contributions: readonly {
    readonly site: InstitutionId
    readonly cohortRoot: Hash32
    readonly update: Hash32
  }[]
}

/** Sites of which every contribution stands in an audit of their own, in the order of their first contribution. */
export function auditedSites(
  rounds: readonly Contributed[],
  results: readonly StudyResult[],
): readonly InstitutionId[] {
  const audited = new Set(
    results.flatMap((result) =>
      result.schema === 'islet.study.audit-result/1'
        ? result.rounds.map((one) => nameOf(one.round, result.site, one.cohort_root, one.update))
        : [],
    ),
  )
  const all = rounds.flatMap(({ round, contributions }) =>
    contributions.map(({ site, cohortRoot, update }) => ({
      site,
      isAudited: audited.has(nameOf(round, site, cohortRoot, update)),
    })),
  )
  const sites = [...new Set(all.map(({ site }) => site))]
  return sites.filter((site) => all.every((one) => one.site !== site || one.isAudited))
}

/** `audited` when all contributing sites are. */
export function cohortEvidenceOf(
  rounds: readonly Contributed[],
  results: readonly StudyResult[],
): 'audited' | 'declared' {
  const sites = new Set(rounds.flatMap(({ contributions }) => contributions.map(({ site }) => site)))
  return sites.size > 0 && auditedSites(rounds, results).length === sites.size ? 'audited' : 'declared'
}

function nameOf(round: number, site: InstitutionId, root: Hash32, update: Hash32): string {
  return `${round} ${site} ${root} ${update}`
}
