/** Rounds, cohort roots and versions of a study as the ledger has them: what a person holds proofs against. */
import type { StudyHistory, StudyPlan } from '../../study/index.ts'
import type { Hash32, InstitutionId } from '../../vocabulary/index.ts'
import type { StudyDesk } from './study-desk.ts'
import type { StudyFile } from './study-shelf.ts'

/** Reads it all. */
export async function historyOf(
  { chain }: StudyDesk,
  { study }: StudyFile,
  plan: StudyPlan,
): Promise<StudyHistory> {
  const rounds: StudyHistory['rounds'][number][] = []
  for (let number = 1; number <= (await chain.latestRound(study)); number += 1) {
    const round = await chain.round(study, number)
    if (round === undefined) continue
    const cohortRoots = new Map<InstitutionId, Hash32>()
    for (const site of round.cohorts) {
      const { cohortRoot } = await chain.contribution(study, number, site)
      if (cohortRoot !== undefined) cohortRoots.set(site, cohortRoot)
    }
    const survivors = round.phase === 'FINAL' ? round.survivors : []
    rounds.push({ round: number, openedAt: round.openedAt, cohortRoots, survivors })
  }
  const versions: StudyHistory['versions'][number][] = []
  for (let number = 1; ; number += 1) {
    const version = await chain.version(study, number)
    if (version === undefined) break
    versions.push(version)
  }
  return { study, title: plan.title, purpose: plan.purpose.duo, rounds, versions }
}
