/** An evaluation as the document that COMMANDS fixes. */
import type { ForecastEvaluateDocument } from '../api/documents.door.ts'
import type { Evaluation, EvaluationRow, ProtocolName } from '../learning/index.ts'

/** Four digits after the point: far below what a test set can tell apart. */
function rounded(value: number): number {
  return Math.round(value * 10_000) / 10_000
}

function orNull(value: number | null | undefined): number | null {
  return value === null || value === undefined || Number.isNaN(value) ? null : rounded(value)
}

export function evaluateDocument(
  { data, rows, leftOut }: Evaluation,
  {
    protocol,
    sites,
    seed,
  }: { readonly protocol: ProtocolName; readonly sites: number; readonly seed: number },
): ForecastEvaluateDocument {
  return {
    schema: 'islet.forecast.evaluate/1',
    data: {
      sha256: data.sha256,
      protocol: data.protocolVersion,
      people: data.people,
      excluded: { ...data.excluded },
      readings: data.readings,
      windows_train: data.windowsTrain,
      windows_validation: data.windowsValidation,
      windows_test: data.windowsTest,
      pairs_30: rows[0]?.score.at30.n ?? 0,
      pairs_60: rows[0]?.score.at60.n ?? 0,
      train_stride: data.stride,
      folds: data.folds,
      steps: data.steps.map((step) => ({ ...step })),
    },
    protocol,
    sites,
    seed,
    rows: rows.map(rowDocument),
    left_out: leftOut.map((left) => ({ ...left })),
  }
}

function rowDocument(row: EvaluationRow): ForecastEvaluateDocument['rows'][number] {
  const { at30, at60, path, clarke30, parkes30 } = row.score
  return {
    model: row.model,
    rmse_30_mgdl: rounded(at30.rmse),
    rmse_60_mgdl: rounded(at60.rmse),
    mae_30_mgdl: rounded(at30.mae),
    mae_60_mgdl: rounded(at60.mae),
    mard_30_percent: rounded(at30.mard),
    mard_60_percent: rounded(at60.mard),
    path_mse: rounded(path.mse),
    path_mae_mgdl: rounded(path.mae),
    clarke_a_30_percent: rounded(clarke30.A),
    clarke_ab_30_percent: rounded(clarke30.A + clarke30.B),
    clarke_de_30_percent: rounded(clarke30.D + clarke30.E),
    parkes_a_30_percent: rounded(parkes30.A),
    parkes_ab_30_percent: rounded(parkes30.A + parkes30.B),
    iso15_30_percent: rounded(at30.iso15),
    hypo_sensitivity_30_percent: orNull(row.hypo.sensitivity),
    hypo_ppv_30_percent: orNull(row.hypo.ppv),
    alarm_threshold_mgdl: orNull(row.tuned?.threshold),
    alarm_sensitivity_30_percent: orNull(row.tuned?.warning.sensitivity),
    alarm_ppv_30_percent: orNull(row.tuned?.warning.ppv),
    best_site_rmse_30_mgdl: rounded(row.spread.min),
    median_site_rmse_30_mgdl: rounded(row.spread.median),
    worst_site_rmse_30_mgdl: rounded(row.spread.max),
    gini: rounded(row.spread.gini),
    jain: rounded(row.spread.jain),
    up_bytes_per_client_round: row.upBytes,
    down_bytes_per_client_round: row.downBytes,
    rounds: row.rounds,
    cpu_seconds: rounded(row.cpuSeconds),
    network_share: orNull(row.networkShare),
    ...(row.note === undefined ? {} : { note: row.note }),
  }
}
