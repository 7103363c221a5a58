/**
 * The audit of a study's sites: each does its rounds once more from its own data, and records under its own key which it
 * repeated; sites elsewhere are asked to, by a message.
 *
 * Laws: a record names only what was repeated to the committed hash; its document lies on the shelf before the ledger
 * hears of it; what a site elsewhere says counts only where the ledger has its own record of it.
 */
import { type AuditedRound, auditRound, peerAnswerWrong, type StudyResult } from '../../study/index.ts'
import { type Hash32, type InstitutionId, isIsletError } from '../../vocabulary/index.ts'
import type { SiteAudit } from './ask-work.ts'
import { interrupted } from './ledger-pause.ts'
import { recordedResults, recordStudyResult, resultDocument } from './recorded-results.ts'
import type { StudyDesk } from './study-desk.ts'
import type { HostedSite, StudySites } from './study-sites.ts'

/** What came of a round at a site; where the site is elsewhere also why it gave no answer that counts. */
export interface AuditOutcome extends Omit<AuditedRound, 'code'> {
  readonly code: string
}

/** Every round of every site; `progress` is told how many of those here are done. Throws the codes of ledger, shelf and journal. */
export async function auditSites(
  desk: StudyDesk,
  running: StudySites,
  progress: (done: number) => void = () => undefined,
): Promise<readonly AuditOutcome[]> {
  const { study, sites } = running
  const asked = auditElsewhere(desk, running)
  // Heard of when the own ones are done.
  asked.catch(() => undefined)
  const done: AuditOutcome[] = []
  for (const hosted of sites) {
    const { rounds } = await auditSite(desk, study, hosted, {
      progress: (own) => progress(done.length + own),
    })
    done.push(...rounds)
  }
  return [...done, ...(await asked)]
}

/** Every round of one site here, and what was recorded of it. Throws `INTERRUPTED` once nobody awaits it. */
export async function auditSite(
  desk: StudyDesk,
  study: StudySites['study'],
  hosted: HostedSite,
  {
    progress,
    isAwaited = () => true,
  }: { readonly progress?: (done: number) => void; readonly isAwaited?: () => boolean } = {},
): Promise<{ readonly rounds: readonly AuditedRound[]; readonly result: Hash32 | null }> {
  const latest = await desk.chain.latestRound(study.id)
  const rounds: AuditedRound[] = []
  for (let round = 1; round <= latest; round += 1) {
    if (!isAwaited()) throw interrupted()
    rounds.push(await auditRound(hosted.ports, study, round, await hosted.site.cohort(round)))
    progress?.(rounds.length)
  }
  return { rounds, result: await recordAudit(desk, study.id, hosted, rounds) }
}

/** Puts a site's repeated rounds beside the standing model. Throws the codes of ledger and shelf. */
async function recordAudit(
  desk: StudyDesk,
  study: Hash32,
  { key, ports }: HostedSite,
  done: readonly AuditedRound[],
): Promise<Hash32 | null> {
  const rounds: { round: number; cohort_root: Hash32; update: Hash32 }[] = []
  for (const { round, code } of done) {
    const { cohortRoot, update } = await desk.chain.contribution(study, round, ports.own)
    if (code === 'REPEATED' && cohortRoot !== undefined && update !== undefined)
      rounds.push({ round, cohort_root: cohortRoot, update })
  }
  if (rounds.length === 0) return null
  const result: StudyResult = { schema: 'islet.study.audit-result/1', study, site: ports.own, rounds }
  return (await recordStudyResult(desk, study, result, { key, id: ports.own })) ?? null
}

/** All sites that live elsewhere, each in its own time; who gives no answer stands there with the code. */
async function auditElsewhere(
  desk: StudyDesk,
  { study, sites, objects, elsewhere }: StudySites,
): Promise<readonly AuditOutcome[]> {
  const here = new Set(sites.map(({ ports }) => ports.own))
  const others = (await desk.chain.approvedSites(study.id)).filter((site) => !here.has(site))
  const latest = await desk.chain.latestRound(study.id)
  const heard = await Promise.all(
    others.map(async (site): Promise<readonly AuditOutcome[]> => {
      try {
        const said = await elsewhere.audit(site, study.id)
        await requireRecorded(desk, { study: study.id, site, objects }, said)
        return said.rounds.map((one) => ({ ...one, site, people: null }))
      } catch (error) {
        if (!isIsletError(error)) throw error
        const rounds = Array.from({ length: latest }, (_, at) => at + 1)
        return rounds.map((round) => ({ round, site, code: error.code, people: null }))
      }
    }),
  )
  return heard.flat()
}

/** What a site says that it repeated is what it recorded, and what the ledger has of it. Throws `PEER_ANSWER_WRONG`. */
async function requireRecorded(
  desk: StudyDesk,
  {
    study,
    site,
    objects,
  }: { readonly study: Hash32; readonly site: InstitutionId } & Pick<StudySites, 'objects'>,
  { rounds, result: hash }: SiteAudit,
): Promise<void> {
  const said = rounds.filter(({ code }) => code === 'REPEATED').map(({ round }) => round)
  const recorded = await recordedResults(desk.chain, study)
  const result =
    hash === null || recorded.get(hash) !== site ? undefined : await resultDocument(desk, objects, hash, site)
  const own = result?.schema === 'islet.study.audit-result/1' && result.site === site ? result.rounds : []
  if (said.length !== own.length || own.some(({ round }) => !said.includes(round)))
    throw peerAnswerWrong('AUDIT_NOT_RECORDED')
  for (const { round, cohort_root: root, update } of own) {
    const contributed = await desk.chain.contribution(study, round, site)
    if (contributed.cohortRoot !== root || contributed.update !== update)
      throw peerAnswerWrong('AUDIT_NOT_THE_CONTRIBUTIONS')
  }
}
