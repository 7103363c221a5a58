/**
 * What a study's model is worth, on the readings that sites hold back: beside the plain forecasts, and by site.
 *
 * Laws: a comparison is made where all sites of the study are of this node, else nothing is said; contributions are
 * computed once per study, each site on its own readings, and recorded under the applicant's key; asked again, what was
 * recorded is told. All sites judge, or nothing is recorded.
 */
import type { StudyComparison } from '../../api/documents.door.ts'
import type { StudyContributionDocument } from '../../api/study.door.ts'
import {
  heldWindows,
  judgedSite,
  meanError,
  modelBeside,
  modelError,
  requireContributions,
  studyContribution,
  studyLearner,
  type UpdatesWorth,
  updatesWorth,
} from '../../study/index.ts'
import { nodeCrypto } from '../../vault/node-cipher.door.ts'
import { recordedResults, recordStudyResult, resultDocument } from './recorded-results.ts'
import type { StudyDesk } from './study-desk.ts'
import type { StudyFile } from './study-shelf.ts'
import type { StudySites } from './study-sites.ts'

type Judged = NonNullable<Awaited<ReturnType<typeof judgedSite>>>

/** The standing model beside persistence and ridge on the very same readings, and kept; null where it cannot be judged here. */
export async function compareModel(
  desk: StudyDesk,
  file: StudyFile,
  running: StudySites,
): Promise<StudyComparison | null> {
  // Under a privacy budget no figure on the sites' readings is told: no noise covers it.
  if (running.study.plan.privacy.differential_privacy !== null) return null
  const head = await desk.chain.headVersion(file.study)
  const model = head === undefined ? undefined : await running.objects.get(head.model)
  if (head === undefined || model === undefined) return null
  if ((await desk.chain.approvedSites(file.study)).length > running.sites.length) return null
  const sites = await judgedSites(running)
  if (sites.length === 0) return null
  const comparison: StudyComparison = {
    version: head.number,
    sites: sites.length,
    people: sites.reduce((sum, { persons }) => sum + persons, 0),
    windows: sites.reduce((sum, { held }) => sum + held.count, 0),
    rows: modelBeside(running.study.plan, model, sites).map((row) => ({ ...row })),
  }
  await desk.shelf.keepComparison(file.study, comparison)
  return comparison
}

/** The study's contributions, computed and recorded the first time. Throws as `requireContributions` and `studyContribution`, and the codes of sites elsewhere. */
export async function contributionOnce(
  desk: StudyDesk,
  file: StudyFile,
  running: StudySites,
  progress?: (done: number, of: number) => void,
): Promise<{ readonly document: StudyContributionDocument; readonly recordedNow: boolean }> {
  const { study } = file
  await requireContributions(running.study.plan)
  for (const [hash, by] of await recordedResults(desk.chain, study)) {
    const result = await resultDocument(desk, running.objects, hash, by)
    if (result?.schema === 'islet.study.contribution/1') return { document: result, recordedNow: false }
  }
  // An applicant that is no site of its own judges nothing.
  const own = running.sites.length === 0 ? [] : [await worthHere(desk, running, progress)]
  const here = new Set(running.sites.map(({ ports }) => ports.own))
  const others = (await desk.chain.approvedSites(study)).filter((site) => !here.has(site))
  const told = await Promise.all(others.map((site) => running.elsewhere.worth(site, study)))
  const document = studyContribution(study, [
    ...own,
    ...told.map(({ windows, ...worth }) => ({ windows, worth })),
  ])
  const { applicant } = await desk.chain.study(study)
  await recordStudyResult(desk, study, document, { key: file.applicant, id: applicant })
  return { document, recordedNow: true }
}

/** What all sites' updates were worth on the readings of the sites here. Throws as `updatesWorth`. */
export async function worthHere(
  desk: Pick<StudyDesk, 'chain'>,
  running: StudySites,
  progress?: (done: number, of: number) => void,
): Promise<{ readonly windows: number; readonly worth: UpdatesWorth }> {
  const { plan, id } = running.study
  const learner = studyLearner(plan, { hasher: nodeCrypto.hasher })
  // Under masks there is nothing to be judged, and nobody is opened for it.
  const sites = plan.privacy.aggregation === 'open' ? await judgedSites(running) : []
  const first = learner.firstModel()
  const scored = sites.filter((site) => !Number.isNaN(modelError(plan, [site])(first)))
  const worth = await updatesWorth(
    {
      chain: desk.chain,
      objects: running.objects,
      learner,
      plan,
      error: meanError(plan, scored),
      ...(progress === undefined ? {} : { progress }),
    },
    id,
  )
  return { windows: heldWindows(scored), worth }
}

/** The windows of the sites here, of whoever can be opened. */
async function judgedSites(running: StudySites): Promise<readonly Judged[]> {
  const sites: Judged[] = []
  for (const { ports } of running.sites) {
    const judged = await judgedSite(ports, running.study, ports.clock())
    if (judged !== undefined) sites.push(judged)
  }
  return sites
}
