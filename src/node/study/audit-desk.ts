/**
 * The audit of the sites of this node: each does its rounds once more from its own data, and records under its own key
 * which it repeated.
 *
 * Laws: a record names only what was repeated to the committed hash; its document lies on the shelf before the ledger
 * hears of it; the passport is issued anew with what was recorded.
 */
import { type AuditedRound, auditRound, resultHash, type StudyResult } from '../../study/index.ts'
import { type Hash32, hash32, type InstitutionId, isIsletError } from '../../vocabulary/index.ts'
import type { StudyDesk } from './study-desk.ts'
import type { StudyFile } from './study-shelf.ts'
import type { HostedSite, StudySites } from './study-sites.ts'

/** Repeats every round of every site here; `progress` is told how many are done. */
export async function auditSites(
  desk: StudyDesk,
  file: StudyFile,
  { study, sites }: StudySites,
  progress: (done: number) => void = () => undefined,
): Promise<readonly AuditedRound[]> {
  const latest = await desk.chain.latestRound(file.study)
  const done: AuditedRound[] = []
  for (const hosted of sites) {
    const own: AuditedRound[] = []
    for (let round = 1; round <= latest; round += 1) {
      own.push(await auditRound(hosted.ports, study, round, await hosted.site.cohort(round)))
      progress(done.length + own.length)
    }
    await recordAudit(desk, file, hosted, own)
    done.push(...own)
  }
  return done
}

/** Puts a site's repeated rounds beside the standing model. Throws the codes of ledger and shelf. */
async function recordAudit(
  desk: StudyDesk,
  { study }: StudyFile,
  { key, ports }: HostedSite,
  done: readonly AuditedRound[],
): Promise<void> {
  const rounds: { round: number; cohort_root: Hash32; update: Hash32 }[] = []
  for (const { round, code } of done) {
    const { cohortRoot, update } = await desk.chain.contribution(study, round, ports.own)
    if (code === 'REPEATED' && cohortRoot !== undefined && update !== undefined)
      rounds.push({ round, cohort_root: cohortRoot, update })
  }
  if (rounds.length === 0) return
  const result: StudyResult = { schema: 'islet.study.audit-result/1', study, site: ports.own, rounds }
  await recordStudyResult(desk, study, result, { key, id: ports.own })
}

/** Records a result of the standing version under a member's key, once. Throws `STUDY_CALL_REFUSED`. */
export async function recordStudyResult(
  desk: StudyDesk,
  study: Hash32,
  result: StudyResult,
  by: { readonly key: string; readonly id: InstitutionId },
): Promise<void> {
  const head = await desk.chain.headVersion(study)
  if (head === undefined) return
  const hash = resultHash(result)
  for await (const event of desk.chain.events(0)) {
    if (event.name !== 'ResultRecorded' || hash32(event.args.study) !== study) continue
    if (hash32(event.args.result) === hash) return
  }
  await desk.shelf.keepResult(result)
  try {
    await desk.chain.as(desk.signerOf(by.key)).recordResult(study, head.number, hash)
  } catch (error) {
    // A site that was not expected in the standing version's round has no say about it.
    const isOutsider = isIsletError(error, 'STUDY_CALL_REFUSED')
    const round = isOutsider ? await desk.chain.round(study, head.round) : undefined
    if (round === undefined || round.expected.includes(by.id)) throw error
  }
}
