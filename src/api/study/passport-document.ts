/**
 * `islet.passport/1`: a model's way from plan to weights in one file that is checked offline.
 *
 * Law: institutions, hashes, counts of sites and figures over all sites only; no patient, no consent, no raw value.
 */
import Type, { type Static } from 'typebox'
import { AddressField, CountField, Hash32Field, InstitutionIdField, oneOf } from '../fields.ts'
import { AGGREGATIONS, StudyPlanDocument } from './plan-document.ts'
import { StudyResult } from './result-documents.ts'

const record = <Members extends Parameters<typeof Type.Object>[0]>(members: Members) =>
  Type.Object(members, { additionalProperties: false })

const Number32 = Type.Integer({ minimum: 0, maximum: 4_294_967_295 })
const Seconds = Type.Integer({ minimum: 0, maximum: 5_340_000_000 })

/** The words of a plan that stand on the ledger: the fields of `IStudyLedger.Plan`. */
export const LedgerPlan = record({
  document: Hash32Field,
  sheet: Hash32Field,
  model: Hash32Field,
  aggregation: oneOf(AGGREGATIONS),
  minimum_sites: Type.Integer({ minimum: 1, maximum: 256 }),
  rounds: Type.Integer({ minimum: 1, maximum: 1_000 }),
  step_seconds: Type.Integer({ minimum: 1, maximum: 2_592_000 }),
  ends: Seconds,
})

/** What the sites attest beside the model: the report of a round. */
export const RoundReport = record({
  schema: Type.Literal('islet.study.round/1'),
  study: Hash32Field,
  round: Number32,
  plan_version: Number32,
  /** Model that the round began with. */
  base_model: Hash32Field,
  model: Hash32Field,
  /** In the order of their numbers. */
  expected: Type.Array(InstitutionIdField, { maxItems: 256 }),
  survivors: Type.Array(InstitutionIdField, { maxItems: 256 }),
  is_partial: Type.Boolean(),
  /** Hash over base model and survivors' updates in order: what was aggregated. */
  aggregate: Hash32Field,
  /** Spent by every patient up to this round, over all rounds in which updates were committed (RDP); null without a budget. */
  epsilon: Type.Union([Type.Number({ minimum: 0 }), Type.Null()]),
  /** Figures over all surviving sites; names end in their unit. */
  metrics: Type.Record(Type.String({ pattern: '^[a-z][a-z0-9_]{0,63}$' }), Type.Number()),
  /** Masked rounds: sites that signed two different words for one place, and are in no sum; left out where none did. */
  equivocated: Type.Optional(Type.Array(InstitutionIdField, { minItems: 1, maxItems: 256 })),
})
export type RoundReport = Static<typeof RoundReport>

const Contribution = record({
  site: InstitutionIdField,
  cohort_root: Hash32Field,
  commitment: Hash32Field,
  update: Hash32Field,
  salt: Hash32Field,
})

const Attestation = record({ site: InstitutionIdField, model: Hash32Field, report: Hash32Field })

export const PassportRound = record({
  opened_block: CountField,
  opened_at: Seconds,
  contributions: Type.Array(Contribution, { maxItems: 256 }),
  attestations: Type.Array(Attestation, { maxItems: 256 }),
  report: RoundReport,
})

export const PassportDocument = Type.Object(
  {
    schema: Type.Literal('islet.passport/1'),
    ledger: record({ chain_id: CountField, studies: AddressField, rounds: AddressField }),
    study: record({
      id: Hash32Field,
      applicant: InstitutionIdField,
      /** Salt of the application and the first plan's hash: together with the applicant they give the id. */
      salt: Hash32Field,
      first_plan_hash: Hash32Field,
      plan_version: Number32,
    }),
    plan: StudyPlanDocument,
    ledger_plan: LedgerPlan,
    plan_hash: Hash32Field,
    committee: record({
      quorum: Type.Integer({ minimum: 1, maximum: 65_535 }),
      plan_hash: Hash32Field,
      institutions: Type.Array(InstitutionIdField, { maxItems: 256 }),
      until: Seconds,
    }),
    sites: Type.Array(record({ institution: InstitutionIdField, plan_hash: Hash32Field }), { maxItems: 256 }),
    /** The rounds that the model was built of, first to last. */
    rounds: Type.Array(PassportRound, { minItems: 1, maxItems: 1_000 }),
    version: record({
      number: Number32,
      model: Hash32Field,
      report: Hash32Field,
      is_withdrawn: Type.Boolean(),
    }),
    /** Of the last round: spent by every patient; null without differential privacy. */
    epsilon: Type.Union([Type.Number({ minimum: 0 }), Type.Null()]),
    /** Results that were recorded of the model: audits, and what sites contributed. */
    results: Type.Optional(Type.Array(StudyResult, { maxItems: 512 })),
    /** `declared`: roots say what sites declared. `audited`: every contribution stands in an audit of its site. */
    cohort_evidence: Type.Union([Type.Literal('declared'), Type.Literal('audited')]),
  },
  { $id: 'islet.passport/1', title: 'A model passport', additionalProperties: false },
)
export type PassportDocument = Static<typeof PassportDocument>
