/** An evaluation as tables for a terminal, at most 120 columns wide. */
import type { ForecastEvaluateDocument } from '../../api/documents.door.ts'

type Row = ForecastEvaluateDocument['rows'][number]
type Column = readonly [head: string, cell: (row: Row) => string]

const number = (value: number | null, digits: number): string =>
  value === null ? '–' : value.toFixed(digits)
const pair = (a: number | null, b: number | null, digits: number): string =>
  a === null && b === null ? '–' : `${number(a, digits)}/${number(b, digits)}`

const ACCURACY: readonly Column[] = [
  ['RMSE 30', (r) => number(r.rmse_30_mgdl, 2)],
  ['60', (r) => number(r.rmse_60_mgdl, 2)],
  ['MAE 30', (r) => number(r.mae_30_mgdl, 2)],
  ['60', (r) => number(r.mae_60_mgdl, 2)],
  ['MARD 30', (r) => number(r.mard_30_percent, 2)],
  ['60', (r) => number(r.mard_60_percent, 2)],
  ['path MSE', (r) => number(r.path_mse, 1)],
  ['MAE', (r) => number(r.path_mae_mgdl, 2)],
  ['ISO15 %', (r) => number(r.iso15_30_percent, 1)],
]
const SAFETY: readonly Column[] = [
  ['Clarke A', (r) => number(r.clarke_a_30_percent, 1)],
  ['A+B', (r) => number(r.clarke_ab_30_percent, 2)],
  ['D+E', (r) => number(r.clarke_de_30_percent, 2)],
  ['Parkes A', (r) => number(r.parkes_a_30_percent, 1)],
  ['A+B', (r) => number(r.parkes_ab_30_percent, 2)],
  ['<70 sens/PPV', (r) => pair(r.hypo_sensitivity_30_percent, r.hypo_ppv_30_percent, 0)],
  ['alarm <', (r) => number(r.alarm_threshold_mgdl, 0)],
  ['sens/PPV', (r) => pair(r.alarm_sensitivity_30_percent, r.alarm_ppv_30_percent, 0)],
]
const COST: readonly Column[] = [
  ['best', (r) => number(r.best_site_rmse_30_mgdl, 2)],
  ['median', (r) => number(r.median_site_rmse_30_mgdl, 2)],
  ['worst site', (r) => number(r.worst_site_rmse_30_mgdl, 2)],
  ['Gini', (r) => number(r.gini, 3)],
  ['Jain', (r) => number(r.jain, 3)],
  ['B up', (r) => number(r.up_bytes_per_client_round, 0)],
  ['B down', (r) => number(r.down_bytes_per_client_round, 0)],
  ['net share', (r) => number(r.network_share, 2)],
  ['rounds', (r) => String(r.rounds)],
  ['CPU s', (r) => number(r.cpu_seconds, 1)],
]

/** Three tables, their headings and what they were computed from. */
export function evaluationTable(document: ForecastEvaluateDocument): string {
  const { data, protocol, sites, rows } = document
  const left = Object.entries(data.excluded).filter(([, n]) => n > 0)
  const lines = [
    `protocol ${protocol}, ${sites} sites, ${data.people} people, ${data.readings} readings; windows ${data.windows_train} to learn from, ${data.windows_validation} to choose by, ${data.windows_test} to be judged on`,
    ...(left.length === 0
      ? []
      : [`left out: ${left.map(([reason, n]) => `${n} people ${reason}`).join(', ')}`]),
    `data ${data.sha256}`,
    '',
    ...table('Errors, mg/dL and % (30 and 60 minutes ahead; path = all 12 steps)', ACCURACY, rows),
    '',
    ...table('What acting on it would do, 30 minutes ahead, %', SAFETY, rows),
    '',
    ...table(
      'Sites (RMSE 30 of each; Gini 0 and Jain 1 are equal) and cost per client and round',
      COST,
      rows,
    ),
    ...rows.flatMap(({ model, note }) => (note === undefined ? [] : [`${model}: ${note}`])),
  ]
  return `${lines.join('\n')}\n`
}

function table(title: string, columns: readonly Column[], rows: readonly Row[]): readonly string[] {
  const first = Math.max(...rows.map(({ model }) => model.length))
  const cells = rows.map((row) => columns.map(([, cell]) => cell(row)))
  const widths = columns.map(([head], i) => Math.max(head.length, ...cells.map((own) => own[i]?.length ?? 0)))
  const line = (name: string, own: readonly string[]): string =>
    [name.padEnd(first), ...own.map((cell, i) => cell.padStart(widths[i] ?? 0))].join('  ')
  return [
    title,
    line(
      '',
      columns.map(([head]) => head),
    ),
    ...rows.map(({ model }, i) => line(model, cells[i] ?? [])),
  ]
}
