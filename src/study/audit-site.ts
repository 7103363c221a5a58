/**
 * The audit of a site's round: done again from the site's own data, to the hashes that stand on the ledger.
 *
 * Law: a root says what a site declared; only this says that the declared people's data gave the revealed update
 * (PROTOCOL 24). What cannot be done again is said so and never counted as passed: a person who stopped since is gone
 * for the audit too.
 */
import type { Bytes, InstitutionId } from '../vocabulary/index.ts'
import type { CohortRecord } from './cohort-record.ts'
import { openPerson, treeOver } from './freeze-cohort.ts'
import type { PersonData, SitePart, SiteTraining, TrainingTask } from './learner.ts'
import { heardShares, heardSum, leftOutBy } from './masked-words.ts'
import type { SitePorts, SiteStudy } from './site-ports.ts'
import { releasesBefore, roundSecret } from './site-round.ts'
import type { LedgerRound } from './study-chain.ts'
import { readUpdate, writeUpdate } from './update-document.ts'

export interface AuditedRound {
  readonly round: number
  readonly site: InstitutionId
  readonly code:
    | 'REPEATED'
    /** The people of the site's own note do not give the root on the ledger. */
    | 'COHORT_DIFFERS'
    /** Another code trains here than the one that the plan names. */
    | 'CODE_NOT_THE_PLANS'
    /** Their data do not give the update that was revealed. */
    | 'UPDATE_DIFFERS'
    /** Somebody of the cohort can no longer be opened: their consent ended since. */
    | 'PERSON_GONE'
    /** The site has no note, update or model of the round any more. */
    | 'NOT_AT_HAND'
    /** The site did not contribute. */
    | 'NOT_CONTRIBUTED'
  /** People trained on; null unless the round was repeated. */
  readonly people: number | null
}

/** Repeats a site's part of a round. Throws the codes of ledger, journal and learning. */
export async function auditRound<Data extends PersonData>(
  ports: Pick<
    SitePorts<Data>,
    'chain' | 'code' | 'hasher' | 'learner' | 'objects' | 'own' | 'people' | 'secret' | 'words'
  >,
  study: SiteStudy,
  round: number,
  record: CohortRecord | undefined,
): Promise<AuditedRound> {
  const { chain, own, objects } = ports
  const said = (code: AuditedRound['code'], people: number | null = null): AuditedRound => ({
    round,
    site: own,
    code,
    people,
  })
  const [opened, contribution] = await Promise.all([
    chain.round(study.id, round),
    chain.contribution(study.id, round, own),
  ])
  const { cohortRoot, update } = contribution
  if (opened === undefined || cohortRoot === undefined || update === undefined) return said('NOT_CONTRIBUTED')
  const revealed = await objects.get(update)
  const base = await baseOf(ports, study, opened.base)
  if (record === undefined || revealed === undefined || base === undefined) return said('NOT_AT_HAND')
  if (ports.code !== study.plan.model.code_hash) return said('CODE_NOT_THE_PLANS')
  const held = new Map((await ports.people.claims()).map((claim) => [String(claim.consentId), claim]))
  const claims = record.included.flatMap((id) => held.get(id) ?? [])
  if (claims.length < record.included.length) return said('PERSON_GONE')
  if (treeOver(ports, study, round, claims).root !== cohortRoot) return said('COHORT_DIFFERS')
  const people: Data[] = []
  for (const claim of claims) {
    const { data } = await openPerson(ports, study.plan, claim)
    if (data === undefined) return said('PERSON_GONE')
    people.push(data)
  }
  const place = { study: study.id, round, site: own }
  const { part, salt } = readUpdate(revealed, update, place)
  const again = await trainedAgain(ports, opened, part, {
    base: base.model,
    depth: base.depth,
    site: own,
    people,
    releases: await releasesBefore(ports, study, round),
    secret: roundSecret(ports, opened),
  })
  if (again === undefined) return said('NOT_AT_HAND')
  const isSame = writeUpdate(place, salt, again).update === update
  return isSame ? said('REPEATED', people.length) : said('UPDATE_DIFFERS')
}

/** The site's training once more, under the same masks where there were some; undefined where their words are gone. */
async function trainedAgain<Data extends PersonData>(
  { learner, words, own }: Pick<SitePorts<Data>, 'learner' | 'own' | 'words'>,
  round: LedgerRound,
  { sharers, equivocations = [] }: SitePart,
  task: TrainingTask<Data>,
): Promise<SiteTraining | undefined> {
  if (sharers === undefined) return learner.train(task)
  if (words === undefined || learner.masked === undefined) return undefined
  const { sum, missing } = await heardSum(words, round, leftOutBy(equivocations))
  const shares = await heardShares(words, round, sharers)
  if (missing.length > 0 || shares.size < sharers.length) return undefined
  const { refused: _, ...training } = await learner.masked.train(task, sum, shares, {
    site: own,
    secret: task.secret,
  })
  return { ...training, sharers, ...(equivocations.length === 0 ? {} : { equivocations }) }
}

/** The model that a round built on. */
async function baseOf<Data extends PersonData>(
  { chain, objects, learner }: Pick<SitePorts<Data>, 'chain' | 'learner' | 'objects'>,
  { id }: SiteStudy,
  number: number,
): Promise<{ readonly model: Bytes; readonly depth: number } | undefined> {
  if (number === 0) return { model: learner.firstModel(), depth: 1 }
  const version = await chain.version(id, number)
  const model: Bytes | undefined = version === undefined ? undefined : await objects.get(version.model)
  return version === undefined || model === undefined ? undefined : { model, depth: version.depth + 1 }
}
