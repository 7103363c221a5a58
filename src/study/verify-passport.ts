/**
 * Verifies a model passport offline: everything that follows from the document itself, and whatever else is at hand.
 *
 * Laws: a pure function; every finding names what broke and where; without the ledger's own records the result is
 * `anchored: false`, because a document can only prove that it agrees with itself (PROTOCOL 18); what was not checked
 * is said in `unchecked`, never counted as passed.
 */
import { Compile, type Validator } from 'typebox/compile'
import { PassportDocument } from '../api/study.door.ts'
import type { Hash32, InstitutionId } from '../vocabulary/index.ts'
import { isIsletError } from '../vocabulary/index.ts'
import type { Finding, FindingCode } from './passport-findings.ts'
import { privacyFindings } from './passport-privacy.ts'
import { roundFindings } from './passport-rounds.ts'
import { checkedPlan, ledgerPlanOf } from './plan.ts'
import { reportHash } from './round-report.ts'
import { type LedgerPlan, planHashOf, studyIdOf, updateHash } from './study-hash.ts'
import { auditedSites, cohortEvidenceOf, resultHash } from './study-result.ts'

/** What the verifier may be given beside the document. */
export interface PassportEvidence {
  /** The same facts read from a verified export or from one's own node. */
  readonly ledger?: LedgerFacts
  /** Hash of the model's bytes at hand. */
  readonly model?: Hash32
  /** Bytes of updates by their hash. */
  readonly updates?: ReadonlyMap<Hash32, Uint8Array>
  /** Recomputes a round's model from the updates at hand; undefined when it cannot. */
  readonly aggregate?: (round: number) => Hash32 | undefined
  /** Who said two different things in a round, as the updates at hand show it; undefined where it cannot be told. */
  readonly equivocated?: (round: number) => readonly InstitutionId[] | undefined
}

/** What the ledger says; each is compared with the document. */
export interface LedgerFacts {
  readonly planHash: Hash32
  readonly planVersion: number
  readonly sites: readonly InstitutionId[]
  readonly version: { readonly model: Hash32; readonly report: Hash32; readonly isWithdrawn: boolean }
  /** Model and report hash by round number. */
  readonly rounds: ReadonlyMap<number, { readonly model: Hash32; readonly report: Hash32 }>
  /** Cohort root by `round:site`. */
  readonly cohortRoots: ReadonlyMap<string, Hash32>
  /** Who recorded a result, by its hash. */
  readonly results?: ReadonlyMap<Hash32, InstitutionId>
}

export interface PassportVerdict {
  readonly ok: boolean
  readonly findings: readonly Finding[]
  /** Whether the facts were compared with the ledger's. */
  readonly anchored: boolean
  readonly cohortEvidence: 'audited' | 'declared'
  /** Sites of which every contribution stands in an audit of their own. */
  readonly auditedSites: readonly InstitutionId[]
  /** What nothing was at hand for. */
  readonly unchecked: readonly ('AGGREGATE' | 'LEDGER' | 'MODEL_BYTES' | 'UPDATE_BYTES')[]
}

let validator: Validator<Record<never, never>, typeof PassportDocument> | undefined

/** Whether a value has the form of a passport. */
export function isPassport(value: unknown): value is PassportDocument {
  validator ??= Compile(PassportDocument)
  return validator.Check(value)
}

/** Verifies a passport, whatever it is; never throws on the document. */
export function verifyPassport(document: unknown, evidence: PassportEvidence = {}): PassportVerdict {
  validator ??= Compile(PassportDocument)
  if (!validator.Check(document)) {
    const [first] = validator.Errors(document)
    const at = (first?.instancePath ?? '').slice(1).replaceAll('/', '.')
    return verdict([{ code: 'NOT_A_PASSPORT', at }], undefined, evidence)
  }
  const findings = [
    ...planFindings(document),
    ...approvalFindings(document),
    ...roundFindings(document),
    ...versionFindings(document),
    ...resultFindings(document),
    ...evidenceFindings(document, evidence),
  ]
  return verdict(findings, document, evidence)
}

