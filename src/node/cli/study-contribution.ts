/**
 * `islet study contribution [STUDY]`: what each site's updates were worth, computed once per study and recorded.
 *
 * Law: refused where nobody could know it (masked mode) or the plan does not name it; asked again, the recorded document
 * is told.
 */
import { contributionOnce } from '../study/judge-desk.ts'
import { openStudySites } from '../study/study-sites.ts'
import { EXIT, printDocument } from './outcome.ts'
import { startProgress } from './progress.ts'
import { withStudyDesk } from './study-world.ts'
import type { VerbContext, VerbOutcome } from './verb.ts'

export async function studyContributionVerb(context: VerbContext, [id]: readonly string[]): VerbOutcome {
  const { terminal, json } = context
  return withStudyDesk(context, async (desk, consortium) => {
    const file = await desk.find(id)
    const running = await openStudySites(consortium, desk, file)
    let bar: ReturnType<typeof startProgress> | undefined
    const { document, recordedNow } = await contributionOnce(desk, file, running, (done, of) => {
      bar ??= startProgress('judging coalitions', of, terminal)
      bar.advance(done)
    })
    bar?.finish()
    if (json) printDocument(document, terminal)
    else {
      terminal.out(
        `By how much RMSE at 30 minutes fell by each site’s updates, mg/dL (${document.method} Shapley values, ${document.coalitions} coalitions, version ${document.version}):\n`,
      )
      for (const { site, value } of document.values)
        terminal.out(`  ${desk.handleOf(site).padEnd(12)} ${value.toFixed(3)}\n`)
      terminal.out(
        recordedNow ? 'Recorded on the ledger.\n' : 'As recorded before; a study is judged once.\n',
      )
    }
    return EXIT.done
  })
}
