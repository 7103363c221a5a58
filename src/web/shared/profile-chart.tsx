/**
 * A usual day: percentile bands by hour of the day, with a keyboard cursor and the table with the same numbers.
 *
 * Law: the curve is `glycemia`'s and is drawn as it stands; an hour in which too few days speak is left empty.
 */
import { profileTable, type Report } from '../../glycemia/index.ts'
import { DataTable } from './data-table.tsx'
import { shownGlucose } from './format.ts'
import { useSettings } from './settings.tsx'
import { scaleOf } from './trace-path.ts'
import { useChartBox } from './use-chart-box.ts'
import { useCursor } from './use-cursor.ts'

/** Values named beside the plot above the target, where it reaches them, mg/dL. */
const NAMED_MGDL = [250, 350]
/** A sensor tells no more, mg/dL. */
const MOST_MGDL = 400

type Levels = readonly [number, number, number, number, number]

export function ProfileChart({ report }: { readonly report: Report }) {
  const { words, unit, language } = useSettings()
  const points = report.curve.flatMap(({ minute, levels }) => (levels === null ? [] : [{ minute, levels }]))
  const { width, height, left, bottom, names } = useChartBox()
  const top = Math.min(MOST_MGDL, Math.max(260, ...points.map(({ levels }) => levels[4] + 10)))
  const { x, y } = scaleOf({ width, height: height - bottom, left, from: 0, until: 1_440, top })
  const table = profileTable({ ...report, unit })
  const say = (place: number): string => {
    const row = table.rows[place] ?? []
    return words.report.tableHead.map((head, k) => `${head}: ${row[k] ?? '–'}`).join(', ')
  }
  const nearest = (share: number): number => {
    const minute = ((share * width - left) / (width - left)) * 1_440
    return Math.floor((minute / 1_440) * table.rows.length)
  }
  const cursor = useCursor(table.rows.length, words.report.usual, say, nearest)
  const band = (low: 0 | 1, high: 3 | 4): string => {
    const up = points.map(({ minute, levels }) => `${x(minute).toFixed(1)} ${y(levels[high]).toFixed(1)}`)
    const down = points.map(({ minute, levels }) => `${x(minute).toFixed(1)} ${y(levels[low]).toFixed(1)}`)
    return up.length === 0 ? '' : `M${[...up, ...down.reverse()].join('L')}Z`
  }
  const line = (k: keyof Levels & number): string =>
    points
      .map(
        ({ minute, levels }, i) =>
          `${i === 0 ? 'M' : 'L'}${x(minute).toFixed(1)} ${y(levels[k] ?? 0).toFixed(1)}`,
      )
      .join('')
  const { low, high } = report.preset.target
  const hour = cursor.at === undefined ? undefined : report.curve[cursor.at]?.minute
  return (
    <figure className="chart">
      <div {...cursor.slider} className="cursor">
        <svg viewBox={`0 0 ${width} ${height}`} aria-hidden="true" focusable="false">
          <rect
            className="target"
            x={left}
            width={width - left}
            y={y(high.mgdl)}
            height={y(low.mgdl) - y(high.mgdl)}
          />
          <path className="outer" d={band(0, 4)} />
          <path className="inner" d={band(1, 3)} />
          {[low, high].map(({ mgdl }) => (
            <g key={mgdl}>
              <line className="border" x1={left} x2={width} y1={y(mgdl)} y2={y(mgdl)} />
              <text x={left - 6} y={y(mgdl) + 4} textAnchor="end">
                {shownGlucose(mgdl, unit, language)}
              </text>
            </g>
          ))}
          <path className="line" d={line(2)} />
          {NAMED_MGDL.filter((mgdl) => mgdl <= top).map((mgdl) => (
            <text key={mgdl} x={left - 6} y={y(mgdl) + 4} textAnchor="end">
              {shownGlucose(mgdl, unit, language)}
            </text>
          ))}
          {(names < 7 ? [6, 12, 18] : [3, 6, 9, 12, 15, 18, 21]).map((h) => (
            <text key={h} x={x(h * 60)} y={height - 6} textAnchor="middle">
              {String(h).padStart(2, '0')}:00
            </text>
          ))}
          {hour === undefined ? null : (
            <line className="hair" x1={x(hour)} x2={x(hour)} y1={0} y2={height - bottom} />
          )}
        </svg>
      </div>
      <figcaption className="quiet">{words.report.usualNote}</figcaption>
      <p className="said" aria-hidden="true">
        {cursor.at === undefined ? words.table.hint : say(cursor.at)}
      </p>
      <details>
        <summary>{words.table.show}</summary>
        <DataTable
          label={words.report.usual}
          head={words.report.tableHead}
          rows={table.rows.map((row) => ({ key: row[0] ?? '', cells: row }))}
        />
      </details>
    </figure>
  )
}