function verdict(
  findings: readonly Finding[],
  passport: PassportDocument | undefined,
  evidence: PassportEvidence,
): PassportVerdict {
  const unchecked = [
    ...(evidence.ledger === undefined ? (['LEDGER'] as const) : []),
    ...(evidence.model === undefined ? (['MODEL_BYTES'] as const) : []),
    ...(evidence.updates === undefined ? (['UPDATE_BYTES'] as const) : []),
    ...(evidence.aggregate === undefined ? (['AGGREGATE'] as const) : []),
  ]
  const anchored = evidence.ledger !== undefined
  const audited = passport === undefined ? [] : auditedSites(contributed(passport), passport.results ?? [])
  const cohortEvidence = passport?.cohort_evidence ?? 'declared'
  return { ok: findings.length === 0, findings, anchored, cohortEvidence, auditedSites: audited, unchecked }
}

function* planFindings(passport: PassportDocument): Generator<Finding> {
  const { plan, ledger_plan: stated, study } = passport
  const fail = (code: FindingCode, at: string): Finding => ({ code, at })
  try {
    checkedPlan(plan)
  } catch (error) {
    const field = isIsletError(error) ? error.at?.field : undefined
    yield fail('PLAN_RULE_BROKEN', `plan.${field ?? ''}`)
    return
  }
  const terms: LedgerPlan = {
    document: stated.document,
    sheet: stated.sheet,
    model: stated.model,
    aggregation: stated.aggregation,
    minimumSites: stated.minimum_sites,
    rounds: stated.rounds,
    stepSeconds: stated.step_seconds,
    ends: stated.ends,
  }
  const own = ledgerPlanOf(plan)
  for (const key of Object.keys(terms)) {
    if (terms[key as keyof LedgerPlan] !== own[key as keyof LedgerPlan]) {
      yield fail('PLAN_NOT_THE_LEDGERS', `ledger_plan.${key}`)
    }
  }
  if (planHashOf(terms) !== passport.plan_hash) yield fail('PLAN_HASH_WRONG', 'plan_hash')
  if (studyIdOf(study.applicant, study.first_plan_hash, study.salt) !== study.id) {
    yield fail('STUDY_ID_WRONG', 'study.id')
  }
  const isFirst = study.first_plan_hash === passport.plan_hash
  // Version 1 is the first plan, and an amendment is never the plan that it replaces.
  const canBe =
    study.plan_version === 1 ? isFirst : study.plan_version > 1 && !(study.plan_version === 2 && isFirst)
  if (!canBe) {
    yield fail('PLAN_AMENDED_WITHOUT_TRACE', 'study.plan_version')
  }
}

function* approvalFindings(passport: PassportDocument): Generator<Finding> {
  const { committee, sites, plan_hash: planHash } = passport
  if (committee.plan_hash !== planHash) yield { code: 'COMMITTEE_OF_ANOTHER_PLAN', at: 'committee.plan_hash' }
  const seats = new Set(committee.institutions)
  if (seats.size < committee.institutions.length)
    yield { code: 'COMMITTEE_SEAT_TWICE', at: 'committee.institutions' }
  if (seats.size < committee.quorum) yield { code: 'COMMITTEE_TOO_FEW', at: 'committee.institutions' }
  if (seats.has(passport.study.applicant))
    yield { code: 'COMMITTEE_HOLDS_APPLICANT', at: 'committee.institutions' }
  for (const [i, site] of sites.entries()) {
    if (site.plan_hash !== planHash) yield { code: 'SITE_OF_ANOTHER_PLAN', at: `sites.${i}` }
    const isFirst = sites.findIndex(({ institution }) => institution === site.institution) === i
    if (!isFirst) yield { code: 'SITE_TWICE', at: `sites.${i}` }
  }
  if (sites.length < passport.ledger_plan.minimum_sites) yield { code: 'SITES_TOO_FEW', at: 'sites' }
}

function* versionFindings(passport: PassportDocument): Generator<Finding> {
  const { version, rounds } = passport
  const last = rounds.at(-1)?.report
  const isOfLast = last !== undefined && last.model === version.model && reportHash(last) === version.report
  if (!isOfLast) yield { code: 'VERSION_NOT_OF_THE_LAST_ROUND', at: 'version' }
  if (version.is_withdrawn) yield { code: 'VERSION_WITHDRAWN', at: 'version.is_withdrawn' }
  yield* privacyFindings(passport)
}

