/**
 * A forecast as a picture: what was, where it may go, and the line that "no change" would draw.
 *
 * Law: one SVG without scripts, fonts or links; colours never carry the meaning alone; text holds no name of a person.
 * The band is calibrated at 30 and 60 minutes; between them its distance from the forecast is drawn as a straight line.
 */
import { GAP_LIMIT_SECONDS } from '../series/index.ts'
import { formatInstant, type LocalSeconds, quantity, type UnixSeconds } from '../vocabulary/index.ts'

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
const HEIGHT = 400
const LEFT = 56
const RIGHT = 20
const TOP = 72
const BOTTOM = 56
const HISTORY_MINUTES = 180
const FUTURE_MINUTES = 60
const STEP_MINUTES = 5
/** Target range of the consensus, mg/dL. */
const [LOW, HIGH] = [70, 180]
const INK = '#222'
const FORECAST = '#2b5f9e'

/** The picture as SVG text. */
export function plotForecast(plotted: Plotted): string {
  const { history, anchor, local, last, path, band, level } = plotted
  const shown = history.filter(([at]) => at >= anchor - HISTORY_MINUTES * 60 && at <= anchor)
  const edges = edgesOf(plotted)
  const values = [...shown.map(([, v]) => v), ...path, ...edges.flatMap(([, a, b]) => [a, b]), LOW, HIGH]
  const bottom = Math.max(0, Math.floor((Math.min(...values) - 10) / 20) * 20)
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
  const area = [
    ...edges.map(([minutes, , high]) => point(minutes, high)),
    ...edges.map(([minutes, low]) => point(minutes, low)).reverse(),
  ]
  const levels = Array.from({ length: Math.floor((top - bottom) / 50) + 2 }, (_, i) => 50 * (i + 1))
    .filter((mgdl) => mgdl > bottom && mgdl < top && Math.abs(mgdl - LOW) > 15 && Math.abs(mgdl - HIGH) > 15)
    .concat(LOW, HIGH)
  const ahead = (minutes: number): string =>
    `in ${minutes} minutes ${(path[minutes / STEP_MINUTES - 1] ?? last).toFixed(0)}`
  const ranges = band.map(([minutes, a, b]) => `${a.toFixed(0)} to ${b.toFixed(0)} in ${minutes} minutes`)
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" width="${WIDTH}" role="img" aria-labelledby="title desc" font-family="sans-serif" font-size="12" fill="${INK}">`,
    '<title id="title">Glucose over the last three hours and its forecast for the next hour</title>',
    `<desc id="desc">Latest reading at ${clock(0)}: ${last.toFixed(0)} mg/dL. Forecast: ${ahead(30)}, ${ahead(60)} mg/dL. Band made to hold ${level.toFixed(0)} % of readings: ${ranges.join(', ')}. A forecast, no alarm and no advice.</desc>`,
    `<rect width="${WIDTH}" height="${HEIGHT}" fill="#fff"/>`,
    `<text x="${LEFT}" y="22" font-size="15" font-weight="bold">Glucose, mg/dL: three hours and the next hour’s forecast</text>`,
    `<rect x="${LEFT}" y="${y(HIGH).toFixed(1)}" width="${WIDTH - LEFT - RIGHT}" height="${(y(LOW) - y(HIGH)).toFixed(1)}" fill="#e8f3ec"/>`,
    ...levels.map(
      (mgdl) =>
        `<line x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${y(mgdl).toFixed(1)}" y2="${y(mgdl).toFixed(1)}" stroke="${mgdl === LOW || mgdl === HIGH ? '#5a9a72' : '#ddd'}"/><text x="${LEFT - 8}" y="${(y(mgdl) + 4).toFixed(1)}" text-anchor="end">${mgdl}</text>`,
    ),
    ...[-180, -120, -60, 0, 30, 60].map(
      (minutes) =>
        `<line x1="${x(minutes).toFixed(1)}" x2="${x(minutes).toFixed(1)}" y1="${HEIGHT - BOTTOM}" y2="${HEIGHT - BOTTOM + 5}" stroke="${INK}"/><text x="${x(minutes).toFixed(1)}" y="${HEIGHT - BOTTOM + 20}" text-anchor="middle">${clock(minutes)}</text>`,
    ),
    `<line x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${HEIGHT - BOTTOM}" y2="${HEIGHT - BOTTOM}" stroke="${INK}"/>`,
    `<line x1="${x(0).toFixed(1)}" x2="${x(0).toFixed(1)}" y1="${TOP - 6}" y2="${HEIGHT - BOTTOM}" stroke="#777"/>`,
    `<text x="${(x(0) - 6).toFixed(1)}" y="${TOP - 10}" text-anchor="end">readings</text>`,
    `<text x="${(x(0) + 6).toFixed(1)}" y="${TOP - 10}">forecast</text>`,
    `<polygon points="${area.join(' ')}" fill="${FORECAST}" fill-opacity="0.18"/>`,
    `<polyline points="${point(0, last)} ${point(FUTURE_MINUTES, last)}" fill="none" stroke="#777" stroke-dasharray="2 4"/>`,
    ...unbroken(shown).map(
      (run) =>
        `<polyline points="${run.map(([at, v]) => point((at - anchor) / 60, v)).join(' ')}" fill="none" stroke="${INK}" stroke-width="2"/>`,
    ),
    ...shown.map(
      ([at, v]) => `<circle cx="${x((at - anchor) / 60).toFixed(1)}" cy="${y(v).toFixed(1)}" r="2.5"/>`,
    ),
    `<polyline points="${[point(0, last), ...path.map((v, i) => point((i + 1) * STEP_MINUTES, v))].join(' ')}" fill="none" stroke="${FORECAST}" stroke-width="2.5" stroke-dasharray="7 3"/>`,
    `<text x="${LEFT}" y="42" fill="#444">black: readings · dashed blue: forecast · blue band: made to hold ${level.toFixed(0)} % of readings</text>`,
    `<text x="${LEFT}" y="${HEIGHT - 12}" fill="#444">green: target ${LOW}–${HIGH} mg/dL · dotted: no change · a forecast, no alarm and no advice</text>`,
    '</svg>',
    '',
  ].join('\n')
}

