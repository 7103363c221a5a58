/**
 * The model registry: every version that a study of this node made, as the ledger records it.
 *
 * Law: a withdrawn version stays in the list and says so; a result stands beside the version it was computed from.
 */
import type { StudyRegistryDocument } from '../../api/documents.door.ts'
import { formatInstant, type Hash32, hash32 } from '../../vocabulary/index.ts'
import type { StudyDesk } from './study-desk.ts'
import type { StudyFile } from './study-shelf.ts'

type Model = StudyRegistryDocument['models'][number]

export async function studyModels(desk: StudyDesk): Promise<readonly Model[]> {
  const files = await desk.shelf.studies()
  const results = files.length === 0 ? new Map<string, readonly Hash32[]>() : await resultsOf(desk)
  const models = await Promise.all(files.map((file) => modelsOf(desk, file, results)))
  return models.flat()
}

async function modelsOf(
  { chain, shelf }: StudyDesk,
  { study }: StudyFile,
  results: ReadonlyMap<string, readonly Hash32[]>,
): Promise<readonly Model[]> {
  const models: Model[] = []
  const title = (await shelf.plan((await chain.plan(study)).document))?.title ?? ''
  const passport = await shelf.passport(study)
  for (let number = 1; ; number += 1) {
    const version = await chain.version(study, number)
    if (version === undefined) return models
    const [report, round] = [await shelf.report(version.report), await chain.round(study, version.round)]
    models.push({
      study,
      title,
      version: number,
      model: version.model,
      round: version.round,
      state: version.isWithdrawn ? 'WITHDRAWN' : 'STANDING',
      made: formatInstant(round?.openedAt ?? (await chain.head()).timestamp),
      metrics: report?.metrics ?? null,
      epsilon: report?.epsilon ?? null,
      results: [...(results.get(`${study}:${number}`) ?? [])],
      passport: passport?.version.model === version.model,
    })
  }
}

/** Hashes of results by `study:version`. */
async function resultsOf({ chain }: StudyDesk): Promise<ReadonlyMap<string, readonly Hash32[]>> {
  const results = new Map<string, Hash32[]>()
  for await (const event of chain.events(0)) {
    if (event.name !== 'ResultRecorded') continue
    const { study, number, result } = event.args
    const key = `${study}:${number}`
    results.set(key, [...(results.get(key) ?? []), hash32(result)])
  }
  return results
}
