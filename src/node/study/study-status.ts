/**
 * Where a study stands, as `islet.study/1`: what the ledger says, with the papers of this node beside it.
 *
 * Law: who is awaited and until when is always said; what this node does not know is null.
 */
import { createHash } from 'node:crypto'
import type { StudyDocument } from '../../api/documents.door.ts'
import { STUDY_VERDICTS } from '../../ledger/index.ts'
import { epsilonOf, type LedgerRound, type StudyPlan } from '../../study/index.ts'
import {
  canonicalJson,
  formatInstant,
  type Hash32,
  hash32,
  type InstitutionId,
  IsletError,
  institutionId,
  quantity,
  type UnixSeconds,
} from '../../vocabulary/index.ts'
import { paperMissing } from './not-here.ts'
import type { StudyDesk } from './study-desk.ts'
import type { StudyFile } from './study-shelf.ts'
import type { HostedSite } from './study-sites.ts'

type Round = StudyDocument['rounds'][number]

/** A site of this node, which knows its own cohorts. */
type CountingSite = Pick<HostedSite, 'ports' | 'site'>

/** Throws `STUDY_UNKNOWN` when the ledger never took the application, `STUDY_PAPER_MISSING`. */
export async function studyStatus(
  desk: StudyDesk,
  file: StudyFile,
  hosted: readonly CountingSite[] = [],
): Promise<StudyDocument> {
  const { chain, shelf } = desk
  const { study: id } = file
  const [study, terms] = [await chain.study(id), await chain.plan(id)]
  if (study.state === 'NONE') throw unsent()
  const plan = await shelf.plan(terms.document)
  if (plan === undefined) throw paperMissing()
  const approved = await chain.approvedSites(id)
  const rounds: Round[] = []
  const reports = []
  for (let number = 1; number <= (await chain.latestRound(id)); number += 1) {
    const round = await chain.round(id, number)
    if (round === undefined) continue
    const version = await versionOfRound(desk, round)
    const report = version === undefined ? undefined : await shelf.report(version.report)
    if (report !== undefined) reports.push(report)
    rounds.push({
      round: number,
      state: round.phase === 'NONE' ? 'FAILED' : round.phase,
      block: round.openedBlock,
      cohort: { sites: round.cohorts.length, people: await peopleIn(hosted, number, round.cohorts) },
      awaited: awaitedIn(round).map(desk.handleOf),
      deadline: isRunning(round) ? formatInstant(round.deadline) : null,
      is_partial: isRunning(round) ? null : round.survivors.length < round.expected.length,
      ...(report?.equivocated === undefined
        ? {}
        : { equivocated: report.equivocated.map((site) => desk.handleOf(institutionId(site))) }),
      model_hash: version?.model ?? null,
      aggregate_sha256: version?.model.slice(2) ?? null,
      metrics: report?.metrics ?? null,
    })
  }
  const head = await chain.headVersion(id)
  const consenting = new Map<InstitutionId, number>()
  for (const { site, ports } of hosted) {
    const newest = await site.cohort(rounds.at(-1)?.round ?? 0)
    if (newest !== undefined) consenting.set(ports.own, newest.included.length)
  }
  const seats = desk.institutions.filter(({ id: seat }) => seat !== study.applicant)
  const recused = await Promise.all(seats.map((seat) => chain.isRecused(id, seat.id)))
  return {
    schema: 'islet.study/1',
    study: id,
    title: plan.title,
    state: study.state,
    plan_sha256: planSha256(plan),
    plan_hash: study.planHash,
    plan_version: study.version,
    applicant: desk.handleOf(study.applicant),
    committee: {
      quorum: await chain.quorum(),
      recused: seats.filter((_, i) => recused[i]).map(({ key }) => key),
      votes: study.state === 'SUBMITTED' ? await votesOn(desk, id, study.planHash) : [],
      until: study.until === 0 ? null : formatInstant(quantity<UnixSeconds>(study.until)),
      conditions: study.conditions ?? null,
    },
    information_sheet: terms.sheet,
    sites: (await chain.sites(id)).map((site) => ({
      id: site,
      key: desk.handleOf(site),
      state: approved.includes(site) ? 'APPROVED' : 'LEFT',
      people: consenting.get(site) ?? null,
    })),
    rounds,
    model:
      head === undefined ? null : { version: head.number, hash: head.model, sha256: head.model.slice(2) },
    privacy: { epsilon: epsilonOf(reports), delta: plan.privacy.differential_privacy?.delta ?? null },
  }
}

/** What the ledger has where a vote names no conditions. */
const NO_CONDITIONS = `0x${'00'.repeat(32)}`

/** Votes on a plan that nobody decided on yet, as the ledger tells them. */
async function votesOn({ chain, handleOf }: StudyDesk, id: Hash32, planHash: Hash32) {
  const votes: StudyDocument['committee']['votes'][number][] = []
  for await (const { name, args } of chain.events(0)) {
    if (name !== 'Voted' || args.study !== id || args.planHash !== planHash) continue
    const verdict = STUDY_VERDICTS[args.decision.verdict]
    if (verdict === undefined) continue
    const conditions = args.decision.conditions === NO_CONDITIONS ? null : hash32(args.decision.conditions)
    votes.push({ seat: handleOf(institutionId(args.institution)), verdict, conditions })
  }
  return votes
}

/** People in the cohorts of a round; null unless every site that froze one is of this node. */
async function peopleIn(
  hosted: readonly CountingSite[],
  round: number,
  cohorts: readonly InstitutionId[],
): Promise<number | null> {
  let people = 0
  for (const id of cohorts) {
    const record = await hosted.find(({ ports }) => ports.own === id)?.site.cohort(round)
    if (record === undefined) return null
    people += record.included.length
  }
  return people
}

/** SHA-256 of the plan as canonical JSON. */
function planSha256(plan: StudyPlan): string {
  return createHash('sha256').update(canonicalJson(plan)).digest('hex')
}

function isRunning({ phase }: LedgerRound): boolean {
  return phase !== 'FINAL' && phase !== 'FAILED'
}

/** The sites whose turn it is. */
function awaitedIn(round: LedgerRound): readonly InstitutionId[] {
  const without = (from: readonly InstitutionId[], done: readonly InstitutionId[]) =>
    from.filter((site) => !done.includes(site) && !round.voided.includes(site))
  switch (round.phase) {
    case 'COHORTS':
      return without(round.expected, round.cohorts)
    case 'COMMITMENTS':
      return without(round.cohorts, round.committed)
    case 'REVEALS':
      return without(round.committed, round.survivors)
    case 'ATTESTATIONS':
      return round.expected.filter((site) => !round.attested.includes(site))
    case 'FAILED':
    case 'FINAL':
    case 'NONE':
      return []
    default:
      return round.phase satisfies never
  }
}

async function versionOfRound({ chain }: StudyDesk, round: LedgerRound) {
  if (round.phase !== 'FINAL') return undefined
  for (let number = 1; ; number += 1) {
    const version = await chain.version(round.study, number)
    if (version === undefined || version.round === round.round) return version
  }
}

function unsent(): IsletError {
  return new IsletError(
    'STUDY_UNKNOWN',
    'the ledger never took this application',
    {},
    { remedy: 'Apply again: islet study submit study.yaml' },
  )
}
