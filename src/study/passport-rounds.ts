/**
 * The rounds of a passport: each built on the one before, by approved sites that committed what they revealed, and
 * attested alike by two thirds of those expected.
 *
 * Law: the rules are those of `RoundLedger`, judged again from the document alone.
 */
import type { PassportDocument } from '../api/study.door.ts'
import { maskThreshold } from '../learning/index.ts'
import type { Hash32 } from '../vocabulary/index.ts'
import type { Finding } from './passport-findings.ts'
import { aggregateHash, reportHash } from './round-report.ts'
import { updateCommitment } from './study-hash.ts'

type PassportRound = PassportDocument['rounds'][number]

/** What is wrong with the rounds, in their order. */
export function* roundFindings(passport: PassportDocument): Generator<Finding> {
  const { rounds, ledger_plan: plan } = passport
  if (rounds.length > plan.rounds) yield { code: 'ROUNDS_TOO_MANY', at: 'rounds' }
  const roots = new Set<Hash32>()
  let base = plan.model
  let before: PassportRound | undefined
  for (const [i, round] of rounds.entries()) {
    const at = `rounds.${i}`
    yield* orderFindings(passport, round, before, base, at)
    yield* siteFindings(passport, round, at)
    yield* contributionFindings(passport, round, roots, at)
    yield* attestationFindings(round, at)
    base = round.report.model
    before = round
  }
}

function* orderFindings(
  passport: PassportDocument,
  round: PassportRound,
  before: PassportRound | undefined,
  base: Hash32,
  at: string,
): Generator<Finding> {
  const { report } = round
  if (report.study !== passport.study.id) yield { code: 'ROUND_OF_ANOTHER_STUDY', at: `${at}.report.study` }
  // Versions of an earlier plan stay under later ones: its number may only grow, up to the present plan's.
  const earliest = before?.report.plan_version ?? 1
  if (report.plan_version < earliest || report.plan_version > passport.study.plan_version)
    yield { code: 'ROUND_OF_ANOTHER_PLAN', at: `${at}.report.plan_version` }
  if (before !== undefined) {
    const isLater = report.round > before.report.round && round.opened_block > before.opened_block
    if (!isLater || round.opened_at < before.opened_at) yield { code: 'ROUND_OUT_OF_ORDER', at }
  }
  if (round.opened_at >= passport.ledger_plan.ends) yield { code: 'ROUND_AFTER_END', at: `${at}.opened_at` }
  if (round.opened_at >= passport.committee.until) yield { code: 'APPROVAL_EXPIRED', at: `${at}.opened_at` }
  if (report.base_model !== base) yield { code: 'BASE_MODEL_BROKEN', at: `${at}.report.base_model` }
}

function* siteFindings(passport: PassportDocument, round: PassportRound, at: string): Generator<Finding> {
  const { report } = round
  const approved = passport.sites.map(({ institution }) => institution)
  if (report.expected.some((site) => !approved.includes(site)))
    yield { code: 'SITE_NOT_APPROVED', at: `${at}.report.expected` }
  const survivors = new Set(report.survivors)
  const areExpected = report.survivors.every((site) => report.expected.includes(site))
  if (!areExpected || survivors.size < report.survivors.length)
    yield { code: 'SURVIVOR_NOT_EXPECTED', at: `${at}.report.survivors` }
  // Fewer than open a masked sum of all who were expected could not have opened it.
  const { aggregation, minimum_sites: least } = passport.ledger_plan
  const fewest = aggregation === 'masked' ? Math.max(least, maskThreshold(report.expected.length)) : least
  if (survivors.size < fewest) yield { code: 'SURVIVORS_TOO_FEW', at: `${at}.report.survivors` }
  const isPartial = report.expected.some((site) => !survivors.has(site))
  if (isPartial !== report.is_partial) yield { code: 'PARTIAL_NOT_SAID', at: `${at}.report.is_partial` }
}

function* contributionFindings(
  passport: PassportDocument,
  round: PassportRound,
  roots: Set<Hash32>,
  at: string,
): Generator<Finding> {
  const { contributions, report } = round
  const sites = contributions.map(({ site }) => site)
  const areSurvivors =
    sites.length === report.survivors.length && sites.every((site, i) => site === report.survivors[i])
  if (!areSurvivors) yield { code: 'CONTRIBUTIONS_NOT_THE_SURVIVORS', at: `${at}.contributions` }
  for (const [k, { site, commitment, update, salt, cohort_root: root }] of contributions.entries()) {
    const made = updateCommitment({ study: passport.study.id, round: report.round, site, update, salt })
    if (made !== commitment) yield { code: 'COMMITMENT_WRONG', at: `${at}.contributions.${k}.commitment` }
    // Roots are blinded by round and site: an equal one was copied.
    if (roots.has(root)) yield { code: 'COHORT_ROOT_REPEATED', at: `${at}.contributions.${k}.cohort_root` }
    roots.add(root)
  }
  if (aggregateHash(report.base_model, contributions) !== report.aggregate)
    yield { code: 'AGGREGATE_WRONG', at: `${at}.report.aggregate` }
}

function* attestationFindings(round: PassportRound, at: string): Generator<Finding> {
  const { attestations, report } = round
  const hash = reportHash(report)
  const alike = new Set<string>()
  for (const [k, word] of attestations.entries()) {
    const here = `${at}.attestations.${k}`
    if (!report.expected.includes(word.site)) yield { code: 'ATTESTATION_NOT_OF_A_SITE', at: here }
    else if (alike.has(word.site)) yield { code: 'ATTESTATION_TWICE', at: here }
    else if (word.model !== report.model || word.report !== hash)
      yield { code: 'ATTESTATION_OF_ANOTHER_REPORT', at: here }
    else alike.add(word.site)
  }
  if (3 * alike.size < 2 * report.expected.length)
    yield { code: 'ATTESTATIONS_TOO_FEW', at: `${at}.attestations` }
}
