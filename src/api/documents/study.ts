/**
 * What `islet study` prints: `islet.study/1` (where a study stands), `islet.study.init/1`, `islet.study.registry/1`.
 * Unknown is null.
 */
import { type Static, Type } from 'typebox'
import { CodeField, Hash32Field, InstantField, InstitutionIdField, oneOf } from '../fields.ts'
import { orNull } from '../shapes.ts'
import { InformationSheetDocument } from '../study/sheet-document.ts'
import { SheetChanges } from '../study/study-answers.ts'

const count = Type.Integer({ minimum: 0 })
const Sha256 = Type.String({ pattern: '^[0-9a-f]{64}$' })
const Metrics = Type.Record(Type.String({ pattern: '^[a-z][a-z0-9_]{0,63}$' }), Type.Number())

const VERDICT_WORDS = ['APPROVE', 'REJECT', 'RENEW', 'REVOKE'] as const

export const STUDY_STATE_WORDS = [
  'SUBMITTED',
  'CONDITIONAL',
  'APPROVED',
  'OPEN',
  'CLOSED',
  'REJECTED',
  'REVOKED',
  'WITHDRAWN',
] as const
const ROUND_STATE_WORDS = ['COHORTS', 'COMMITMENTS', 'REVEALS', 'ATTESTATIONS', 'FINAL', 'FAILED'] as const

/** The standing model beside persistence and ridge, on readings that the sites hold back; RMSE in mg/dL. */
export const StudyComparison = Type.Object({
  version: Type.Integer({ minimum: 1 }),
  sites: count,
  people: count,
  windows: count,
  rows: Type.Array(
    Type.Object({
      model: oneOf(['persistence', 'ridge', 'network'] as const),
      rmse_30_mgdl: orNull(Type.Number()),
      rmse_60_mgdl: orNull(Type.Number()),
    }),
  ),
})
export type StudyComparison = Static<typeof StudyComparison>

export const StudyDocument = Type.Object(
  {
    schema: Type.Literal('islet.study/1'),
    study: Hash32Field,
    title: Type.String(),
    state: oneOf(STUDY_STATE_WORDS),
    /** SHA-256 of the plan as canonical JSON. */
    plan_sha256: Sha256,
    /** What the ledger knows the plan by, which committee and sites approve. */
    plan_hash: Hash32Field,
    plan_version: Type.Integer({ minimum: 1 }),
    applicant: Type.String({ description: 'handle of the institution that applied' }),
    committee: Type.Object({
      quorum: Type.Integer({ minimum: 1 }),
      recused: Type.Array(Type.String()),
      /** Who voted what on the plan that stands, while nothing is decided; later votes after earlier ones. */
      votes: Type.Array(
        Type.Object({
          seat: Type.String(),
          verdict: oneOf(VERDICT_WORDS),
          /** Hash of the conditions that an approval comes with. */
          conditions: orNull(Hash32Field),
        }),
      ),
      until: orNull(InstantField),
      conditions: orNull(Hash32Field),
    }),
    information_sheet: Hash32Field,
    sites: Type.Array(
      Type.Object({
        id: InstitutionIdField,
        key: Type.String(),
        state: oneOf(['APPROVED', 'LEFT'] as const),
        /** People in its newest cohort; null where this node does not know. */
        people: orNull(count),
      }),
    ),
    rounds: Type.Array(
      Type.Object({
        round: Type.Integer({ minimum: 1 }),
        state: oneOf(ROUND_STATE_WORDS),
        block: count,
        cohort: Type.Object({ sites: count, people: orNull(count) }),
        awaited: Type.Array(Type.String(), { description: 'handles of the sites whose turn it is' }),
        deadline: orNull(InstantField),
        is_partial: orNull(Type.Boolean()),
        /** Masked rounds: sites in no sum because they signed two different words; left out where none did. */
        equivocated: Type.Optional(Type.Array(Type.String())),
        model_hash: orNull(Hash32Field),
        /** SHA-256 of the bytes of the model that the round made. */
        aggregate_sha256: orNull(Sha256),
        metrics: orNull(Metrics),
      }),
    ),
    model: orNull(
      Type.Object({ version: Type.Integer({ minimum: 1 }), hash: Hash32Field, sha256: orNull(Sha256) }),
    ),
    privacy: Type.Object({ epsilon: orNull(Type.Number()), delta: orNull(Type.Number()) }),
    /** Told by `run`: the standing model beside the plain forecasts; null where it cannot be judged here. */
    comparison: Type.Optional(orNull(StudyComparison)),
  },
  { $id: 'islet.study/1', title: 'Where a study stands' },
)
export type StudyDocument = Static<typeof StudyDocument>

