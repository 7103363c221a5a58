/**
 * `islet study run [STUDY] [--out PASSPORT]`: the rounds of an open study at the sites of this node, then its passport.
 *
 * Laws: stopped at any moment and run again, it goes on where the ledger stands; who is awaited and until when is said,
 * also where it is the ledger;
 * exit 1 when the passport does not hold.
 */

import { requirePlace, writeWhole } from '../../forecast/index.ts'
import { passportEvidence, presentReasons, studyLearner, verifyPassport } from '../../study/index.ts'
import { nodeCrypto } from '../../vault/node-cipher.door.ts'
import { formatInstant, isIsletError, quantity, type UnixSeconds } from '../../vocabulary/index.ts'
import { compareModel } from '../study/judge-desk.ts'
import { issuePassport, runStudy } from '../study/run-study.ts'
import { openStudySites, type StudySites } from '../study/study-sites.ts'
import { studyStatus } from '../study/study-status.ts'
import { EXIT, printDocument } from './outcome.ts'
import { statusWords } from './study-words.ts'
import { withStudyDesk } from './study-world.ts'
import type { VerbContext, VerbOutcome } from './verb.ts'

export async function studyRun(
  context: VerbContext,
  [id]: readonly string[],
  { out, patience }: Readonly<Record<string, unknown>>,
): VerbOutcome {
  const { terminal, signal } = context
  if (typeof out === 'string') await requirePlace(out)
  const say = (line: string): void => terminal.err(`${line}\n`)
  return withStudyDesk(context, async (desk, consortium) => {
    const file = await desk.find(id)
    const sites = await openStudySites(consortium, desk, file)
    let waited = ''
    const running = runStudy(desk, sites, {
      signal,
      patience: typeof patience === 'number' ? patience : Number.POSITIVE_INFINITY,
      watcher: {
        halted: (because) =>
          say(`  awaits the ledger, which takes nothing (${because}); what was done waits, nothing goes out`),
        resumed: () => say('  the ledger is back'),
        opened: (round) => say(`round ${round}`),
        waiting: (awaited, until, because) => {
          const names = awaited.map(desk.handleOf).join(', ')
          const whom =
            names === '' ? `the step’s end${because.length === 0 ? '' : ` (${because.join(', ')})`}` : names
          const line = `  awaits ${whom} until ${formatInstant(quantity<UnixSeconds>(until))}`
          // Every block wakes the run; the same word is said once.
          if (line !== waited) say(line)
          waited = line
        },
        stepped: (site, step) => {
          if (step.did === 'void') say(`  ${site} takes no part in this round: ${step.because}`)
          if ('refused' in step && step.refused !== undefined)
            say(`  ${site} refuses shares of ${step.refused.map(desk.handleOf).join(', ')}`)
          if ('equivocated' in step && step.equivocated !== undefined)
            say(
              `  ${site} leaves out ${step.equivocated.map(desk.handleOf).join(', ')}, which signed two different words (SITE_EQUIVOCATED)`,
            )
        },
        ended: (round, phase) => say(`  round ${round} ${phase}`),
      },
    })
    await running.catch(async (error: unknown) => {
      if (isIsletError(error, 'STUDY_STOPPED')) for (const line of await lacking(sites)) say(line)
      throw error
    })
    const { chainId } = consortium.ledger
    const passport = await issuePassport(desk, sites, file, { chainId, deployment: desk.deployment })
    const learner = studyLearner(sites.study.plan, { hasher: nodeCrypto.hasher })
    const evidence = await passportEvidence(
      { chain: desk.chain, objects: sites.objects, words: sites.words, learner },
      file.study,
    )
    const verdict = verifyPassport(passport, evidence)
    if (typeof out === 'string') await writeWhole(out, `${JSON.stringify(passport, null, 2)}\n`)
    const document = {
      ...(await studyStatus(desk, file, sites.sites)),
      comparison: await compareModel(desk, file, sites),
    }
    if (context.json) printDocument(document, terminal)
    else {
      for (const line of statusWords(document)) terminal.out(`${line}\n`)
      terminal.out(verdict.ok ? 'The passport holds.\n' : 'The passport does NOT hold.\n')
    }
    for (const { code, at } of verdict.findings) say(`  ${code}  ${at}`)
    return verdict.ok ? EXIT.done : EXIT.checkFailed
  })
}

/** Who of each site could take part now, and why the others cannot. */
async function lacking({ study, sites }: StudySites): Promise<readonly string[]> {
  const { minimum_days: days, minimum_wear_percent: wear } = study.plan.cohort
  const lines: string[] = []
  for (const { key, ports } of sites) {
    const { usable, reasons } = await presentReasons(ports, study, ports.clock())
    const others = reasons.map(({ code, count }) => `, ${count} ${code}`).join('')
    lines.push(`  ${key}: ${usable} of the consents held there can be used${others}`)
  }
  return [
    ...lines,
    `  the plan asks for ${days} days, ${wear} % worn, and for ${study.plan.quorum.minimum_sites} sites`,
  ]
}
