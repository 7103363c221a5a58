/**
 * The glucose profile report as one SVG sheet: ranges, usual day, key figures; readable in light and dark, by eye and ear.
 *
 * Laws: `<title>` and `<desc>` say in words what the shapes say, and `profileTable` is the twin with every number; meaning
 * never rests on colour alone; the curve is cut at the top of the axis and never invented where too few days speak.
 * Source: layout conventions of the consensus report (Battelino 2019, figure 2); curve.ts says how it is smoothed.
 */
import { CURVE_PERCENTILES, type CurvePoint } from './curve.ts'
import { type Box, rangesGroup } from './draw-ranges-svg.ts'
import { shownCount, shownDate, shownFigure, shownGlucose, shownShare, shownThreshold } from './draw-words.ts'
import type { Report } from './report.ts'
import { summaryText } from './summary-text.ts'
import { element, escaped, label, short, styleSheet } from './svg.ts'

export interface SvgStyle {
  /** Default "Glucose profile". */
  readonly title?: string
  /** A line under the title, for instance that the data are simulated. */
  readonly note?: string
  /** Start of the element ids, when several drawings share a page. */
  readonly idPrefix?: string
}

const WIDTH = 980
const HEIGHT = 560
const LOWEST = 40

/** The whole sheet, 980 × 560. */
export function drawSvg(report: Report, style: SvgStyle = {}): string {
  const id = style.idPrefix ?? 'islet-profile'
  const body = [
    element('rect', { width: WIDTH, height: HEIGHT, class: 'paper', rx: 10 }),
    label(28, 42, 'h1', style.title ?? 'Glucose profile'),
    label(28, 64, 'body quiet', subtitle(report)),
    style.note === undefined ? '' : label(WIDTH - 28, 42, 'body quiet', style.note, 'end'),
    report.readings === 0
      ? label(WIDTH / 2, 280, 'body quiet', 'No glucose readings.', 'middle')
      : parts(report, id),
  ]
  return frame(report, style, id, WIDTH, HEIGHT, body.join(''))
}

/** The usual day alone, 980 × 380. */
export function drawProfileSvg(report: Report, style: SvgStyle = {}): string {
  const id = style.idPrefix ?? 'islet-day'
  const paper = element('rect', { width: WIDTH, height: 380, class: 'paper', rx: 10 })
  return frame(
    report,
    style,
    id,
    WIDTH,
    380,
    paper + chart(report, { x: 60, y: 24, width: 890, height: 310 }, id),
  )
}

function frame(
  report: Report,
  style: SvgStyle,
  id: string,
  width: number,
  height: number,
  body: string,
): string {
  return element(
    'svg',
    {
      xmlns: 'http://www.w3.org/2000/svg',
      viewBox: `0 0 ${width} ${height}`,
      class: 'islet-glucose',
      role: 'img',
      'aria-labelledby': `${id}-title ${id}-desc`,
    },
    element('title', { id: `${id}-title` }, escaped(style.title ?? 'Glucose profile')) +
      element('desc', { id: `${id}-desc` }, escaped(summaryText(report))) +
      styleSheet() +
      body,
  )
}

function subtitle(report: Report): string {
  if (report.readings === 0) return ''
  const sufficient = report.sufficient ? '' : ' · less than 14 days at 70 %: read with care'
  return (
    `${shownDate(report.fromLocal)} to ${shownDate(report.toLocal)} · ${shownCount(report.readings)} readings · ` +
    `sensor active ${shownShare(report.wear.percent)}${sufficient}`
  )
}

function parts(report: Report, id: string): string {
  return [
    label(28, 104, 'h2', 'Time in ranges'),
    rangesGroup(report, { x: 28, y: 120, width: 230, height: 312 }),
    label(300, 104, 'h2', 'Usual day'),
    legend(report),
    chart(report, { x: 344, y: 120, width: 608, height: 288 }, id),
    tiles(report),
  ].join('')
}

function legend(report: Report): string {
  const y = 100
  const swatch = (x: number, style: string, text: string): string =>
    element('rect', { x, y: y - 6, width: 16, height: 10, rx: 2, class: style }) +
    label(x + 22, y + 4, 'small quiet', text)
  return (
    element('path', { d: `M590 ${y - 1}h16`, class: 'median' }) +
    label(612, y + 4, 'small quiet', 'median') +
    swatch(672, 'inner', '25–75 %') +
    swatch(756, 'outer', '5–95 %') +
    swatch(832, 'goal', `target, ${report.unit}`)
  )
}