/** The band every 5 minutes, from nothing at the anchor through the calibrated minutes. */
function edgesOf({ last, path, band }: Plotted): readonly (readonly [number, number, number])[] {
  const at = (minutes: number): number => (minutes === 0 ? last : (path[minutes / STEP_MINUTES - 1] ?? last))
  const knots = [
    [0, 0, 0] as const,
    ...band.map(([minutes, low, high]) => [minutes, low - at(minutes), high - at(minutes)] as const),
  ]
  return Array.from({ length: FUTURE_MINUTES / STEP_MINUTES + 1 }, (_, i) => {
    const minutes = i * STEP_MINUTES
    const next = Math.max(
      1,
      knots.findIndex(([knot]) => knot >= minutes),
    )
    const [a, b] = [knots[next - 1] ?? [0, 0, 0], knots[next] ?? [FUTURE_MINUTES, 0, 0]]
    const share = (minutes - a[0]) / Math.max(1, b[0] - a[0])
    const off = (side: 1 | 2): number => a[side] + (b[side] - a[side]) * share
    return [minutes, at(minutes) + off(1), at(minutes) + off(2)] as const
  })
}

/** Readings in runs that no silence of more than 45 minutes breaks. */
function unbroken(shown: Plotted['history']): readonly Plotted['history'][] {
  const runs: (readonly [number, number])[][] = []
  for (const reading of shown) {
    const run = runs.at(-1)
    const before = run?.at(-1)
    if (run === undefined || before === undefined || reading[0] - before[0] > GAP_LIMIT_SECONDS)
      runs.push([reading])
    else run.push(reading)
  }
  return runs
}
