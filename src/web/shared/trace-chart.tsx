/**
 * Glucose over some hours: a line over the target band, with a keyboard cursor and a table with the same numbers.
 *
 * Law: a gap of more than a quarter of an hour is drawn as a gap; meaning never rests on colour alone: what is forecast is
 * dashed, named so in the words of its point and in the table.
 */
import { T70, T180 } from '../../glycemia/index.ts'
import { DataTable } from './data-table.tsx'
import { shownGlucose, shownTime } from './format.ts'
import { useSettings } from './settings.tsx'
import { bandPath, linePath, scaleOf } from './trace-path.ts'
import type { Point } from './trend.ts'
import { useChartBox } from './use-chart-box.ts'
import { useCursor } from './use-cursor.ts'

/** The next hour as it may go: a path from the last reading, and the band around it where it is told. */
export interface Ahead {
  readonly path: readonly Point[]
  readonly band: readonly { readonly at: number; readonly low: number; readonly high: number }[]
}

export function TraceChart({
  points: read,
  from,
  until,
  ahead,
}: {
  readonly points: readonly Point[]
  readonly from: number
  readonly until: number
  readonly ahead?: Ahead | undefined
}) {
  const { words, unit, language } = useSettings()
  const path = ahead?.path ?? []
  const points = [...read, ...path]
  const highs = [...points.map(({ mgdl }) => mgdl), ...(ahead?.band ?? []).map(({ high }) => high)]
  const top = Math.max(250, ...highs.map((mgdl) => mgdl + 10))
  const { width, height, left, bottom, names } = useChartBox()
  const { x, y } = scaleOf({ width, height: height - bottom, left, from, until, top })
  const say = (place: number): string => {
    const point = points[place]
    return point === undefined
      ? ''
      : `${shownTime(point.at, language)}: ${shownGlucose(point.mgdl, unit, language)} ${unit}${
          place < read.length ? '' : ` (${words.trace.forecast})`
        }`
  }
  const nearest = (share: number): number => {
    const at = from + ((share * width - left) / (width - left)) * (until - from)
    return points.reduce(
      (best, point, i) =>
        Math.abs(point.at - at) < Math.abs((points[best]?.at ?? Number.POSITIVE_INFINITY) - at) ? i : best,
      0,
    )
  }
  const cursor = useCursor(points.length, words.trace.chart, say, nearest)
  const picked = cursor.at === undefined ? undefined : points[cursor.at]
  return (
    <figure className="chart">
      <div {...cursor.slider} className="cursor">
        <svg viewBox={`0 0 ${width} ${height}`} aria-hidden="true" focusable="false">
          <rect className="target" x={left} width={width - left} y={y(180)} height={y(70) - y(180)} />
          {[T70, T180].map(({ mgdl }) => (
            <g key={mgdl}>
              <line className="border" x1={left} x2={width} y1={y(mgdl)} y2={y(mgdl)} />
              <text x={left - 6} y={y(mgdl) + 4} textAnchor="end">
                {shownGlucose(mgdl, unit, language)}
              </text>
            </g>
          ))}
          {hoursBetween(from, until, names).map((at) => (
            <text key={at} x={x(at)} y={height - 6} textAnchor="middle">
              {shownTime(at, language)}
            </text>
          ))}
          {ahead === undefined ? null : (
            <g>
              <path className="ahead" d={bandPath(read.at(-1), ahead.band, x, y)} />
              <line
                className="since"
                x1={x(read.at(-1)?.at ?? until)}
                x2={x(read.at(-1)?.at ?? until)}
                y1={0}
                y2={height - bottom}
              />
              <path className="line dashed" d={linePath([...read.slice(-1), ...path], x, y)} />
            </g>
          )}
          <path className="line" d={linePath(read, x, y)} />
          {picked === undefined ? null : (
            <g>
              <line className="hair" x1={x(picked.at)} x2={x(picked.at)} y1={0} y2={height - bottom} />
              <circle className="dot" cx={x(picked.at)} cy={y(picked.mgdl)} r={5} />
            </g>
          )}
        </svg>
      </div>
      <p className="said" aria-hidden="true">
        {cursor.at === undefined ? words.table.hint : say(cursor.at)}
      </p>
      <details>
        <summary>{words.table.show}</summary>
        <DataTable
          label={words.trace.chart}
          head={[words.table.time, `${words.table.value} (${unit})`]}
          rows={points.map(({ at, mgdl }, place) => ({
            key: String(at),
            cells: [
              place < read.length
                ? shownTime(at, language)
                : `${shownTime(at, language)} (${words.trace.forecast})`,
              shownGlucose(mgdl, unit, language),
            ],
          }))}
        />
      </details>
    </figure>
  )
}

/** Whole hours to name below the axis, at most so many. */
function hoursBetween(from: number, until: number, names: number): readonly number[] {
  const step = Math.max(1, Math.ceil((until - from) / 3_600 / (names - 1))) * 3_600
  const first = Math.ceil(from / 3_600) * 3_600
  const hours: number[] = []
  for (let at = first; at < until; at += step) if (at - from > step / 4) hours.push(at)
  return hours
}
