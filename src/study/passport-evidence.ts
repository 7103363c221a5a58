/**
 * What a member holds beside a passport: the ledger's own facts, the updates' bytes, the model, and the means to add them
 * up again.
 *
 * Law: nothing here comes from the document that is verified.
 */
import type { Shelf } from '../consent/browser.door.ts'
import {
  type Bytes,
  type Hash32,
  hash32,
  type InstitutionId,
  institutionId,
  isIsletError,
} from '../vocabulary/index.ts'
import type { Aggregation, Learner, SitePart } from './learner.ts'
import { addedUp } from './masked-way.ts'
import { summedSites } from './masked-words.ts'
import type { NamedPart } from './site-round.ts'
import type { SiteWords } from './site-words.ts'
import type { LedgerRound, LedgerVersion, StudyReads } from './study-chain.ts'
import { readUpdate } from './update-document.ts'
import type { PassportEvidence } from './verify-passport.ts'

export interface EvidenceSources {
  readonly chain: StudyReads
  readonly objects: Pick<Shelf, 'get'>
  readonly learner: Pick<Learner, 'aggregate' | 'firstModel' | 'masked' | 'modelHash'>
  /** What sites said to each other in masked rounds; without it their sums cannot be added up again. */
  readonly words?: Pick<SiteWords, 'heard' | 'isEquivocation'>
}

/** The evidence for the standing model of a study; what is not at hand is left out, and the verifier says so. */
export async function passportEvidence(sources: EvidenceSources, study: Hash32): Promise<PassportEvidence> {
  const { chain, objects, learner } = sources
  const [{ planHash, version: planVersion }, sites, head] = await Promise.all([
    chain.study(study),
    chain.approvedSites(study),
    chain.headVersion(study),
  ])
  if (head === undefined) return {}
  const rounds = new Map<number, { readonly model: Hash32; readonly report: Hash32 }>()
  const cohortRoots = new Map<string, Hash32>()
  const updates = new Map<Hash32, Bytes>()
  const models = new Map<number, Hash32>()
  const equivocated = new Map<number, readonly InstitutionId[]>()
  for (let version: LedgerVersion | undefined = head; version !== undefined; ) {
    const round = await chain.round(study, version.round)
    if (round === undefined) break
    rounds.set(version.round, { model: version.model, report: version.report })
    const named: NamedPart[] = []
    for (const site of round.survivors) {
      const { update, cohortRoot } = await chain.contribution(study, version.round, site)
      if (cohortRoot !== undefined) cohortRoots.set(`${version.round}:${site}`, cohortRoot)
      const bytes = update === undefined ? undefined : await objects.get(update)
      if (update === undefined || bytes === undefined) continue
      updates.set(update, bytes)
      named.push({ site, update, part: partOf(bytes, update, { study, round: version.round, site }) })
    }
    const below: LedgerVersion | undefined =
      round.base === 0 ? undefined : await chain.version(study, round.base)
    const base = round.base === 0 ? learner.firstModel() : below && (await objects.get(below.model))
    const isWhole = named.length === round.survivors.length
    const again = base === undefined || !isWhole ? undefined : await addedAgain(sources, round, base, named)
    if (again !== undefined) {
      models.set(version.round, learner.modelHash(again.model))
      equivocated.set(version.round, again.equivocated ?? [])
    }
    version = below
  }
  const results = new Map<Hash32, InstitutionId>()
  for await (const event of chain.events(0)) {
    if (event.name !== 'ResultRecorded' || hash32(event.args.study) !== study) continue
    results.set(hash32(event.args.result), institutionId(event.args.by))
  }
  const model = await objects.get(head.model)
  return {
    ledger: {
      planHash,
      planVersion,
      sites,
      version: { model: head.model, report: head.report, isWithdrawn: head.isWithdrawn },
      rounds,
      cohortRoots,
      results,
    },
    updates,
    equivocated: (round: number) => equivocated.get(round),
    // What could not be added up again is said to be unchecked, never passed over.
    ...(models.size === rounds.size ? { aggregate: (round: number) => models.get(round) } : {}),
    ...(model === undefined ? {} : { model: learner.modelHash(model) }),
  }
}

/** A round's sum once more; undefined where something that it needs is not at hand. */
async function addedAgain(
  { learner, words }: EvidenceSources,
  round: LedgerRound,
  base: Bytes,
  named: readonly NamedPart[],
): Promise<Aggregation | undefined> {
  const { masked } = learner
  if (masked === undefined)
    return learner.aggregate(
      base,
      named.flatMap(({ part }) => part ?? []),
    )
  if (words === undefined) return undefined
  try {
    return await addedUp({ masked, words }, round, base, await summedSites(words, round, named))
  } catch (error) {
    if (isIsletError(error, 'ROUND_NOT_AGGREGATED')) return undefined
    throw error
  }
}

function partOf(bytes: Bytes, update: Hash32, place: Parameters<typeof readUpdate>[2]): SitePart | undefined {
  try {
    return readUpdate(bytes, update, place).part
  } catch (error) {
    if (isIsletError(error, 'UPDATE_REFUSED', 'UPDATE_NOT_THE_BYTES')) return undefined
    throw error
  }
}
