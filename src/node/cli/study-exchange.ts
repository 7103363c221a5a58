/**
 * `islet study exchange [STUDY]`: fetches the complete days that a study still lacks, and says what came in.
 *
 * Law: a running node does the same by itself, day by day; asking twice fetches nothing twice.
 */
import type { StudyExchangeDocument } from '../../api/documents.door.ts'
import { quantity, type UnixSeconds } from '../../vocabulary/index.ts'
import { wallClock } from '../institution/wire.ts'
import { runExchange } from '../study/exchange-desk.ts'
import { openStudySites } from '../study/study-sites.ts'
import { EXIT, printDocument } from './outcome.ts'
import { withStudyDesk } from './study-world.ts'
import type { VerbContext, VerbOutcome } from './verb.ts'

export async function studyExchange(context: VerbContext, [id]: readonly string[]): VerbOutcome {
  const { terminal, json } = context
  return withStudyDesk(context, async (desk, consortium) => {
    const file = await desk.find(id)
    const running = await openStudySites(consortium, desk, file)
    const now = quantity<UnixSeconds>(Math.floor(wallClock()))
    const document = await runExchange(consortium, file, running, now)
    if (json) printDocument(document, terminal)
    else for (const line of wordsOf(document)) terminal.out(`${line}\n`)
    return EXIT.done
  })
}

const STATES = {
  RUNNING: 'Days come in while the study is open.',
  ENDED: 'The study has ended: no day comes in any more.',
  NOT_OPEN: 'The study is not open yet: no day comes in.',
  NOT_PLANNED: 'The plan names no daily exchange (exchange: { every: day }).',
} as const

function wordsOf({ state, sites, next }: StudyExchangeDocument): readonly string[] {
  return [
    STATES[state],
    ...sites.flatMap(({ key, now, days, refused }) => [
      `${key}: ${now} came in now${refused.map(({ code, count }) => `; ${count} ${code}`).join('')}`,
      ...days.map(({ day, received, records }) => `  ${day}  ${received} people, ${records} records`),
    ]),
    ...(next === null ? [] : [`The next day is complete at ${next}.`]),
  ]
}