export const StudyInitDocument = Type.Object(
  {
    schema: Type.Literal('islet.study.init/1'),
    plan: Type.String({ description: 'the file of the plan' }),
    sheet: Type.String({ description: 'the file of the information sheet' }),
    information_sheet: Hash32Field,
  },
  { $id: 'islet.study.init/1', title: 'A plan and a sheet that were written' },
)
export type StudyInitDocument = Static<typeof StudyInitDocument>

export const StudyFeasibilityDocument = Type.Object(
  {
    schema: Type.Literal('islet.study.feasibility/1'),
    asker: Type.String({ description: 'handle of the institution that asks' }),
    period: Type.String({ description: 'quarter in which an answer stays the same, as 2026-Q4' }),
    /** ε of one question, and of all questions of an asker at a site in a period. */
    epsilon: Type.Number({ exclusiveMinimum: 0 }),
    budget: Type.Number({ minimum: 0 }),
    sites: Type.Array(
      Type.Object({
        id: InstitutionIdField,
        key: Type.String(),
        code: oneOf(['ABOUT', 'FEWER_THAN_TEN', 'BUDGET_SPENT'] as const),
        /** A noised multiple of ten; null where the site says less or nothing. */
        people: orNull(Type.Integer({ minimum: 0, multipleOf: 10 })),
        spent: Type.Number({ minimum: 0 }),
      }),
    ),
  },
  { $id: 'islet.study.feasibility/1', title: 'About how many people sites could bring to a study' },
)
export type StudyFeasibilityDocument = Static<typeof StudyFeasibilityDocument>

export const StudyRegistryDocument = Type.Object(
  {
    schema: Type.Literal('islet.study.registry/1'),
    models: Type.Array(
      Type.Object({
        study: Hash32Field,
        title: Type.String(),
        version: Type.Integer({ minimum: 1 }),
        model: Hash32Field,
        round: Type.Integer({ minimum: 1 }),
        state: oneOf(['STANDING', 'WITHDRAWN'] as const),
        made: InstantField,
        metrics: orNull(Metrics),
        epsilon: orNull(Type.Number()),
        /** Hashes of results that sites linked to this version. */
        results: Type.Array(Hash32Field),
        /** The same with who recorded them, and the schema of the document where it is at hand. */
        recorded: Type.Array(
          Type.Object({ hash: Hash32Field, by: Type.String(), document: orNull(Type.String()) }),
        ),
        /** What the version rests on, round by round: enough to verify an analysis again from the ledger. */
        data_roots: Type.Array(
          Type.Object({
            round: Type.Integer({ minimum: 1 }),
            block: count,
            site: Type.String(),
            cohort_root: Hash32Field,
            update: Hash32Field,
            /** The site's newest anchored root over sealed objects when the round opened; null where there was none. */
            anchored: orNull(Type.Object({ slot: count, root: Hash32Field, block: count })),
          }),
        ),
        passport: Type.Boolean({ description: 'whether this node holds a passport of it' }),
      }),
    ),
  },
  { $id: 'islet.study.registry/1', title: 'The models that studies made' },
)
export type StudyRegistryDocument = Static<typeof StudyRegistryDocument>

/** One round that used a person's data, with what was checked. */
const LearnedRound = Type.Object({
  round: Type.Integer({ minimum: 1 }),
  site: InstitutionIdField,
  opened: InstantField,
  /** `PRESENT` and `ABSENT` were proved against the root on the ledger; `INVALID` and `NO_PROOF` were not. */
  proof: oneOf(['PRESENT', 'ABSENT', 'INVALID', 'NO_PROOF', 'NO_ROOT'] as const),
  /** Whether the round's model learned from what the site brought. */
  aggregated: Type.Boolean(),
  verified: Type.Boolean(),
})

