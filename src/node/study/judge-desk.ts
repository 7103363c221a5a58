/**
 * What a study's model is worth, on the readings that the sites of this node hold back: beside the plain forecasts, and
 * by site.
 *
 * Laws: judged where all sites of the study are of this node, else nothing is said; contributions are computed once per
 * study and recorded under the applicant's key; asked again, what was recorded is told.
 */
import type { StudyComparison } from '../../api/documents.door.ts'
import type { StudyContributionDocument } from '../../api/study.door.ts'
import { judgedSite, modelBeside, modelError, studyContribution, studyLearner } from '../../study/index.ts'
import { nodeCrypto } from '../../vault/node-cipher.door.ts'
import { hash32, IsletError } from '../../vocabulary/index.ts'
import { recordStudyResult } from './audit-desk.ts'
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
  const sites = await judgedSites(desk, file, running)
  if (head === undefined || model === undefined || sites.length === 0) return null
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

/** The study's contributions, computed and recorded the first time. Throws as `studyContribution`, `SITES_ELSEWHERE`. */
export async function contributionOnce(
  desk: StudyDesk,
  file: StudyFile,
  running: StudySites,
  progress?: (done: number, of: number) => void,
): Promise<{ readonly document: StudyContributionDocument; readonly recordedNow: boolean }> {
  const recorded = await recordedContribution(desk, file)
  if (recorded !== undefined) return { document: recorded, recordedNow: false }
  const { plan } = running.study
  const sites = plan.privacy.aggregation === 'open' ? await judgedSites(desk, file, running) : []
  const document = await studyContribution(
    {
      chain: desk.chain,
      objects: running.objects,
      learner: studyLearner(plan, { hasher: nodeCrypto.hasher }),
      plan,
      error: sites.length === 0 ? nobodyToJudge : modelError(plan, sites),
      ...(progress === undefined ? {} : { progress }),
    },
    file.study,
  )
  const { applicant } = await desk.chain.study(file.study)
  await recordStudyResult(desk, file.study, document, { key: file.applicant, id: applicant })
  return { document, recordedNow: true }
}

async function recordedContribution(
  { chain, shelf }: StudyDesk,
  { study }: StudyFile,
): Promise<StudyContributionDocument | undefined> {
  for await (const event of chain.events(0)) {
    if (event.name !== 'ResultRecorded' || hash32(event.args.study) !== study) continue
    const result = await shelf.result(hash32(event.args.result))
    if (result?.schema === 'islet.study.contribution/1') return result
  }
  return undefined
}

/** The windows of every approved site; none unless all of them are of this node. */
async function judgedSites(
  { chain }: StudyDesk,
  { study }: StudyFile,
  running: StudySites,
): Promise<readonly Judged[]> {
  if ((await chain.approvedSites(study)).length > running.sites.length) return []
  const sites: Judged[] = []
  for (const { ports } of running.sites) {
    const judged = await judgedSite(ports, running.study, ports.clock())
    if (judged !== undefined) sites.push(judged)
  }
  return sites
}

function nobodyToJudge(): never {
  throw new IsletError(
    'NOBODY_TO_JUDGE_BY',
    'no readings are at hand that the model could be judged by',
    {},
    { remedy: 'All sites of the study must be of this node, with somebody whose consent holds.' },
  )
}
