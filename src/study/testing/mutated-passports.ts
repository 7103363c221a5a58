/** Lies about an honest passport, each with the code that must find it. */
import type { FindingCode } from '../passport-findings.ts'
import { privacyBudget } from '../privacy-terms.ts'
import { reportHash } from '../round-report.ts'
import { audits, type Draft, good, type Json, type Round, round } from './honest-passport.ts'
import { hashOf, siteOf } from './papers.ts'

const NORTH = siteOf('north')
const STRANGER = siteOf('stranger')

/** Signs a changed report anew, as a site that lies consistently would: the attestations and the version follow it. */
export function attestAnew(passport: Draft, index: number): void {
  const round = passport.rounds[index] as Round
  const report = reportHash(round.report as never)
  for (const word of round.attestations) Object.assign(word, { report, model: round.report['model'] })
  if (index === passport.rounds.length - 1)
    Object.assign(passport.version, { report, model: round.report['model'] })
}

export const MUTATIONS: readonly (readonly [
  code: FindingCode,
  what: string,
  change: (passport: Draft) => void,
])[] = [
  ['NOT_A_PASSPORT', 'a member that nobody knows', (p) => Object.assign(p, { note: 'trust me' })],
  ['NOT_A_PASSPORT', 'no rounds at all', (p) => void p.rounds.splice(0)],
  [
    'COHORT_EVIDENCE_WRONG',
    'an audit that nobody made',
    (p) => Object.assign(p, { cohort_evidence: 'audited' }),
  ],
  [
    'COHORT_EVIDENCE_WRONG',
    'one site’s audit passed off as all',
    (p) => Object.assign(p, { cohort_evidence: 'audited', results: audits.slice(1) }),
  ],
  [
    'AUDIT_NOT_THE_CONTRIBUTIONS',
    'an audit of another update',
    (p) => {
      const [first] = structuredClone(audits)
      if (first?.schema === 'islet.study.audit-result/1')
        Object.assign(first.rounds[0] ?? {}, { update: hashOf('x') })
      Object.assign(p, { results: [first] })
    },
  ],
  [
    'RESULT_OF_ANOTHER_STUDY',
    'an audit of another study',
    (p) => Object.assign(p, { results: [{ ...audits[0], study: hashOf('x') }] }),
  ],
  [
    'PLAN_RULE_BROKEN',
    'a plan that expires on no day',
    (p) => Object.assign(p.plan, { expires: '2030-02-30T00:00:00Z' }),
  ],
  [
    'PLAN_NOT_THE_LEDGERS',
    'a plan with another title',
    (p) => Object.assign(p.plan, { title: 'Selling data' }),
  ],
  ['PLAN_HASH_WRONG', 'another plan hash', (p) => Object.assign(p, { plan_hash: hashOf('other') })],
  [
    'STUDY_ID_WRONG',
    'another study id',
    (p) => {
      p.study.id = hashOf('other')
    },
  ],
  ['STUDY_ID_WRONG', 'another applicant', (p) => Object.assign(p.study, { applicant: STRANGER })],
  ['PLAN_AMENDED_WITHOUT_TRACE', 'version 0', (p) => Object.assign(p.study, { plan_version: 0 })],
  [
    'COMMITTEE_OF_ANOTHER_PLAN',
    'an approval of another plan',
    (p) => Object.assign(p.committee, { plan_hash: hashOf('x') }),
  ],
  ['COMMITTEE_TOO_FEW', 'one seat where two decide', (p) => void p.committee.institutions.pop()],
  ['COMMITTEE_SEAT_TWICE', 'a seat that votes twice', (p) => void p.committee.institutions.push(NORTH)],
  [
    'COMMITTEE_HOLDS_APPLICANT',
    'the applicant among the committee',
    (p) => void p.committee.institutions.push(siteOf('applicant')),
  ],
  [
    'APPROVAL_EXPIRED',
    'a round after the approval',
    (p) => {
      p.committee.until = round(p, 1).opened_at
    },
  ],
  [
    'SITE_OF_ANOTHER_PLAN',
    'a site that approved another plan',
    (p) => Object.assign(p.sites[0] as Json, { plan_hash: hashOf('x') }),
  ],
  ['SITE_TWICE', 'a site listed twice', (p) => void p.sites.push({ ...(p.sites[0] as Draft['sites'][0]) })],
  ['SITES_TOO_FEW', 'fewer sites than the plan needs', (p) => void p.sites.splice(1)],
  [
    'ROUNDS_TOO_MANY',
    'more rounds than the plan allows',
    (p) => {
      p.ledger_plan.rounds = 1
    },
  ],
  [
    'ROUND_OF_ANOTHER_STUDY',
    'a round of another study',
    (p) => Object.assign(round(p, 0).report, { study: hashOf('x') }),
  ],
  [
    'ROUND_OF_ANOTHER_PLAN',
    'a round of a later plan',
    (p) => Object.assign(round(p, 0).report, { plan_version: 2 }),
  ],
  ['ROUND_OUT_OF_ORDER', 'rounds in another order', (p) => void p.rounds.reverse()],
  [
    'ROUND_OUT_OF_ORDER',
    'a round opened before the one before it',
    (p) => {
      round(p, 1).opened_block = 1
    },
  ],
  [
    'ROUND_AFTER_END',
    'a round after the study ended',
    (p) => {
      p.ledger_plan.ends = round(p, 0).opened_at
    },
  ],
  ['BASE_MODEL_BROKEN', 'a round left out', (p) => void p.rounds.shift()],
  ['SITE_NOT_APPROVED', 'a site that never approved', (p) => void p.sites.pop()],
  [
    'SURVIVOR_NOT_EXPECTED',
    'a survivor nobody expected',
    (p) => {
      round(p, 1).report.survivors[0] = STRANGER
    },
  ],
  [
    'SURVIVORS_TOO_FEW',
    'fewer survivors than the plan needs',
    (p) => void round(p, 1).report.survivors.pop(),
  ],
  [
    'SURVIVORS_TOO_FEW',
    'a masked sum of two of three, which nobody could open',
    (p) => Object.assign(p.ledger_plan, { aggregation: 'masked' }),
  ],
  ['CONTRIBUTIONS_NOT_THE_SURVIVORS', 'a contribution left out', (p) => void round(p, 0).contributions.pop()],
  [
    'CONTRIBUTIONS_NOT_THE_SURVIVORS',
    'contributions in another order',
    (p) => void round(p, 0).contributions.reverse(),
  ],
  [
    'PARTIAL_NOT_SAID',
    'a partial round called whole',
    (p) => Object.assign(round(p, 1).report, { is_partial: false }),
  ],
  [
    'COMMITMENT_WRONG',
    'another update than was committed',
    (p) => Object.assign(round(p, 0).contributions[1] as Json, { update: hashOf('x') }),
  ],
  [
    'COMMITMENT_WRONG',
    'another salt',
    (p) => Object.assign(round(p, 0).contributions[1] as Json, { salt: hashOf('x') }),
  ],
  [
    'COHORT_ROOT_REPEATED',
    'a cohort root of another site',
    (p) =>
      Object.assign(round(p, 0).contributions[1] as Json, {
        cohort_root: round(p, 0).contributions[0]?.cohort_root,
      }),
  ],
  [
    'AGGREGATE_WRONG',
    'another aggregate, attested alike',
    (p) => {
      Object.assign(round(p, 1).report, { aggregate: hashOf('x') })
      attestAnew(p, 1)
    },
  ],
  [
    'ATTESTATION_NOT_OF_A_SITE',
    'a word of somebody else',
    (p) => Object.assign(round(p, 0).attestations[0] as Json, { site: STRANGER }),
  ],
  [
    'ATTESTATION_TWICE',
    'a word counted twice',
    (p) =>
      void round(p, 0).attestations.push({ ...(round(p, 0).attestations[0] as Round['attestations'][0]) }),
  ],
  [
    'ATTESTATION_OF_ANOTHER_REPORT',
    'a metric made better after the attestation',
    (p) => Object.assign(round(p, 0).report, { metrics: { rmse_30_mgdl: 3 } }),
  ],
  ['ATTESTATIONS_TOO_FEW', 'one word of three sites', (p) => void round(p, 1).attestations.pop()],
  [
    'EPSILON_WRONG',
    'less privacy loss than was spent',
    (p) => {
      p.epsilon = 0.1
    },
  ],
  [
    'EPSILON_WRONG',
    'a round without its privacy loss',
    (p) => {
      round(p, 1).report.epsilon = null
      p.epsilon = 0.5
      attestAnew(p, 1)
    },
  ],
  [
    'EPSILON_OVER_BUDGET',
    'more privacy loss than the plan allows',
    (p) => {
      round(p, 1).report.epsilon = 2.25
      p.epsilon = 2.25
      attestAnew(p, 1)
    },
  ],
  [
    'EPSILON_WRONG',
    'a round that spent nothing, told consistently',
    (p) => {
      const { epsilon } = round(p, 0).report
      round(p, 1).report.epsilon = epsilon
      p.epsilon = epsilon
      attestAnew(p, 1)
    },
  ],
  [
    'EPSILON_WRONG',
    'a spending that no number of rounds gives',
    (p) => {
      p.epsilon = (p.epsilon ?? 0) - 0.01
      round(p, 1).report.epsilon = p.epsilon
      attestAnew(p, 1)
    },
  ],
  [
    'EPSILON_WRONG',
    'more releases than rounds were opened',
    (p) => {
      p.epsilon = privacyBudget(good.plan)?.spentAfter(3) ?? null
      round(p, 1).report.epsilon = p.epsilon
      attestAnew(p, 1)
    },
  ],
  [
    'VERSION_NOT_OF_THE_LAST_ROUND',
    'a model that no round made',
    (p) => Object.assign(p.version, { model: hashOf('x') }),
  ],
  [
    'VERSION_WITHDRAWN',
    'a withdrawn model',
    (p) => {
      p.version.is_withdrawn = true
    },
  ],
]
