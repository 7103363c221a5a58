/** An attack table for a terminal. */
import type { ForecastAttackDocument } from '../api/documents.door.ts'
import { figure, type TextColumn, tableText } from './table-text.ts'

type Row = ForecastAttackDocument['rows'][number]

const COLUMNS: readonly TextColumn<Row>[] = [
  { head: 'attackers', cell: (row) => String(row.attackers) },
  { head: 'RMSE 30', cell: (row) => figure(row.rmse_30_mgdl, 2) },
  { head: '60', cell: (row) => figure(row.rmse_60_mgdl, 2) },
  { head: 'removed %', cell: (row) => figure(row.removed_30_percent, 1) },
  { head: 'honest left out %', cell: (row) => figure(row.excluded_honest_percent, 1) },
  { head: 'liars left out %', cell: (row) => figure(row.excluded_attackers_percent, 1) },
  { head: 'trigger shift', cell: (row) => figure(row.trigger_shift_30_mgdl, 1) },
]

export function attackTableText({ data, sites, rounds, rows }: ForecastAttackDocument): string {
  return `${[
    `protocol W, ${sites} sites, ${data.people} people, ${rounds} rounds; windows ${data.windows_train} to learn from, ${data.windows_test} to be judged on`,
    `data ${data.sha256}`,
    '',
    ...tableText(
      'The network alone, mg/dL; removed: share of the damage at 30 minutes that the rule took back',
      ({ attack, rule }) =>
        `${attack === 'none' ? 'clean' : attack}, ${rule === 'mean' ? (attack === 'none' ? 'mean' : 'undefended') : rule}`,
      COLUMNS,
      rows,
    ),
  ].join('\n')}\n`
}
