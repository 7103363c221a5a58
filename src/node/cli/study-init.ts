/** `islet study init [DIR]`: a plan and an information sheet that are accepted as they stand, to be changed. */
import { mkdir, open } from 'node:fs/promises'
import { join } from 'node:path'
import type { StudyInitDocument } from '../../api/documents.door.ts'
import { parseInstant, quantity, type UnixSeconds } from '../../vocabulary/index.ts'
import { draftStudy } from '../study/draft-study.ts'
import { EXIT, printDocument } from './outcome.ts'
import type { VerbContext, VerbOutcome } from './verb.ts'

const DAY = 86_400

export async function studyInit(
  context: VerbContext,
  [directory = '.']: readonly string[],
  options: Readonly<Record<string, unknown>>,
): VerbOutcome {
  const { terminal } = context
  await mkdir(directory, { recursive: true })
  const [plan, sheet] = [join(directory, 'study.yaml'), join(directory, 'sheet.yaml')]
  const today = Math.floor(Date.now() / 1000 / DAY) * DAY
  const at = (days: number): UnixSeconds => quantity<UnixSeconds>(today + days * DAY)
  const draft = draftStudy({
    from: dayOf(options['from']) ?? at(-90),
    until: dayOf(options['until']) ?? at(0),
    expires: at(180),
    minimumDays: Number(options['minimumDays']),
  })
  await writeNew(sheet, draft.sheet)
  await writeNew(plan, draft.plan)
  const document: StudyInitDocument = {
    schema: 'islet.study.init/1',
    plan,
    sheet,
    information_sheet: draft.informationSheet,
  }
  if (context.json) printDocument(document, terminal)
  else {
    terminal.out(`${plan}\n${sheet}\n`)
    terminal.out(`Change both; then apply with: islet study submit ${plan}\n`)
  }
  return EXIT.done
}

/** The beginning of a day in UTC, or an instant. Throws `BAD_INSTANT`. */
function dayOf(text: unknown): UnixSeconds | undefined {
  if (typeof text !== 'string') return undefined
  return parseInstant(/^\d{4}-\d{2}-\d{2}$/.test(text) ? `${text}T00:00:00Z` : text)
}

/** A file that is there already is somebody's work and stays. */
async function writeNew(path: string, text: string): Promise<void> {
  const file = await open(path, 'wx')
  try {
    await file.writeFile(text)
  } finally {
    await file.close()
  }
}
