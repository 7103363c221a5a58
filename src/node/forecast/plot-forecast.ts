/**
 * A forecast as a picture: what was, where it may go, and the line that "no change" would draw.
 *
 * Law: one SVG without scripts, fonts or links; colours never carry the meaning alone; text holds no name of a person.
 */
import { formatInstant, type LocalSeconds, quantity, type UnixSeconds } from '../../vocabulary/index.ts'

export interface Plotted {
  /** Instants (seconds) and values (mg/dL) of the readings to show, ascending. */
  readonly history: readonly (readonly [at: number, value: number])[]
  readonly anchor: number
  /** The anchor on the wall clock, seconds. */
  readonly local: number
  readonly last: number
  /** mg/dL every 5 minutes after the anchor. */
  readonly path: readonly number[]
  /** Outermost quantiles at 30 and 60 minutes, mg/dL. */
  readonly band: readonly (readonly [minutes: number, low: number, high: number])[]
  /** Share of readings that the band is made to hold, percent. */
  readonly level: number
}

const WIDTH = 720
const HEIGHT = 360
const LEFT = 48
const RIGHT = 16
const TOP = 40
const BOTTOM = 40
const HISTORY_MINUTES = 180
const FUTURE_MINUTES = 60

/** The picture as SVG text. */
export function plotForecast(plotted: Plotted): string {
  const { history, anchor, local, last, path, band, level } = plotted
  const shown = history.filter(([at]) => at >= anchor - HISTORY_MINUTES * 60 && at <= anchor)
  const values = [
    ...shown.map(([, v]) => v),
    ...path,
    ...band.flatMap(([, low, high]) => [low, high]),
    70,
    180,
  ]
  const bottom = Math.floor((Math.min(...values) - 10) / 20) * 20
  const top = Math.ceil((Math.max(...values) + 10) / 20) * 20
  const x = (minutes: number): number =>
    LEFT + ((minutes + HISTORY_MINUTES) / (HISTORY_MINUTES + FUTURE_MINUTES)) * (WIDTH - LEFT - RIGHT)
  const y = (mgdl: number): number => TOP + ((top - mgdl) / (top - bottom)) * (HEIGHT - TOP - BOTTOM)
  const point = (minutes: number, mgdl: number): string => `${x(minutes).toFixed(1)},${y(mgdl).toFixed(1)}`
  const clock = (minutes: number): string =>
    formatInstant(
      quantity<UnixSeconds>(anchor + minutes * 60),
      quantity<LocalSeconds>(local + minutes * 60),
    ).slice(11, 16)
  const upper = [point(0, last), ...band.map(([minutes, , high]) => point(minutes, high))]
  const lower = [...band.map(([minutes, low]) => point(minutes, low)).reverse(), point(0, last)]
  const levels = Array.from({ length: Math.floor((top - bottom) / 40) + 1 }, (_, i) => bottom + i * 40)
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" font-family="sans-serif" font-size="12">`,
    '<title>Glucose over the last three hours and its forecast for the next</title>',
    `<desc>At the latest reading ${last.toFixed(0)} mg/dL; forecast in 30 minutes ${(path[5] ?? last).toFixed(0)}, in 60 minutes ${(path[11] ?? last).toFixed(0)} mg/dL.</desc>`,
    `<rect width="${WIDTH}" height="${HEIGHT}" fill="#fff"/>`,
    `<rect x="${LEFT}" y="${y(180).toFixed(1)}" width="${WIDTH - LEFT - RIGHT}" height="${(y(70) - y(180)).toFixed(1)}" fill="#e8f3ec"/>`,
    ...levels.map(
      (mgdl) =>
        `<line x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${y(mgdl).toFixed(1)}" y2="${y(mgdl).toFixed(1)}" stroke="#ddd"/><text x="${LEFT - 6}" y="${(y(mgdl) + 4).toFixed(1)}" text-anchor="end">${mgdl}</text>`,
    ),
    ...[-180, -120, -60, 0, 60].map(
      (minutes) =>
        `<text x="${x(minutes).toFixed(1)}" y="${HEIGHT - BOTTOM + 18}" text-anchor="middle">${clock(minutes)}</text>`,
    ),
    `<line x1="${x(0)}" x2="${x(0)}" y1="${TOP}" y2="${HEIGHT - BOTTOM}" stroke="#888"/>`,
    `<polygon points="${[...upper, ...lower].join(' ')}" fill="#4477aa" fill-opacity="0.18"/>`,
    `<polyline points="${shown.map(([at, v]) => point((at - anchor) / 60, v)).join(' ')}" fill="none" stroke="#222" stroke-width="2"/>`,
    ...shown.map(
      ([at, v]) =>
        `<circle cx="${x((at - anchor) / 60).toFixed(1)}" cy="${y(v).toFixed(1)}" r="2" fill="#222"/>`,
    ),
    `<polyline points="${point(0, last)} ${point(FUTURE_MINUTES, last)}" fill="none" stroke="#888" stroke-dasharray="2 4"/>`,
    `<polyline points="${[point(0, last), ...path.map((v, i) => point((i + 1) * 5, v))].join(' ')}" fill="none" stroke="#4477aa" stroke-width="2" stroke-dasharray="7 3"/>`,
    `<text x="${LEFT}" y="22">mg/dL · black: readings · dashed: forecast · band: ${level.toFixed(0)} % of readings · dotted: no change · green: 70–180</text>`,
    '</svg>',
    '',
  ].join('\n')
}
