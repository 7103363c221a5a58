/** An evaluation as tables for a terminal, at most 100 columns wide. */
import type { ForecastEvaluateDocument } from '../api/documents.door.ts'
import { figure, type TextColumn, tableText } from './table-text.ts'

type Row = ForecastEvaluateDocument['rows'][number]
type Column = TextColumn<Row>

const pair = (a: number | null, b: number | null, digits: number): string =>
  a === null && b === null ? '–' : `${figure(a, digits)}/${figure(b, digits)}`

const ACCURACY: readonly Column[] = [
  { head: 'RMSE 30', cell: (r) => figure(r.rmse_30_mgdl, 2) },
  { head: '60', cell: (r) => figure(r.rmse_60_mgdl, 2) },
  { head: 'MAE 30', cell: (r) => figure(r.mae_30_mgdl, 2) },
  { head: '60', cell: (r) => figure(r.mae_60_mgdl, 2) },
  { head: 'MARD 30', cell: (r) => figure(r.mard_30_percent, 2) },
  { head: '60', cell: (r) => figure(r.mard_60_percent, 2) },
  { head: 'path MSE', cell: (r) => figure(r.path_mse, 1) },
  { head: 'MAE', cell: (r) => figure(r.path_mae_mgdl, 2) },
  { head: 'ISO15 %', cell: (r) => figure(r.iso15_30_percent, 1) },
]
const SAFETY: readonly Column[] = [
  { head: 'Clarke A', cell: (r) => figure(r.clarke_a_30_percent, 1) },
  { head: 'A+B', cell: (r) => figure(r.clarke_ab_30_percent, 2) },
  { head: 'D+E', cell: (r) => figure(r.clarke_de_30_percent, 2) },
  { head: 'Parkes A', cell: (r) => figure(r.parkes_a_30_percent, 1) },
  { head: 'A+B', cell: (r) => figure(r.parkes_ab_30_percent, 2) },
  { head: '<70 sens/PPV', cell: (r) => pair(r.hypo_sensitivity_30_percent, r.hypo_ppv_30_percent, 0) },
  { head: 'alarm <', cell: (r) => figure(r.alarm_threshold_mgdl, 0) },
  { head: 'sens/PPV', cell: (r) => pair(r.alarm_sensitivity_30_percent, r.alarm_ppv_30_percent, 0) },
]
const COST: readonly Column[] = [
  { head: 'best', cell: (r) => figure(r.best_site_rmse_30_mgdl, 2) },
  { head: 'median', cell: (r) => figure(r.median_site_rmse_30_mgdl, 2) },
  { head: 'worst site', cell: (r) => figure(r.worst_site_rmse_30_mgdl, 2) },
  { head: 'Gini', cell: (r) => figure(r.gini, 3) },
  { head: 'Jain', cell: (r) => figure(r.jain, 3) },
  { head: 'B up', cell: (r) => figure(r.up_bytes_per_client_round, 0) },
  { head: 'B down', cell: (r) => figure(r.down_bytes_per_client_round, 0) },
  { head: 'net share', cell: (r) => figure(r.network_share, 2) },
  { head: 'rounds', cell: (r) => String(r.rounds) },
  { head: 'CPU s', cell: (r) => figure(r.cpu_seconds, 1) },
]

/** Widest line of the tables and of what stands around them. */
const WIDTH = 100

/** Three tables, their headings and what they were computed from. */
export function evaluationTable(document: ForecastEvaluateDocument): string {
  const { data, protocol, sites, rows, left_out: leftOut } = document
  const excluded = Object.entries(data.excluded).filter(([, n]) => n > 0)
  const taken = data.steps.filter(({ dropped }) => dropped > 0)
  const model = (row: Row): string => row.model
  const lines = [
    `protocol ${protocol}, ${counted(sites, 'site')}, ${counted(data.people, 'person', 'people')}, ${data.readings} readings, ${counted(data.folds, 'fold')}`,
    `windows: ${data.windows_train} to learn from (${strideWords(data.train_stride)}), ${data.windows_validation} to choose by, ${data.windows_test} to be judged on`,
    `judged readings: ${data.pairs_30} at 30 minutes, ${data.pairs_60} at 60`,
    ...excluded.map(([reason, n]) => `left out: ${counted(n, 'person', 'people')} (${reason})`),
    ...taken.map(({ what, dropped }) => `${what}: ${counted(dropped, 'reading')} dropped`),
    `data and protocol ${data.sha256}`,
    '',
    ...tableText('Errors, mg/dL and % (30 and 60 minutes ahead; path = all 12 steps)', model, ACCURACY, rows),
    '',
    ...tableText('What acting on it would do, 30 minutes ahead, %', model, SAFETY, rows),
    '',
    ...tableText(
      'Sites (RMSE 30 of each; Gini 0 and Jain 1 are equal) and bytes a client sends and gets a round',
      model,
      COST,
      rows,
    ),
    ...rows.flatMap((row) => (row.note === undefined ? [] : [`${row.model}: ${row.note}`])),
    ...(leftOut.length === 0 ? [] : ['', 'Without a row:']),
    ...leftOut.map((left) => `${left.model}: ${left.why} (${left.code})`),
  ]
  return `${lines.flatMap(wrapped).join('\n')}\n`
}

function strideWords(stride: number): string {
  return stride === 1 ? 'all of them' : `one of ${stride}`
}

function counted(n: number, one: string, many = `${one}s`): string {
  return `${n} ${n === 1 ? one : many}`
}

/** A line of words in lines of at most `WIDTH`, the further ones indented. */
function wrapped(line: string): readonly string[] {
  if (line.length <= WIDTH) return [line]
  const at = line.lastIndexOf(' ', WIDTH)
  return at <= 2 ? [line] : [line.slice(0, at), ...wrapped(`  ${line.slice(at + 1)}`)]
}