/** Axes, target range, bands and median. */
function chart(report: Report, box: Box, id: string): string {
  const top = topOf(report)
  const y = (value: number): number =>
    box.y + box.height * (1 - (Math.min(top, Math.max(LOWEST, value)) - LOWEST) / (top - LOWEST))
  const x = (minute: number): number => box.x + (box.width * minute) / 1440
  const { low, high } = report.preset.target
  const clip = element('clipPath', { id: `${id}-clip` }, element('rect', { ...box }))
  const target = element('rect', {
    x: box.x,
    y: y(high.mgdl),
    width: box.width,
    height: y(low.mgdl) - y(high.mgdl),
    class: 'goal',
  })
  const shapes = runsOf(report.curve).map((run) => shapesOf(run, x, y))
  const hours = [0, 3, 6, 9, 12, 15, 18, 21, 24].map((hour) => {
    const place = x(hour * 60)
    const name = `${String(hour).padStart(2, '0')}:00`
    return (
      element('path', { d: `M${short(place)} ${box.y}V${box.y + box.height}`, class: 'faint' }) +
      label(place, box.y + box.height + 18, 'small quiet', name, 'middle')
    )
  })
  return [
    clip,
    target,
    hours.join(''),
    element('g', { 'clip-path': `url(#${id}-clip)` }, shapes.join('') || '<g/>'),
    borderLines(report, box, y, top),
    emptyNote(report, box),
  ].join('')
}

function borderLines(report: Report, box: Box, y: (value: number) => number, top: number): string {
  const { low, high } = report.preset.target
  const borders = report.preset.bands.flatMap(({ from }) => (from === undefined ? [] : [from]))
  const targets = [y(low.mgdl), y(high.mgdl)]
  const lines = borders.map((border) => {
    const place = y(border.mgdl)
    const isTarget = border === low || border === high
    const crowded = !isTarget && targets.some((target) => Math.abs(target - place) < 12)
    return (
      element('path', {
        d: `M${box.x} ${short(place)}H${box.x + box.width}`,
        class: isTarget ? 'border' : 'faint',
      }) +
      (crowded
        ? ''
        : label(
            box.x - 8,
            place + 4,
            isTarget ? 'small strong' : 'small quiet',
            shownThreshold(border, report.unit),
            'end',
          ))
    )
  })
  const floor = element('path', { d: `M${box.x} ${box.y + box.height}H${box.x + box.width}`, class: 'rule' })
  return (
    lines.join('') + floor + label(box.x - 8, box.y + 4, 'small quiet', shownGlucose(top, report.unit), 'end')
  )
}

function emptyNote(report: Report, box: Box): string {
  if (report.curve.some(({ levels }) => levels !== null)) return ''
  return label(
    box.x + box.width / 2,
    box.y + box.height / 2,
    'body quiet',
    'too few readings for a usual day',
    'middle',
  )
}

/** The top of the axis, mg/dL: 300, or 350 when the curve goes higher; the curve is cut there. */
function topOf(report: Report): number {
  return Math.max(0, ...report.curve.map(({ levels }) => levels?.[4] ?? 0)) > 290 ? 350 : 300
}

interface Knot {
  readonly minute: number
  readonly levels: readonly number[]
}

/** Stretches of the day with a curve; a full day is led past both midnights, so that it closes. */
function runsOf(curve: readonly CurvePoint[]): readonly (readonly Knot[])[] {
  const runs: Knot[][] = []
  let run: Knot[] = []
  for (let k = -2; k <= 25; k++) {
    const levels = curve[(k + 24) % 24]?.levels ?? null
    if (levels !== null) run.push({ minute: k * 60 + 30, levels })
    if (levels === null || k === 25) {
      if (run.length > 0) runs.push(run)
      run = []
    }
  }
  return runs.filter((knots) => knots.some(({ minute }) => minute > 0 && minute < 1440))
}