export const StudyMineDocument = Type.Object(
  {
    schema: Type.Literal('islet.study.mine/1'),
    studies: Type.Array(
      Type.Object({
        study: Hash32Field,
        title: Type.String(),
        purpose: Type.Array(Type.String()),
        rounds: Type.Array(LearnedRound),
        models: Type.Array(
          Type.Object({
            version: Type.Integer({ minimum: 1 }),
            model: Hash32Field,
            state: oneOf(['STANDING', 'WITHDRAWN'] as const),
            /** Rounds under it that used me. */
            rounds: Type.Array(Type.Integer({ minimum: 1 })),
          }),
        ),
      }),
    ),
    findings: Type.Array(Type.Object({ code: CodeField, where: Type.String() })),
  },
  { $id: 'islet.study.mine/1', title: 'The rounds and models that learned from me' },
)
export type StudyMineDocument = Static<typeof StudyMineDocument>

export const StudyJoinDocument = Type.Object(
  {
    schema: Type.Literal('islet.study.join/1'),
    study: Hash32Field,
    site: Type.String({ description: 'handle of the site' }),
    information_sheet: Hash32Field,
    sheet: InformationSheetDocument,
    /** What changed since the sheet consented to before; null when there was none. */
    changes: orNull(SheetChanges),
    /** The consent that was given, or null where the sheet was only shown. */
    consent: orNull(Hash32Field),
  },
  { $id: 'islet.study.join/1', title: 'A person’s consent to a study' },
)
export type StudyJoinDocument = Static<typeof StudyJoinDocument>

export const StudyAuditDocument = Type.Object(
  {
    schema: Type.Literal('islet.study.audit/1'),
    study: Hash32Field,
    ok: Type.Boolean({ description: 'whether every contribution was repeated' }),
    rounds: Type.Array(
      Type.Object({
        round: Type.Integer({ minimum: 1 }),
        site: Type.String(),
        code: CodeField,
        people: orNull(count),
      }),
    ),
    /** Sites of which every contribution to the standing model was repeated and recorded. */
    audited: Type.Array(Type.String()),
    /** What the passport, issued anew, says; null without a model. */
    cohort_evidence: orNull(oneOf(['audited', 'declared'] as const)),
  },
  { $id: 'islet.study.audit/1', title: 'Rounds of a study, done again from the sites’ own data' },
)
export type StudyAuditDocument = Static<typeof StudyAuditDocument>

export const StudySuspendDocument = Type.Object(
  {
    schema: Type.Literal('islet.study.suspend/1'),
    member: Type.String({ description: 'handle of the member that is voted on' }),
    institution: InstitutionIdField,
    change: oneOf(['SUSPEND', 'REINSTATE'] as const),
    votes: count,
    needed: count,
    decided: Type.Boolean({ description: 'whether the ledger has made the change' }),
    /** Until when votes count. */
    until: InstantField,
  },
  { $id: 'islet.study.suspend/1', title: 'A vote of the members on one of them' },
)
export type StudySuspendDocument = Static<typeof StudySuspendDocument>

/** The receipt of a person who revoked: they are in no round that opened in that block or later. */
const ExclusionReceipt = Type.Object({
  schema: Type.Literal('islet.study.exclusion/1'),
  study: Hash32Field,
  consent: Hash32Field,
  out_from_block: count,
  block_hash: Hash32Field,
  out_from: InstantField,
})

export const StudyLeaveDocument = Type.Object(
  {
    schema: Type.Literal('islet.study.withdraw/1'),
    study: Hash32Field,
    receipts: Type.Array(ExclusionReceipt),
    /** Consents whose revoke no member has put on the ledger yet; every institution that saw it refuses already. */
    on_their_way: Type.Array(Hash32Field),
  },
  { $id: 'islet.study.withdraw/1', title: 'A person who left a study' },
)
export type StudyLeaveDocument = Static<typeof StudyLeaveDocument>
