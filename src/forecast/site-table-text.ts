/** A table of sites for a terminal. */
import type { ForecastSitesDocument } from '../api/documents.door.ts'
import { figure, type TextColumn, tableText } from './table-text.ts'

type Row = ForecastSitesDocument['rows'][number]

const COLUMNS: readonly TextColumn<Row>[] = [
  { head: 'people', cell: (row) => String(row.people) },
  { head: 'windows', cell: (row) => String(row.windows) },
  { head: 'common 30', cell: (row) => figure(row.common_30_mgdl, 2) },
  { head: 'alone 30', cell: (row) => figure(row.alone_30_mgdl, 2) },
  { head: 'common 60', cell: (row) => figure(row.common_60_mgdl, 2) },
  { head: 'alone 60', cell: (row) => figure(row.alone_60_mgdl, 2) },
  { head: 'left out %', cell: (row) => figure(row.left_out_percent, 0) },
  { head: 'contribution', cell: (row) => figure(row.contribution_mgdl, 3) },
]

export function siteTableText({
  data,
  rounds,
  rule,
  rows,
  contribution,
  jain,
  gini,
  worst,
}: ForecastSitesDocument): string {
  const gap =
    worst?.gap_mgdl === undefined || worst.gap_mgdl === null
      ? ''
      : `, ${Math.abs(worst.gap_mgdl).toFixed(2)} mg/dL ${worst.gap_mgdl > 0 ? 'worse' : 'better'} than alone`
  return `${[
    `protocol W, ${rows.length} sites, ${rounds} rounds in open mode, rule ${rule}`,
    `data ${data.sha256}`,
    '',
    ...tableText(
      'The network alone, RMSE in mg/dL on each site’s own people; contribution: mg/dL of RMSE that its updates took away',
      ({ site }) => site,
      COLUMNS,
      rows,
    ),
    '',
    `RMSE over sites at 30 minutes: Jain ${jain.toFixed(4)} (1 is equal), Gini ${gini.toFixed(4)} (0 is equal)`,
    ...(worst === null ? [] : [`worst site: ${worst.site}, ${worst.rmse_30_mgdl.toFixed(2)} mg/dL${gap}`]),
    `contributions: Shapley values, ${contribution.method}, ${contribution.coalitions} coalitions`,
  ].join('\n')}\n`
}
