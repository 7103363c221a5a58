/**
 * What a member holds beside a passport: the ledger's own facts, the updates' bytes, the model, and the means to add them
 * up again.
 *
 * Law: nothing here comes from the document that is verified.
 */
import type { Shelf } from '../consent/browser.door.ts'
import { type Bytes, type Hash32, isIsletError } from '../vocabulary/index.ts'
import type { Learner, SitePart } from './learner.ts'
import type { LedgerVersion, StudyReads } from './study-chain.ts'
import { readUpdate } from './update-document.ts'
import type { PassportEvidence } from './verify-passport.ts'

export interface EvidenceSources {
  readonly chain: StudyReads
  readonly objects: Pick<Shelf, 'get'>
  readonly learner: Pick<Learner, 'aggregate' | 'firstModel' | 'modelHash'>
}

/** The evidence for the standing model of a study; what is not at hand is left out, and the verifier says so. */
export async function passportEvidence(
  { chain, objects, learner }: EvidenceSources,
  study: Hash32,
): Promise<PassportEvidence> {
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
  for (let version: LedgerVersion | undefined = head; version !== undefined; ) {
    const round = await chain.round(study, version.round)
    if (round === undefined) break
    rounds.set(version.round, { model: version.model, report: version.report })
    const parts: SitePart[] = []
    for (const site of round.survivors) {
      const { update, cohortRoot } = await chain.contribution(study, version.round, site)
      if (cohortRoot !== undefined) cohortRoots.set(`${version.round}:${site}`, cohortRoot)
      const bytes = update === undefined ? undefined : await objects.get(update)
      if (update === undefined || bytes === undefined) continue
      updates.set(update, bytes)
      const part = partOf(bytes, update, { study, round: version.round, site })
      if (part !== undefined) parts.push(part)
    }
    const below: LedgerVersion | undefined =
      round.base === 0 ? undefined : await chain.version(study, round.base)
    const base = round.base === 0 ? learner.firstModel() : below && (await objects.get(below.model))
    if (base !== undefined) models.set(version.round, learner.modelHash(learner.aggregate(base, parts).model))
    version = below
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
    },
    updates,
    aggregate: (round) => models.get(round),
    ...(model === undefined ? {} : { model: learner.modelHash(model) }),
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