function* resultFindings(passport: PassportDocument): Generator<Finding> {
  const { results = [], rounds, study } = passport
  for (const [i, result] of results.entries()) {
    if (result.study !== study.id) yield { code: 'RESULT_OF_ANOTHER_STUDY', at: `results.${i}.study` }
    if (result.schema !== 'islet.study.audit-result/1') continue
    for (const [k, one] of result.rounds.entries()) {
      const made = rounds
        .find(({ report }) => report.round === one.round)
        ?.contributions.find(({ site }) => site === result.site)
      // Rounds that are not under this model may stand in an audit; of those that are, the very contribution.
      const isIt = made === undefined || (made.update === one.update && made.cohort_root === one.cohort_root)
      if (!isIt) yield { code: 'AUDIT_NOT_THE_CONTRIBUTIONS', at: `results.${i}.rounds.${k}` }
    }
  }
  if (cohortEvidenceOf(contributed(passport), results) !== passport.cohort_evidence)
    yield { code: 'COHORT_EVIDENCE_WRONG', at: 'cohort_evidence' }
}

/** The rounds as audits name them. */
function contributed({ rounds }: PassportDocument): Parameters<typeof auditedSites>[0] {
  return rounds.map(({ report, contributions }) => ({
    round: report.round,
    contributions: contributions.map(({ site, cohort_root: cohortRoot, update }) => ({
      site,
      cohortRoot,
      update,
    })),
  }))
}

function* evidenceFindings(passport: PassportDocument, evidence: PassportEvidence): Generator<Finding> {
  if (evidence.ledger !== undefined) yield* ledgerFindings(passport, evidence.ledger)
  if (evidence.model !== undefined && evidence.model !== passport.version.model)
    yield { code: 'MODEL_NOT_THE_BYTES', at: 'version.model' }
  for (const [i, { contributions, report }] of passport.rounds.entries()) {
    for (const [k, { update }] of contributions.entries()) {
      const bytes = evidence.updates?.get(update)
      if (bytes !== undefined && updateHash(bytes) !== update) {
        yield { code: 'UPDATE_NOT_THE_BYTES', at: `rounds.${i}.contributions.${k}` }
      }
    }
    const again = evidence.aggregate?.(report.round)
    if (again !== undefined && again !== report.model)
      yield { code: 'AGGREGATE_NOT_REPRODUCED', at: `rounds.${i}.report.model` }
    const shown = evidence.equivocated?.(report.round)
    if (shown !== undefined && shown.join() !== (report.equivocated ?? []).join())
      yield { code: 'EQUIVOCATION_NOT_SHOWN', at: `rounds.${i}.report.equivocated` }
  }
}

function* ledgerFindings(passport: PassportDocument, facts: LedgerFacts): Generator<Finding> {
  const differs = (at: string): Finding => ({ code: 'LEDGER_DISAGREES', at })
  if (facts.planHash !== passport.plan_hash) yield differs('plan_hash')
  if (facts.planVersion !== passport.study.plan_version) yield differs('study.plan_version')
  const sites = passport.sites.map(({ institution }) => institution)
  if (sites.some((site) => !facts.sites.includes(site))) yield differs('sites')
  const { model, report, is_withdrawn: isWithdrawn } = passport.version
  if (facts.version.model !== model) yield differs('version.model')
  if (facts.version.report !== report) yield differs('version.report')
  if (facts.version.isWithdrawn !== isWithdrawn) yield differs('version.is_withdrawn')
  for (const [i, result] of (passport.results ?? []).entries()) {
    const by = facts.results?.get(resultHash(result))
    const isTheirs = result.schema !== 'islet.study.audit-result/1' || by === result.site
    if (by === undefined || !isTheirs) yield differs(`results.${i}`)
  }
  for (const [i, round] of passport.rounds.entries()) {
    const known = facts.rounds.get(round.report.round)
    if (known?.model !== round.report.model || known.report !== reportHash(round.report))
      yield differs(`rounds.${i}.report`)
    for (const [k, { site, cohort_root: root }] of round.contributions.entries()) {
      if (facts.cohortRoots.get(`${round.report.round}:${site}`) !== root)
        yield differs(`rounds.${i}.contributions.${k}.cohort_root`)
    }
  }
}
