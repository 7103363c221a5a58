/**
 * `islet study audit [STUDY]`: every round of the sites here, done again from their own data to the committed hashes.
 *
 * Law: exit 1 unless each contribution was repeated to the byte; without it a passport says "declared cohort".
 */
import type { StudyAuditDocument } from '../../api/documents.door.ts'
import { type AuditedRound, auditRound } from '../../study/index.ts'
import { openStudySites } from '../study/study-sites.ts'
import { EXIT, printDocument } from './outcome.ts'
import { startProgress } from './progress.ts'
import { withStudyDesk } from './study-world.ts'
import type { VerbContext, VerbOutcome } from './verb.ts'

export async function studyAudit(context: VerbContext, [id]: readonly string[]): VerbOutcome {
  const { terminal } = context
  return withStudyDesk(context, async (desk, consortium) => {
    const file = await desk.find(id)
    const { study, sites } = await openStudySites(consortium, desk, file)
    const latest = await desk.chain.latestRound(file.study)
    const progress = startProgress('repeating rounds', Math.max(1, latest * sites.length), terminal)
    const done: AuditedRound[] = []
    for (const { site, ports } of sites) {
      for (let round = 1; round <= latest; round += 1) {
        done.push(await auditRound(ports, study, round, await site.cohort(round)))
        progress.advance(done.length)
      }
    }
    progress.finish()
    const contributed = done.filter(({ code }) => code !== 'NOT_CONTRIBUTED')
    const document: StudyAuditDocument = {
      schema: 'islet.study.audit/1',
      study: file.study,
      ok: contributed.every(({ code }) => code === 'REPEATED'),
      rounds: contributed.map(({ round, site, code, people }) => ({
        round,
        site: desk.handleOf(site),
        code,
        people,
      })),
    }
    if (context.json) printDocument(document, terminal)
    else
      for (const { round, site, code, people } of document.rounds)
        terminal.out(`round ${round}  ${site}  ${code}${people === null ? '' : `, ${people} people`}\n`)
    return document.ok ? EXIT.done : EXIT.checkFailed
  })
}
