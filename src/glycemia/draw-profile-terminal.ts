/**
 * The usual day drawn with characters: median, the middle half of days, nine in ten days, and the target range.
 *
 * Law: never wider than told; the same picture without colour; hours in which too few days speak stay empty.
 */
import { type CurvePoint, levelsAt } from './curve.ts'
import { drawRangesTerminal } from './draw-ranges-terminal.ts'
import { shownGlucose, shownThreshold } from './draw-words.ts'
import type { BandName, Preset } from './presets.ts'
import type { Report } from './report.ts'
import { summaryText } from './summary-text.ts'
import { type Pen, type TerminalStyle, terminalPen } from './terminal-pen.ts'

const ROWS = 15
const LOWEST = 40
const AXIS = 6
const MOST_COLUMNS = 96

interface Glyphs {
  readonly median: string
  readonly inner: string
  readonly outer: string
  readonly border: string
  readonly axis: string
  readonly corner: string
  readonly line: string
  readonly tick: string
}

const UNICODE: Glyphs = {
  median: '●',
  inner: '▓',
  outer: '░',
  border: '┄',
  axis: '┤',
  corner: '└',
  line: '─',
  tick: '┴',
}
const ASCII: Glyphs = {
  median: '@',
  inner: '#',
  outer: ':',
  border: '-',
  axis: '|',
  corner: '+',
  line: '-',
  tick: '+',
}

/** Summary, ranges and profile, one below the other. */
export function drawTerminal(report: Report, style: TerminalStyle): string {
  const text = style.ascii === true ? asciiOnly(summaryText(report)) : summaryText(report)
  if (report.readings === 0) return text
  const bar = { ...style, width: Math.min(style.width, MOST_COLUMNS) }
  const ranges = drawRangesTerminal(report, bar)
  const parts = [wrapped(text, style.width), style.ascii === true ? asciiOnly(ranges) : ranges]
  return [...parts, drawProfileTerminal(report, style)].join('\n\n')
}

/** The profile alone. */
export function drawProfileTerminal(report: Report, style: TerminalStyle): string {
  const pen = terminalPen(style)
  const glyphs = style.ascii === true ? ASCII : UNICODE
  const columns = Math.min(Math.max(style.width, 40), MOST_COLUMNS) - AXIS - 1
  const highest = topOf(report)
  const rowHeight = (highest - LOWEST) / ROWS
  const levels = Array.from({ length: columns }, (_, c) =>
    levelsAt(report.curve, ((c + 0.5) / columns) * 1440),
  )
  const rows: string[] = []
  for (let r = ROWS - 1; r >= 0; r--) {
    const low = LOWEST + r * rowHeight
    const row = { low, high: low + rowHeight }
    rows.push(
      axisLabel(report, row, pen, glyphs) +
        levels.map((at) => cell(at, row, report.preset, pen, glyphs)).join(''),
    )
  }
  const dash = style.ascii === true ? '-' : '–'
  const entries = [
    `${glyphs.median} median`,
    `${glyphs.inner} 25${dash}75 %`,
    `${glyphs.outer} 5${dash}95 % of days`,
    `${glyphs.border} target range (${report.unit})`,
  ]
  const legend = wrapped(entries.join('  '), style.width)
  const picture = rows.map((row) => row.trimEnd())
  return [...picture, timeAxis(columns, glyphs), timeLabels(columns), pen.dim(legend)].join('\n')
}

/** The top of the axis, mg/dL: 300, or 350 when the curve goes higher; the curve is cut there. */
function topOf(report: Report): number {
  const peak = Math.max(0, ...report.curve.map((point: CurvePoint) => point.levels?.[4] ?? 0))
  return peak > 290 ? 350 : 300
}

interface Row {
  readonly low: number
  readonly high: number
}

function inRow(value: number, row: Row): boolean {
  return value >= row.low && value < row.high
}

function cell(
  levels: readonly [number, number, number, number, number] | null,
  row: Row,
  preset: Preset,
  pen: Pen,
  glyphs: Glyphs,
): string {
  const middle = (row.low + row.high) / 2
  if (levels !== null) {
    const [p05, p25, p50, p75, p95] = levels
    if (inRow(Math.max(p50, LOWEST), row)) return pen.strong(pen.band(bandOf(p50, preset), glyphs.median))
    if (middle >= p25 && middle <= p75) return pen.band(bandOf(middle, preset), glyphs.inner)
    if (middle >= p05 && middle <= p95) return pen.band(bandOf(middle, preset), glyphs.outer)
  }
  const borders = [preset.target.low.mgdl, preset.target.high.mgdl]
  return borders.some((border) => inRow(border, row)) ? pen.dim(glyphs.border) : ' '
}

function bandOf(value: number, preset: Preset): BandName {
  const above = [...preset.bands].reverse().find((band) => band.from !== undefined && value >= band.from.mgdl)
  return above?.name ?? preset.bands[0]?.name ?? 'target'
}

/** Labels at the rows that hold a border of the preset, and at the top. */
function axisLabel(report: Report, row: Row, pen: Pen, glyphs: Glyphs): string {
  const borders = report.preset.bands.flatMap((band) => (band.from === undefined ? [] : [band.from]))
  const border = borders.find((threshold) => inRow(threshold.mgdl, row))
  const label =
    border !== undefined
      ? shownThreshold(border, report.unit)
      : row.high >= topOf(report)
        ? shownGlucose(topOf(report), report.unit)
        : ''
  return `${label.padStart(AXIS - 1)} ${pen.dim(glyphs.axis)}`
}

const HOURS = [0, 6, 12, 18, 24] as const

function timeAxis(columns: number, glyphs: Glyphs): string {
  const cells = Array.from({ length: columns }, () => glyphs.line)
  for (const hour of HOURS) cells[Math.min(columns - 1, Math.round((hour / 24) * columns))] = glyphs.tick
  return ' '.repeat(AXIS) + glyphs.corner + cells.join('')
}

function timeLabels(columns: number): string {
  const cells = Array.from({ length: columns + AXIS + 1 }, () => ' ')
  for (const hour of HOURS) {
    const label = `${String(hour).padStart(2, '0')}:00`
    const centre = AXIS + 1 + Math.round((hour / 24) * columns)
    const from = Math.max(AXIS, Math.min(cells.length - label.length, centre - 2))
    for (let i = 0; i < label.length; i++) cells[from + i] = label[i] ?? ' '
  }
  return cells.join('').trimEnd()
}

/** Breaks lines at spaces so that none is wider than told. */
function wrapped(text: string, width: number): string {
  const most = Math.max(40, width)
  return text
    .split('\n')
    .flatMap((line) => {
      const lines: string[] = []
      let rest = line
      while (rest.length > most) {
        const cut = rest.lastIndexOf(' ', most)
        lines.push(rest.slice(0, cut > 0 ? cut : most))
        rest = `  ${rest.slice(cut > 0 ? cut + 1 : most).trimStart()}`
      }
      return [...lines, rest]
    })
    .join('\n')
}

function asciiOnly(text: string): string {
  return text.replace(/[–—]/g, '-').replace(/·/g, '|').replace(/−/g, '-')
}
