/**
 * Time in ranges as one bar of characters with its legend.
 *
 * Law: the bar is exactly as wide as told; every band that exists has at least one cell; no meaning rests on colour alone.
 */
import { BAND_WORDS, shownBand, shownWhole, wholePercents } from './draw-words.ts'
import type { BandName } from './presets.ts'
import type { Report } from './report.ts'
import { type Pen, type TerminalStyle, terminalPen } from './terminal-pen.ts'

const UNICODE_FILLS: Readonly<Record<BandName, string>> = {
  'very-low': '█',
  low: '▓',
  target: '━',
  high: '▒',
  'very-high': '░',
}
const ASCII_FILLS: Readonly<Record<BandName, string>> = {
  'very-low': 'L',
  low: 'l',
  target: '=',
  high: 'h',
  'very-high': 'H',
}

/** The bar and one legend line per band, low to high. */
export function drawRangesTerminal(report: Report, style: TerminalStyle): string {
  const pen = terminalPen(style)
  const shares = report.bands.map(({ percent }) => percent ?? 0)
  if (report.readings === 0) return pen.dim('no readings')
  const fills = style.ascii === true ? ASCII_FILLS : UNICODE_FILLS
  const widths = cellsFor(shares, Math.max(report.bands.length, style.width))
  const bar = report.bands.map(({ name }, i) => pen.band(name, fills[name].repeat(widths[i] ?? 0))).join('')
  const wholes = wholePercents(shares)
  const legend = report.bands.map(({ name, band }, i) =>
    legendLine(pen, report, fills[name], {
      name,
      range: shownBand(band, report.unit),
      percent: shownWhole(wholes[i] ?? 0, shares[i] ?? 0),
    }),
  )
  return [bar, ...legend.reverse()].join('\n')
}

function legendLine(
  pen: Pen,
  report: Report,
  fill: string,
  entry: { readonly name: BandName; readonly range: string; readonly percent: string },
): string {
  const { name, range, percent } = entry
  return `${pen.band(name, fill.repeat(2))} ${BAND_WORDS[name].padEnd(9)} ${percent.padStart(5)}  ${pen.dim(`${range} ${report.unit}`)}`
}

/** Cells per share: proportional, at least one where the share is not zero, together exactly `width`. */
export function cellsFor(shares: readonly number[], width: number): readonly number[] {
  const total = shares.reduce((sum, share) => sum + share, 0)
  if (total === 0) return shares.map(() => 0)
  const cells = shares.map((share) => (share === 0 ? 0 : Math.max(1, Math.round((share / total) * width))))
  for (;;) {
    const off = width - cells.reduce((sum, n) => sum + n, 0)
    if (off === 0) return cells
    const widest = cells.indexOf(Math.max(...cells))
    cells[widest] = (cells[widest] ?? 0) + Math.sign(off)
  }
}
