/** `islet study registry`: every model that studies of this node made, what became of it, and the results linked to it. */
import type { StudyRegistryDocument } from '../../api/documents.door.ts'
import { studyModels } from '../study/study-models.ts'
import { EXIT, printDocument } from './outcome.ts'
import { withStudyDesk } from './study-world.ts'
import type { VerbContext, VerbOutcome } from './verb.ts'

export async function studyRegistry(context: VerbContext): VerbOutcome {
  return withStudyDesk(context, async (desk) => {
    const models = await studyModels(desk)
    const document: StudyRegistryDocument = { schema: 'islet.study.registry/1', models: [...models] }
    const { terminal } = context
    if (context.json) printDocument(document, terminal)
    else if (models.length === 0) terminal.out('No study of this node made a model yet.\n')
    else
      for (const { title, version, model, state, round, recorded, data_roots: roots } of models) {
        terminal.out(`${title}  version ${version}, round ${round}  ${state}  ${model}\n`)
        terminal.out(
          `  rests on ${roots.length} contributions of ${new Set(roots.map(({ site }) => site)).size} sites\n`,
        )
        for (const { hash, by, document: kind } of recorded)
          terminal.out(`  ${kind ?? 'result'} by ${by}  ${hash}\n`)
      }
    return EXIT.done
  })
}
