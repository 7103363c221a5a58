/** An honest passport of two rounds over three sites, all that stands beside it, and a copy that may be written to. */
import type { PassportDocument } from '../../api/study.door.ts'
import { type Hash32, hash32, type InstitutionId } from '../../vocabulary/index.ts'
import { buildPassport } from '../passport.ts'
import { reportHash } from '../round-report.ts'
import type { StudyResult } from '../study-result.ts'
import type { LedgerFacts, PassportEvidence } from '../verify-passport.ts'
import { studyRecords, updateBytes } from './papers.ts'

export type Json = Record<string, unknown>
/** A passport that may be written to. */
export interface Draft {
  study: Json & { id: Hash32 }
  plan: PassportDocument['plan'] & Json
  ledger_plan: Json & { rounds: number; minimum_sites: number; ends: number }
  plan_hash: Hash32
  committee: Json & { institutions: Hash32[]; quorum: number; until: number }
  sites: (Json & { institution: Hash32 })[]
  rounds: Round[]
  version: Json & { is_withdrawn: boolean }
  epsilon: number | null
}
export interface Round extends Json {
  opened_block: number
  opened_at: number
  contributions: (Json & { site: Hash32; update: Hash32; salt: Hash32; cohort_root: Hash32 })[]
  attestations: (Json & { site: Hash32; model: Hash32; report: Hash32 })[]
  report: Json & { round: number; expected: Hash32[]; survivors: Hash32[]; epsilon: number | null }
}

export const good = buildPassport(studyRecords())
export const draft = (): Draft => structuredClone(good) as unknown as Draft

export const round = (passport: Draft, index: number): Round => passport.rounds[index] as Round

export const facts: LedgerFacts = {
  planHash: good.plan_hash,
  planVersion: 1,
  sites: good.sites.map(({ institution }) => institution),
  version: { model: good.version.model, report: good.version.report, isWithdrawn: false },
  rounds: new Map(
    good.rounds.map(({ report }) => [report.round, { model: report.model, report: reportHash(report) }]),
  ),
  cohortRoots: new Map(
    good.rounds.flatMap(({ report, contributions }) =>
      contributions.map(({ site, cohort_root: root }) => [`${report.round}:${site}`, root] as const),
    ),
  ),
}
export const updates = new Map(
  good.rounds.flatMap(({ report, contributions }) =>
    contributions.map(({ site, update }) => [update, updateBytes(site, report.round)] as const),
  ),
)
export const evidence: PassportEvidence = {
  ledger: facts,
  model: good.version.model,
  updates,
  aggregate: (round) => facts.rounds.get(round)?.model,
}

/** An audit in which a site repeated all its rounds. */
function auditOf(passport: PassportDocument, site: InstitutionId): StudyResult {
  const rounds = passport.rounds.flatMap(({ report, contributions }) =>
    contributions
      .filter((one) => one.site === site)
      .map(({ cohort_root, update }) => ({ round: report.round, cohort_root, update })),
  )
  return { schema: 'islet.study.audit-result/1', study: hash32(passport.study.id), site, rounds }
}
export const survivors = [...new Set(good.rounds.flatMap(({ report }) => report.survivors))]
export const audits = survivors.map((site) => auditOf(good, site))
