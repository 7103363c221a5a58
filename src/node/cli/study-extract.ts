/**
 * `islet study extract [STUDY] --out FILE`: single records, de-identified, of those whose consent names an extract.
 *
 * Law: the file is there whole or not at all; stdout holds counts only.
 */
import { createHash } from 'node:crypto'
import type { StudyExtractDocument } from '../../api/documents.door.ts'
import { requirePlace, writeWhole } from '../../forecast/index.ts'
import { drawExtract } from '../study/extract-desk.ts'
import { openStudySites } from '../study/study-sites.ts'
import { EXIT, printDocument } from './outcome.ts'
import { withStudyDesk } from './study-world.ts'
import type { VerbContext, VerbOutcome } from './verb.ts'

export async function studyExtract(
  context: VerbContext,
  [id]: readonly string[],
  options: Readonly<Record<string, unknown>>,
): VerbOutcome {
  const out = String(options['out'])
  await requirePlace(out)
  const { terminal, json } = context
  return withStudyDesk(context, async (desk, consortium) => {
    const study = await desk.find(id)
    const running = await openStudySites(consortium, desk, study)
    const { file, sites } = await drawExtract(consortium, desk, study, running)
    const text = `${JSON.stringify(file, null, 2)}\n`
    await writeWhole(out, text)
    const document: StudyExtractDocument = {
      schema: 'islet.study.extract/1',
      study: study.study,
      mode: file.mode,
      k: file.k,
      file: out,
      sha256: createHash('sha256').update(text).digest('hex'),
      sites: [...sites],
    }
    if (json) printDocument(document, terminal)
    else for (const line of wordsOf(document)) terminal.out(`${line}\n`)
    return EXIT.done
  })
}

function wordsOf({ file, mode, k, sites }: StudyExtractDocument): readonly string[] {
  return [
    `${file}  (${mode}, k = ${k})`,
    ...sites.map(({ key, people, rows, left_out: leftOut, refused }) => {
      const why = refused.map(({ code, count }) => `${count} ${code}`)
      const without = leftOut === 0 ? why : [`${leftOut} with too few alike`, ...why]
      return `  ${key}: ${people} people, ${rows} rows${without.length === 0 ? '' : `; left out: ${without.join(', ')}`}`
    }),
  ]
}
