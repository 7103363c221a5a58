/**
 * `islet.study.plan/1`: the plan of a study, the one document that committee and sites approve. Field names end in their unit.
 *
 * Law: everything that decides what happens to a person's data stands in it; what is not named is not done.
 */
import Type, { type Static } from 'typebox'
import { Hash32Field, InstantField, KindField, oneOf } from '../fields.ts'

const record = <Members extends Parameters<typeof Type.Object>[0]>(members: Members) =>
  Type.Object(members, { additionalProperties: false })
const text = (maxLength: number) => Type.String({ minLength: 1, maxLength })
const listOf = <Item extends Parameters<typeof Type.Array>[0]>(item: Item, maxItems: number) =>
  Type.Array(item, { minItems: 1, maxItems, uniqueItems: true })

/** How single sites' updates become one model. */
export const STRATEGIES = ['fedavg', 'fedprox', 'fedadam', 'scaffold', 'ridge', 'boosting'] as const
/** `open`: members see clipped single updates. `masked`: they see the sum of all sites only. */
export const AGGREGATIONS = ['open', 'masked'] as const
/** What may leave the study. */
export const OUTPUTS = ['model', 'metrics', 'model-card', 'contribution', 'feasibility', 'extract'] as const

/** How records are de-identified. */
export const EXTRACT_MODES = ['shifted', 'safe-harbor'] as const

export const StudyPlanDocument = Type.Object(
  {
    schema: Type.Literal('islet.study.plan/1'),
    title: text(200),
    question: text(2_000),
    purpose: record({
      duo: listOf(Type.String({ pattern: '^DUO:\\d{7}$' }), 23),
      /** What DS names: a disease in words or as a code. */
      disease: Type.Optional(text(200)),
    }),
    data: record({
      kinds: listOf(KindField, 7),
      features: listOf(Type.String({ pattern: '^[a-z][a-z0-9_]{0,63}$' }), 64),
      from: InstantField,
      until: InstantField,
    }),
    cohort: record({
      minimum_days: Type.Integer({ minimum: 1, maximum: 3_660 }),
      minimum_wear_percent: Type.Number({ minimum: 0, maximum: 100 }),
    }),
    model: record({
      name: text(64),
      code_hash: Hash32Field,
      initial_hash: Hash32Field,
    }),
    rounds: Type.Integer({ minimum: 1, maximum: 1_000 }),
    strategy: record({
      name: oneOf(STRATEGIES),
      /** Passes of a site over its own windows in a round, and Adam's rate; named with networks. */
      local_epochs: Type.Optional(Type.Integer({ minimum: 1, maximum: 100 })),
      learning_rate: Type.Optional(Type.Number({ exclusiveMinimum: 0, maximum: 10 })),
      /** Half of the windows a network learns from are moved up or down, at random, by at most so much. */
      level_shift_mgdl: Type.Optional(Type.Number({ minimum: 0, maximum: 200 })),
    }),
    privacy: record({
      aggregation: oneOf(AGGREGATIONS),
      clip_norm: Type.Number({ exclusiveMinimum: 0 }),
      differential_privacy: Type.Union([
        Type.Null(),
        record({
          unit: Type.Literal('patient'),
          epsilon: Type.Number({ exclusiveMinimum: 0, maximum: 100 }),
          delta: Type.Number({ exclusiveMinimum: 0, exclusiveMaximum: 1 }),
          /** Standard deviation of the noise over the clip norm; left out, the least that keeps ε over the rounds. */
          noise_multiplier: Type.Optional(Type.Number({ exclusiveMinimum: 0, maximum: 1_000 })),
        }),
      ]),
    }),
    deadlines: record({ step_seconds: Type.Integer({ minimum: 1, maximum: 2_592_000 }) }),
    quorum: record({ minimum_sites: Type.Integer({ minimum: 1, maximum: 256 }) }),
    outputs: listOf(oneOf(OUTPUTS), OUTPUTS.length),
    /** How single records are made unlinkable to a person before they leave a site; named with the output `extract`. */
    extract: Type.Optional(
      record({
        /** `shifted`: dates moved by days of each person's own. `safe-harbor`: no date, age or place beyond 45 CFR 164.514(b)(2). */
        mode: oneOf(EXTRACT_MODES),
        /** Fewest people alike in age band, sex and region; others are left out. */
        k: Type.Integer({ minimum: 2, maximum: 1_000 }),
      }),
    ),
    /** Days that come in while the study is open, with nobody of the person's side at hand; left out, none do. */
    exchange: Type.Optional(record({ every: Type.Literal('day') })),
    /** Hash of the information sheet that a consent names. */
    information_sheet: Hash32Field,
    expires: InstantField,
  },
  { $id: 'islet.study.plan/1', title: 'The plan of a study', additionalProperties: false },
)
export type StudyPlanDocument = Static<typeof StudyPlanDocument>
