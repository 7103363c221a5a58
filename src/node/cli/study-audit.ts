/**
 * `islet study audit [STUDY]`: every round of the sites, done again from their own data to the committed hashes; sites that
 * are not of this data directory are asked to.
 *
 * Laws: exit 1 unless each contribution was repeated to the byte; what was repeated is recorded under the site's key, and
 * the passport is issued anew and names the audited sites; for others it goes on saying "declared".
 */
import type { StudyAuditDocument } from '../../api/documents.door.ts'
import { requirePlace, writeWhole } from '../../forecast/index.ts'
import { verifyPassport } from '../../study/index.ts'
import { auditSites } from '../study/audit-desk.ts'
import { issuePassport } from '../study/run-study.ts'
import { openStudySites } from '../study/study-sites.ts'
import { EXIT, printDocument } from './outcome.ts'
import { startProgress } from './progress.ts'
import { withStudyDesk } from './study-world.ts'
import type { VerbContext, VerbOutcome } from './verb.ts'

export async function studyAudit(
  context: VerbContext,
  [id]: readonly string[],
  { out }: Readonly<Record<string, unknown>>,
): VerbOutcome {
  const { terminal } = context
  if (typeof out === 'string') await requirePlace(out)
  return withStudyDesk(context, async (desk, consortium) => {
    const file = await desk.find(id)
    const running = await openStudySites(consortium, desk, file)
    const latest = await desk.chain.latestRound(file.study)
    const progress = startProgress('repeating rounds', Math.max(1, latest * running.sites.length), terminal)
    const done = await auditSites(desk, running, progress.advance)
    progress.finish()
    const contributed = done.filter(({ code }) => code !== 'NOT_CONTRIBUTED')
    const { chainId } = consortium.ledger
    const hasModel = (await desk.chain.headVersion(file.study)) !== undefined
    const passport = hasModel
      ? await issuePassport(desk, running, file, { chainId, deployment: desk.deployment })
      : undefined
    if (typeof out === 'string' && passport !== undefined)
      await writeWhole(out, `${JSON.stringify(passport, null, 2)}\n`)
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
      audited: passport === undefined ? [] : verifyPassport(passport).auditedSites.map(desk.handleOf),
      cohort_evidence: passport?.cohort_evidence ?? null,
    }
    if (context.json) printDocument(document, terminal)
    else for (const line of wordsOf(document)) terminal.out(`${line}\n`)
    return document.ok ? EXIT.done : EXIT.checkFailed
  })
}

const MEANINGS: Readonly<Record<string, string>> = {
  PERSON_GONE: 'somebody of this round stopped since: nobody can repeat it any more',
}

function wordsOf({ rounds, audited, cohort_evidence: evidence }: StudyAuditDocument): readonly string[] {
  return [
    ...rounds.map(({ round, site, code, people }) => {
      const more = people === null ? (MEANINGS[code] ?? '') : `${people} people`
      return `round ${round}  ${site}  ${code}${more === '' ? '' : `, ${more}`}`
    }),
    ...(evidence === null
      ? []
      : [
          `The passport says: ${evidence} cohorts${audited.length === 0 ? '' : `; audited sites: ${audited.join(', ')}`}.`,
        ]),
  ]
}