function shapesOf(run: readonly Knot[], x: (minute: number) => number, y: (value: number) => number): string {
  const line = (percentile: number): readonly Point[] =>
    run.map(({ minute, levels }) => ({ x: x(minute), y: y(levels[percentile] ?? 0) }))
  const [only] = run
  if (run.length === 1 && only !== undefined) {
    // One hour alone: bars as wide as the hour.
    const [from, to] = [x(only.minute - 30), x(only.minute + 30)]
    const bar = (a: number, b: number, style: string): string => {
      const [high, low] = [y(only.levels[b] ?? 0), y(only.levels[a] ?? 0)]
      return element('rect', { x: from, y: high, width: to - from, height: low - high, class: style })
    }
    const middle = short(y(only.levels[2] ?? 0))
    return (
      bar(0, 4, 'outer') +
      bar(1, 3, 'inner') +
      element('path', { d: `M${short(from)} ${middle}H${short(to)}`, class: 'median' })
    )
  }
  const last = CURVE_PERCENTILES.length - 1
  return (
    element('path', { d: band(line(last), line(0)), class: 'outer' }) +
    element('path', { d: band(line(3), line(1)), class: 'inner' }) +
    element('path', { d: smoothPath(line(2), 'M'), class: 'median' })
  )
}

interface Point {
  readonly x: number
  readonly y: number
}

function band(upper: readonly Point[], lower: readonly Point[]): string {
  return `${smoothPath(upper, 'M')}${smoothPath([...lower].reverse(), 'L')}Z`
}

/**
 * A smooth line through points: cubic pieces with the slopes of Fritsch and Carlson 1980 (SIAM J Numer Anal 17:238), which
 * never overshoot, so that percentiles drawn beside one another do not cross.
 */
function smoothPath(points: readonly Point[], start: 'M' | 'L'): string {
  const slopes = points.map((point, i) => slopeAt(points[i - 1], point, points[i + 1]))
  return points
    .map((point, i) => {
      const before = points[i - 1]
      if (before === undefined) return `${start}${short(point.x)} ${short(point.y)}`
      const third = (point.x - before.x) / 3
      const c1 = `${short(before.x + third)} ${short(before.y + third * (slopes[i - 1] ?? 0))}`
      const c2 = `${short(point.x - third)} ${short(point.y - third * (slopes[i] ?? 0))}`
      return `C${c1} ${c2} ${short(point.x)} ${short(point.y)}`
    })
    .join('')
}

function slopeAt(before: Point | undefined, at: Point, after: Point | undefined): number {
  if (before === undefined || after === undefined) return 0
  const left = (at.y - before.y) / (at.x - before.x)
  const right = (after.y - at.y) / (after.x - at.x)
  return left * right <= 0 ? 0 : (2 * left * right) / (left + right)
}

/** Six figures in a row, in the clinical order. */
function tiles(report: Report): string {
  const { distribution, unit } = report
  const glucose = (value: number | null): string => (value === null ? '–' : shownGlucose(value, unit))
  const figures: readonly (readonly [string, string, string])[] = [
    ['In range', shownShare(report.timeInTarget), goalText(report)],
    ['Mean glucose', glucose(distribution.mean), unit],
    ['GMI', `${shownFigure(report.gmi, 1)} %`, 'from the mean'],
    ['Variability (CV)', shownShare(report.cv), 'goal at most 36 %'],
    ['Standard deviation', glucose(distribution.sd), unit],
    [
      'Risk index (GRI)',
      shownFigure(report.gri?.gri ?? null, 0),
      report.gri === null ? '' : `zone ${report.gri.zone}`,
    ],
  ]
  const width = (WIDTH - 56 - 5 * 12) / 6
  return figures
    .map(([name, value, small], i) => {
      const x = 28 + i * (width + 12)
      return (
        element('rect', { x, y: 456, width, height: 78, rx: 8, class: 'card' }) +
        label(x + 14, 478, 'small quiet', name) +
        label(x + 14, 503, 'figure', value) +
        label(x + 14, 522, 'small quiet', small)
      )
    })
    .join('')
}

function goalText(report: Report): string {
  const goal = report.preset.goals.find(({ what }) => what === 'in-range')
  return goal === undefined ? '' : `goal ${goal.relation} ${goal.percent} %`
}
