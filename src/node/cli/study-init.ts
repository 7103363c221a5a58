/** `islet study init [DIR]`: a plan and an information sheet that are accepted as they stand, to be changed. */
import { mkdir, open } from 'node:fs/promises'
import { join } from 'node:path'
import type { StudyInitDocument } from '../../api/documents.door.ts'
import {
  LEARNER_CODE,
  networkLearner,
  planTemplate,
  readPlan,
  readSheet,
  SHEET_TEMPLATE,
  sheetHash,
} from '../../study/index.ts'
import { nodeCrypto } from '../../vault/node-cipher.door.ts'
import {
  type Hash32,
  hash32,
  parseInstant,
  quantity,
  toHex,
  type UnixSeconds,
  utf8,
} from '../../vocabulary/index.ts'
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
  const hash = sheetHash(readSheet(SHEET_TEMPLATE))
  const today = Math.floor(Date.now() / 1000 / DAY) * DAY
  const at = (days: number): UnixSeconds => quantity<UnixSeconds>(today + days * DAY)
  const facts = {
    from: dayOf(options['from']) ?? at(-90),
    until: dayOf(options['until']) ?? at(0),
    expires: at(180),
    minimumDays: Number(options['minimumDays']),
    sheet: hash,
    codeHash: LEARNER_CODE,
  }
  const draft = readPlan(planTemplate({ ...facts, initialModel: hashOf('drawn below') }))
  const learner = networkLearner(draft, { hasher: nodeCrypto.hasher })
  const text = planTemplate({ ...facts, initialModel: learner.modelHash(learner.firstModel()) })
  await writeNew(sheet, SHEET_TEMPLATE)
  await writeNew(plan, text)
  const document: StudyInitDocument = {
    schema: 'islet.study.init/1',
    plan,
    sheet,
    information_sheet: hash,
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

function hashOf(text: string): Hash32 {
  return hash32(toHex(nodeCrypto.hasher.sha256(utf8(text))))
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
