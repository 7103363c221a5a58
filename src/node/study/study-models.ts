/**
 * The model registry: every version that a study of this node made, as the ledger records it, with the data roots that it
 * rests on and the results that were linked to it.
 *
 * Laws: a withdrawn version stays in the list and says so; a result stands beside the version it was computed from, by
 * the hash of its document; what others need to verify an analysis again is named by hash: cohorts, updates, anchors.
 */
import type { StudyRegistryDocument } from '../../api/documents.door.ts'
import type { LedgerVersion } from '../../study/index.ts'
import {
  formatInstant,
  type Hash32,
  hash32,
  type InstitutionId,
  institutionId,
} from '../../vocabulary/index.ts'
import type { StudyDesk } from './study-desk.ts'
import type { StudyFile } from './study-shelf.ts'

type Model = StudyRegistryDocument['models'][number]
type Recorded = Readonly<{ hash: Hash32; by: InstitutionId }>

export async function studyModels(desk: StudyDesk): Promise<readonly Model[]> {
  const files = await desk.shelf.studies()
  const results = files.length === 0 ? new Map<string, readonly Recorded[]>() : await resultsOf(desk)
  const models: Model[] = []
  for (const file of files) models.push(...(await modelsOf(desk, file, results)))
  return models
}

async function modelsOf(
  desk: StudyDesk,
  { study }: StudyFile,
  results: ReadonlyMap<string, readonly Recorded[]>,
): Promise<readonly Model[]> {
  const { chain, shelf } = desk
  const models: Model[] = []
  const title = (await shelf.plan((await chain.plan(study)).document))?.title ?? ''
  const passport = await shelf.passport(study)
  // A version rests on all rounds under it; the roots of a round are gathered once.
  const roots = new Map<number, Model['data_roots']>()
  for (let number = 1; ; number += 1) {
    const version = await chain.version(study, number)
    if (version === undefined) return models
    const [report, round] = [await shelf.report(version.report), await chain.round(study, version.round)]
    const below = roots.get(round?.base ?? 0) ?? []
    const own = [...below, ...(await rootsOf(desk, study, version))]
    roots.set(number, own)
    const recorded = results.get(`${study}:${number}`) ?? []
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
      results: recorded.map(({ hash }) => hash),
      recorded: await Promise.all(recorded.map((one) => recordedOf(desk, one))),
      data_roots: own,
      passport: passport?.version.model === version.model,
    })
  }
}

/** What a round's sites brought, by hash, and the objects that they had anchored when it opened. */
async function rootsOf(
  { chain, anchoredBy, handleOf }: StudyDesk,
  study: Hash32,
  { round: number }: LedgerVersion,
): Promise<Model['data_roots']> {
  const round = await chain.round(study, number)
  const roots: Model['data_roots'] = []
  for (const site of round?.survivors ?? []) {
    const { cohortRoot, update } = await chain.contribution(study, number, site)
    if (round === undefined || cohortRoot === undefined || update === undefined) continue
    const anchored = await anchoredBy(site, round.openedBlock)
    roots.push({
      round: number,
      block: round.openedBlock,
      site: handleOf(site),
      cohort_root: cohortRoot,
      update,
      anchored: anchored === undefined ? null : { ...anchored },
    })
  }
  return roots
}

async function recordedOf(
  { shelf, handleOf }: StudyDesk,
  { hash, by }: Recorded,
): Promise<Model['recorded'][number]> {
  const result = await shelf.result(hash)
  return { hash, by: handleOf(by), document: result?.schema ?? null }
}

/** Results by `study:version`. */
async function resultsOf({ chain }: StudyDesk): Promise<ReadonlyMap<string, readonly Recorded[]>> {
  const results = new Map<string, Recorded[]>()
  for await (const event of chain.events(0)) {
    if (event.name !== 'ResultRecorded') continue
    const { study, number, result, by } = event.args
    const key = `${study}:${number}`
    results.set(key, [...(results.get(key) ?? []), { hash: hash32(result), by: institutionId(by) }])
  }
  return results
}
