/** `islet.forecast.*`: what `islet forecast` prints. Figures are over scored cells only; unknown is null. */
import { type Static, Type } from 'typebox'
import { orNull } from '../shapes.ts'

const count = Type.Integer({ minimum: 0 })
const figure = Type.Number()
const percent = Type.Number({ minimum: 0 })

const EvaluateRow = Type.Object({
  model: Type.String(),
  rmse_30_mgdl: figure,
  rmse_60_mgdl: figure,
  mae_30_mgdl: figure,
  mae_60_mgdl: figure,
  mard_30_percent: percent,
  mard_60_percent: percent,
  path_mse: Type.Number({ description: 'mean squared error over the 12 steps, (mg/dL)²' }),
  path_mae_mgdl: figure,
  clarke_a_30_percent: percent,
  clarke_ab_30_percent: percent,
  clarke_de_30_percent: percent,
  parkes_a_30_percent: percent,
  parkes_ab_30_percent: percent,
  iso15_30_percent: Type.Number({ description: 'within 15 mg/dL below 100 mg/dL, within 15 % from there' }),
  hypo_sensitivity_30_percent: orNull(percent),
  hypo_ppv_30_percent: orNull(percent),
  alarm_threshold_mgdl: orNull(figure),
  alarm_sensitivity_30_percent: orNull(percent),
  alarm_ppv_30_percent: orNull(percent),
  best_site_rmse_30_mgdl: figure,
  median_site_rmse_30_mgdl: figure,
  worst_site_rmse_30_mgdl: figure,
  gini: Type.Number({ description: 'of RMSE at 30 minutes per site: 0 is equal' }),
  jain: Type.Number({ description: 'of RMSE at 30 minutes per site: 1 is equal' }),
  up_bytes_per_client_round: orNull(count),
  down_bytes_per_client_round: orNull(count),
  rounds: count,
  cpu_seconds: Type.Number({ minimum: 0 }),
  network_share: orNull(
    Type.Number({ description: 'of the network in a mean with the ridge, chosen on validation windows' }),
  ),
  note: Type.Optional(Type.String()),
})

/** What was done to the readings before windows were cut, in order, and how many readings each step took away. */
const Step = Type.Object({
  step: Type.String({ description: 'doubled-minutes, range, jump, gaps, grid, scale' }),
  what: Type.String({ description: 'the rule with its numbers, in words' }),
  dropped: count,
})

const Data = Type.Object({
  sha256: Type.String({ pattern: '^[0-9a-f]{64}$' }),
  protocol: Type.String({ description: 'the protocol and every number of it, part of the hash' }),
  people: count,
  excluded: Type.Record(Type.String(), count),
  readings: count,
  windows_train: count,
  windows_validation: count,
  windows_test: count,
  pairs_30: count,
  pairs_60: count,
  train_stride: Type.Integer({ minimum: 1 }),
  folds: Type.Integer({ minimum: 1 }),
  steps: Type.Array(Step),
})

const LeftOut = Type.Object({
  model: Type.String(),
  code: Type.String({ pattern: '^[A-Z][A-Z0-9_]*$' }),
  why: Type.String(),
})

export const ForecastEvaluateDocument = Type.Object(
  {
    schema: Type.Literal('islet.forecast.evaluate/1'),
    data: Data,
    protocol: Type.Union([Type.Literal('W'), Type.Literal('F'), Type.Literal('subject')]),
    sites: Type.Integer({ minimum: 1 }),
    seed: count,
    rows: Type.Array(EvaluateRow),
    left_out: Type.Array(LeftOut, { description: 'models that refused these sites or this protocol' }),
  },
  { $id: 'islet.forecast.evaluate/1', title: 'Forecasters judged on the same windows' },
)
export type ForecastEvaluateDocument = Static<typeof ForecastEvaluateDocument>

export const ForecastAttackDocument = Type.Object(
  {
    schema: Type.Literal('islet.forecast.attack/1'),
    data: Type.Object({
      sha256: Type.String({ pattern: '^[0-9a-f]{64}$' }),
      people: count,
      windows_train: count,
      windows_test: count,
    }),
    sites: Type.Integer({ minimum: 1 }),
    rounds: Type.Integer({ minimum: 1 }),
    seed: count,
    rows: Type.Array(
      Type.Object({
        attack: Type.String({ description: 'none: every site is honest' }),
        attackers: count,
        rule: Type.String({ description: 'mean: undefended' }),
        rmse_30_mgdl: orNull(figure),
        rmse_60_mgdl: orNull(figure),
        removed_30_percent: orNull(
          Type.Number({
            description:
              '100·(1 − (defended − clean) / (undefended − clean)); null where there was no damage',
          }),
        ),
        excluded_honest_percent: orNull(percent),
        excluded_attackers_percent: orNull(percent),
        trigger_shift_30_mgdl: orNull(
          Type.Number({ description: 'backdoor: mean change of forecasts at the trigger against clean' }),
        ),
      }),
      { minItems: 1 },
    ),
  },
  { $id: 'islet.forecast.attack/1', title: 'A federated network under lying sites' },
)
export type ForecastAttackDocument = Static<typeof ForecastAttackDocument>

export const ForecastTrainDocument = Type.Object(
  {
    schema: Type.Literal('islet.forecast.train/1'),
    model: Type.Object({
      path: Type.String(),
      sha256: Type.String({ pattern: '^[0-9a-f]{64}$' }),
      parameters: count,
      network_share: Type.Number({ minimum: 0, maximum: 1 }),
      alarm_threshold_mgdl: figure,
    }),
    data: Type.Object({
      sha256: Type.String({ pattern: '^[0-9a-f]{64}$' }),
      protocol: Type.String(),
      people: count,
      windows_train: count,
      windows_test: count,
    }),
    rows: Type.Array(
      Type.Object({
        model: Type.String(),
        rmse_30_mgdl: figure,
        rmse_60_mgdl: figure,
        mae_30_mgdl: figure,
        mae_60_mgdl: figure,
      }),
    ),
    coverage_30_percent: percent,
    coverage_60_percent: percent,
  },
  { $id: 'islet.forecast.train/1', title: 'A forecaster trained for use' },
)
export type ForecastTrainDocument = Static<typeof ForecastTrainDocument>

export const ForecastPredictDocument = Type.Object(
  {
    schema: Type.Literal('islet.forecast.predict/1'),
    model: Type.Object({ sha256: Type.String(), data_sha256: Type.String() }),
    people: Type.Array(
      Type.Object({
        id: Type.String(),
        anchor: Type.String({ description: 'the latest reading, RFC 3339' }),
        last_mgdl: figure,
        path: Type.Array(Type.Object({ minutes: count, mgdl: figure }), { minItems: 12, maxItems: 12 }),
        quantiles: Type.Array(Type.Object({ minutes: count, level: figure, mgdl: figure })),
        alarm_threshold_mgdl: figure,
        alarm: Type.Boolean({ description: 'the forecast at 30 minutes lies below the threshold' }),
      }),
    ),
    left_out: Type.Array(Type.Object({ id: Type.String(), code: Type.String() })),
  },
  { $id: 'islet.forecast.predict/1', title: 'The next hour' },
)
export type ForecastPredictDocument = Static<typeof ForecastPredictDocument>
