/**
 * Results of a study's model: recorded on the ledger by their hash, and their documents for whoever asks.
 *
 * Law: a document lies on the shelf, for this directory and for other sites, before the ledger hears of it; one that
 * another site recorded is fetched from the sites and kept, when its bytes are what the ledger names.
 */
import { readResult, resultHash, type StudyReads, type StudyResult } from '../../study/index.ts'
import {
  canonicalJson,
  type Hash32,
  hash32,
  type InstitutionId,
  institutionId,
  isIsletError,
  utf8,
} from '../../vocabulary/index.ts'
import type { StudyDesk } from './study-desk.ts'
import type { StudySites } from './study-sites.ts'

/** Who recorded each result of a study, in the order of the ledger. */
export async function recordedResults(
  chain: Pick<StudyReads, 'events'>,
  study: Hash32,
): Promise<ReadonlyMap<Hash32, InstitutionId>> {
  const results = new Map<Hash32, InstitutionId>()
  for await (const event of chain.events(0))
    if (event.name === 'ResultRecorded' && hash32(event.args.study) === study)
      results.set(hash32(event.args.result), institutionId(event.args.by))
  return results
}

/** The document of a result: from this directory, or from a site that has it. Throws `RESULT_REFUSED`, `STUDY_PAPER_DAMAGED`. */
export async function resultDocument(
  { shelf }: Pick<StudyDesk, 'shelf'>,
  objects: StudySites['objects'],
  hash: Hash32,
  by?: InstitutionId,
): Promise<StudyResult | undefined> {
  const here = await shelf.result(hash)
  if (here !== undefined) return here
  const bytes = await objects.get(hash, by)
  if (bytes === undefined) return undefined
  const result = readResult(bytes, hash)
  await shelf.keepResult(result)
  return result
}

/**
 * Records a result of the standing version under a member's key, once; its hash, undefined where there is no version or
 * the member has no say about it. Throws `STUDY_CALL_REFUSED`.
 */
export async function recordStudyResult(
  desk: StudyDesk,
  study: Hash32,
  result: StudyResult,
  by: { readonly key: string; readonly id: InstitutionId },
): Promise<Hash32 | undefined> {
  const head = await desk.chain.headVersion(study)
  if (head === undefined) return undefined
  const hash = resultHash(result)
  if ((await recordedResults(desk.chain, study)).has(hash)) return hash
  const { objects } = await desk.shelvesOf(study)
  await desk.shelf.keepResult(result)
  await objects.put(hash, utf8(canonicalJson(result)))
  try {
    await desk.chain.as(desk.signerOf(by.key)).recordResult(study, head.number, hash)
    return hash
  } catch (error) {
    // A site that was not expected in the standing version's round has no say about it.
    const isOutsider = isIsletError(error, 'STUDY_CALL_REFUSED')
    const round = isOutsider ? await desk.chain.round(study, head.round) : undefined
    if (round === undefined || round.expected.includes(by.id)) throw error
    return undefined
  }
}
