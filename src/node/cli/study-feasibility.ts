/**
 * `islet study feasibility PLAN`: about how many people each site of this data directory could bring, before anybody applies.
 *
 * Law: counts are rounded to ten and noised, below ten nothing is said; each new question is paid from the asker's budget.
 */
import { readFile } from 'node:fs/promises'
import type { StudyFeasibilityDocument } from '../../api/documents.door.ts'
import { readPlan } from '../../study/index.ts'
import { wallClock } from '../institution/wire.ts'
import { askFeasibility } from '../study/feasibility-desk.ts'
import { EXIT, printDocument } from './outcome.ts'
import { readPaper } from './study-paper.ts'
import { withStudyDesk } from './study-world.ts'
import type { VerbContext, VerbOutcome } from './verb.ts'

export async function studyFeasibility(
  context: VerbContext,
  [path = '']: readonly string[],
  options: Readonly<Record<string, unknown>>,
): VerbOutcome {
  const plan = readPaper(path, await readFile(path, 'utf8'), readPlan)
  const { terminal, json } = context
  return withStudyDesk(context, async (_, consortium) => {
    const { key, id } = consortium.house(String(options['as']))
    const named = options['site']
    const sites = Array.isArray(named)
      ? named.map((name) => consortium.house(String(name)))
      : [...consortium.hosted.values()]
    const document = await askFeasibility(consortium, { asker: { key, id }, plan, sites, now: wallClock() })
    if (json) printDocument(document, terminal)
    else for (const line of wordsOf(document)) terminal.out(`${line}\n`)
    return EXIT.done
  })
}

function wordsOf({ asker, period, epsilon, budget, sites }: StudyFeasibilityDocument): readonly string[] {
  const width = Math.max(...sites.map(({ key }) => key.length))
  return [
    `People who have sealed what the plan needs, as told to ${asker} in ${period} (noised with ε ${epsilon} a question, rounded to ten):`,
    ...sites.map(({ key, code, people, spent }) => {
      const words = {
        ABOUT: `about ${people}`,
        FEWER_THAN_TEN: 'fewer than ten',
        BUDGET_SPENT: 'not told: budget spent',
      }
      return `  ${key.padEnd(width)}  ${words[code]}  (ε ${spent} of ${budget} spent)`
    }),
  ]
}
