/**
 * Documents whose hash the ledger has as a result of a model's version: audits of single sites, and what sites contributed.
 *
 * Law: institutions, hashes and figures over sites only; no patient, no consent, no raw value.
 */
import Type, { type Static } from 'typebox'
import { CountField, Hash32Field, InstitutionIdField, oneOf } from '../fields.ts'

const record = <Members extends Parameters<typeof Type.Object>[0]>(members: Members) =>
  Type.Object(members, { additionalProperties: false })
const Number32 = Type.Integer({ minimum: 1, maximum: 4_294_967_295 })

/** A site's word, under its own key on the ledger, that it repeated these rounds from its own data to the committed hashes. */
export const StudyAuditResult = Type.Object(
  {
    schema: Type.Literal('islet.study.audit-result/1'),
    study: Hash32Field,
    site: InstitutionIdField,
    rounds: Type.Array(record({ round: Number32, cohort_root: Hash32Field, update: Hash32Field }), {
      minItems: 1,
      maxItems: 1_000,
    }),
  },
  { $id: 'islet.study.audit-result/1', title: 'Rounds that a site repeated', additionalProperties: false },
)
export type StudyAuditResult = Static<typeof StudyAuditResult>

/** What each site's updates were worth, once per study. */
export const StudyContributionDocument = Type.Object(
  {
    schema: Type.Literal('islet.study.contribution/1'),
    study: Hash32Field,
    version: Number32,
    /** Exact Shapley values up to twelve sites, sampled orders beyond. */
    method: oneOf(['exact', 'truncated'] as const),
    /** Worth: by how much RMSE at 30 minutes falls on readings that the sites hold back, summed over the rounds. */
    unit: Type.Literal('rmse_30_mgdl_removed'),
    rounds: Type.Array(Number32, { minItems: 1, maxItems: 1_000 }),
    values: Type.Array(record({ site: InstitutionIdField, value: Type.Number() }), { maxItems: 256 }),
    /** Coalitions whose worth was asked, over all rounds. */
    coalitions: CountField,
  },
  {
    $id: 'islet.study.contribution/1',
    title: 'What each site contributed to a model',
    additionalProperties: false,
  },
)
export type StudyContributionDocument = Static<typeof StudyContributionDocument>

export const StudyResult = Type.Union([StudyAuditResult, StudyContributionDocument])
export type StudyResult = Static<typeof StudyResult>
