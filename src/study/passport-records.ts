/**
 * What a passport is built of, gathered from ledger and objects: any member can do it, and all get the same.
 *
 * Law: a round is in it if it lies under the standing head; nothing is taken from a site's word but what the ledger
 * names: updates by their hash, salts by the commitment that they open.
 */
import type { Shelf } from '../consent/browser.door.ts'
import {
  type Address,
  type Hash32,
  hash32,
  type InstitutionId,
  IsletError,
  institutionId,
} from '../vocabulary/index.ts'
import type { PassportRecords, RoundRecord } from './passport.ts'
import type { StudyPlan } from './plan.ts'
import { readReport } from './read-report.ts'
import type { LedgerRound, LedgerVersion, StudyReads } from './study-chain.ts'
import { planHashOf } from './study-hash.ts'
import type { StudyResult } from './study-result.ts'
import { readUpdate } from './update-document.ts'

export interface PassportSources {
  readonly chain: StudyReads
  readonly objects: Pick<Shelf, 'get'>
  readonly ledger: { readonly chainId: number; readonly studies: Address; readonly rounds: Address }
  /** How the study's id was made. */
  readonly application: { readonly salt: Hash32; readonly firstPlanHash: Hash32 }
  /** The present plan's document. */
  readonly plan: StudyPlan
  /** The document of a recorded result, where it is at hand. */
  readonly result?: (hash: Hash32) => Promise<StudyResult | undefined>
}

/** Throws `NO_MODEL_YET`, `STUDY_OBJECT_MISSING`, `UPDATE_REFUSED`. */
export async function passportRecords(sources: PassportSources, study: Hash32): Promise<PassportRecords> {
  const { chain, plan, application, ledger } = sources
  const [record, terms, sites, quorum, head] = await Promise.all([
    chain.study(study),
    chain.plan(study),
    chain.approvedSites(study),
    chain.quorum(),
    chain.headVersion(study),
  ])
  if (head === undefined)
    throw new IsletError(
      'NO_MODEL_YET',
      'the study has made no model that stands',
      {},
      { remedy: 'Run a round first.' },
    )
  const planHash = planHashOf(terms)
  const institutions: InstitutionId[] = []
  const recorded = new Set<Hash32>()
  const attested = new Map<
    number,
    { readonly site: InstitutionId; readonly model: Hash32; readonly report: Hash32 }[]
  >()
  for await (const event of chain.events(0)) {
    if (event.name !== 'Voted' && event.name !== 'Attested' && event.name !== 'ResultRecorded') continue
    if (hash32(event.args.study) !== study) continue
    if (event.name === 'ResultRecorded') {
      recorded.add(hash32(event.args.result))
      continue
    }
    if (event.name === 'Voted') {
      const seat = institutionId(event.args.institution)
      const isApproval = event.args.decision.verdict === 0 && hash32(event.args.planHash) === planHash
      if (isApproval && !institutions.includes(seat)) institutions.push(seat)
    } else {
      const words = attested.get(event.args.round) ?? []
      const { site, model, report } = event.args
      attested.set(event.args.round, [
        ...words,
        { site: institutionId(site), model: hash32(model), report: hash32(report) },
      ])
    }
  }
  const versions = await standing(chain, study, head)
  const rounds: RoundRecord[] = []
  for (const version of versions) {
    const round = await chain.round(study, version.round)
    if (round === undefined) throw missing('round')
    const alike = (attested.get(version.round) ?? []).filter(
      ({ model, report }) => model === version.model && report === version.report,
    )
    rounds.push({
      openedBlock: round.openedBlock,
      openedAt: round.openedAt,
      contributions: await contributionsOf(sources, round),
      attestedBy: alike.map(({ site }) => site),
      report: readReport(await objectOf(sources, version.report), version.report),
    })
  }
  return {
    ledger,
    study: {
      id: study,
      applicant: record.applicant,
      salt: application.salt,
      firstPlanHash: application.firstPlanHash,
      planVersion: record.version,
    },
    plan,
    committee: { quorum, institutions, until: record.until },
    sites,
    rounds,
    versionNumber: head.number,
    isWithdrawn: head.isWithdrawn,
    results: await resultsIn(sources, recorded),
  }
}

/** The documents of recorded results, as far as they are at hand. */
async function resultsIn(
  { result = async () => undefined }: PassportSources,
  recorded: ReadonlySet<Hash32>,
): Promise<readonly StudyResult[]> {
  const found = await Promise.all([...recorded].map((hash) => result(hash)))
  return found.filter((document) => document !== undefined)
}

/** The versions under the head, first to last. */
async function standing(
  chain: StudyReads,
  study: Hash32,
  head: LedgerVersion,
): Promise<readonly LedgerVersion[]> {
  const round = await chain.round(study, head.round)
  const below = round === undefined || round.base === 0 ? undefined : await chain.version(study, round.base)
  return below === undefined ? [head] : [...(await standing(chain, study, below)), head]
}

async function contributionsOf(
  sources: PassportSources,
  round: LedgerRound,
): Promise<RoundRecord['contributions']> {
  const found: RoundRecord['contributions'][number][] = []
  for (const site of round.survivors) {
    const { cohortRoot, commitment, update } = await sources.chain.contribution(
      round.study,
      round.round,
      site,
    )
    if (cohortRoot === undefined || commitment === undefined || update === undefined)
      throw missing('contribution')
    const place = { study: round.study, round: round.round, site }
    const { salt } = readUpdate(await objectOf(sources, update), update, place)
    found.push({ site, cohortRoot, commitment, update, salt })
  }
  return found
}

async function objectOf({ objects }: PassportSources, name: Hash32) {
  const bytes = await objects.get(name)
  if (bytes === undefined) throw missing('object')
  return bytes
}

function missing(what: string): IsletError {
  return new IsletError(
    'STUDY_OBJECT_MISSING',
    'something that the ledger names is not at hand',
    { what },
    { remedy: 'Fetch it from a member that took part in the round.' },
  )
}
