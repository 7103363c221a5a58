/**
 * Builds the passport of a model from the records of its study.
 *
 * Law: nothing is computed here that the verifier does not compute again; a passport says "declared cohort" until
 * every round in it was re-executed from the sites' own data (PROTOCOL 24).
 */
import type { PassportDocument, RoundReport } from '../api/study.door.ts'
import type { Address, Hash32, InstitutionId, UnixSeconds } from '../vocabulary/index.ts'
import { ledgerPlanOf, type StudyPlan } from './plan.ts'
import { reportHash } from './round-report.ts'
import { planHashOf } from './study-hash.ts'
import { cohortEvidenceOf, type StudyResult } from './study-result.ts'

/** One round of the model, as ledger and members recorded it. */
export interface RoundRecord {
  readonly openedBlock: number
  readonly openedAt: UnixSeconds
  readonly contributions: readonly {
    readonly site: InstitutionId
    readonly cohortRoot: Hash32
    readonly commitment: Hash32
    readonly update: Hash32
    readonly salt: Hash32
  }[]
  /** Sites that attested the model and report of this round. */
  readonly attestedBy: readonly InstitutionId[]
  readonly report: RoundReport
}

export interface PassportRecords {
  readonly ledger: { readonly chainId: number; readonly studies: Address; readonly rounds: Address }
  readonly study: {
    readonly id: Hash32
    readonly applicant: InstitutionId
    readonly salt: Hash32
    readonly firstPlanHash: Hash32
    readonly planVersion: number
  }
  readonly plan: StudyPlan
  readonly committee: {
    readonly quorum: number
    readonly institutions: readonly InstitutionId[]
    readonly until: UnixSeconds
  }
  /** Sites that approved the plan, in the order of their numbers. */
  readonly sites: readonly InstitutionId[]
  /** First to last, at least one. */
  readonly rounds: readonly RoundRecord[]
  readonly versionNumber: number
  readonly isWithdrawn: boolean
  /** Recorded of the model on the ledger, whose documents are at hand. */
  readonly results?: readonly StudyResult[]
}

/** The passport of the version that the last round made. Throws `NOT_A_WORD` on an impossible plan. */
export function buildPassport(records: PassportRecords): PassportDocument {
  const { ledger, study, plan, committee, rounds, results = [] } = records
  const terms = ledgerPlanOf(plan)
  const planHash = planHashOf(terms)
  const last = rounds.at(-1)?.report
  return {
    schema: 'islet.passport/1',
    ledger: { chain_id: ledger.chainId, studies: ledger.studies, rounds: ledger.rounds },
    study: {
      id: study.id,
      applicant: study.applicant,
      salt: study.salt,
      first_plan_hash: study.firstPlanHash,
      plan_version: study.planVersion,
    },
    plan,
    ledger_plan: {
      document: terms.document,
      sheet: terms.sheet,
      model: terms.model,
      aggregation: terms.aggregation,
      minimum_sites: terms.minimumSites,
      rounds: terms.rounds,
      step_seconds: terms.stepSeconds,
      ends: Number(terms.ends),
    },
    plan_hash: planHash,
    committee: {
      quorum: committee.quorum,
      plan_hash: planHash,
      institutions: [...committee.institutions],
      until: committee.until,
    },
    sites: records.sites.map((institution) => ({ institution, plan_hash: planHash })),
    rounds: rounds.map(passportRound),
    version: {
      number: records.versionNumber,
      model: last?.model ?? terms.model,
      report: last === undefined ? planHash : reportHash(last),
      is_withdrawn: records.isWithdrawn,
    },
    epsilon: epsilonOf(rounds.map(({ report }) => report)),
    ...(results.length === 0 ? {} : { results: [...results] }),
    cohort_evidence: cohortEvidenceOf(
      rounds.map(({ report, contributions }) => ({ round: report.round, contributions })),
      results,
    ),
  }
}

function passportRound(round: RoundRecord): PassportDocument['rounds'][number] {
  const { report } = round
  const hash = reportHash(report)
  return {
    opened_block: round.openedBlock,
    opened_at: round.openedAt,
    contributions: round.contributions.map(({ site, cohortRoot, commitment, update, salt }) => ({
      site,
      cohort_root: cohortRoot,
      commitment,
      update,
      salt,
    })),
    attestations: round.attestedBy.map((site) => ({ site, model: report.model, report: hash })),
    report,
  }
}

/** What every patient has spent up to the latest of these rounds; null when none says. */
export function epsilonOf(reports: readonly RoundReport[]): number | null {
  const spent = reports.flatMap(({ epsilon }) => epsilon ?? [])
  return spent.length === 0 ? null : Math.max(...spent)
}
