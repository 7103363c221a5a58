/**
 * Colours for a terminal, or none: every drawing is made of the same characters with and without them.
 */
import type { BandName } from './presets.ts'

export interface TerminalStyle {
  /** Columns; drawings never exceed them when at least 40. */
  readonly width: number
  /** ANSI colours; false when the output is not a terminal. */
  readonly colour: boolean
  /** Seven-bit characters only. */
  readonly ascii?: boolean
}

export interface Pen {
  band(name: BandName, text: string): string
  dim(text: string): string
  strong(text: string): string
  good(text: string): string
  bad(text: string): string
}

const BAND_CODES: Readonly<Record<BandName, string>> = {
  'very-low': '38;5;124',
  low: '38;5;203',
  target: '38;5;35',
  high: '38;5;214',
  'very-high': '38;5;166',
}

export function terminalPen(style: Pick<TerminalStyle, 'colour'>): Pen {
  const paint = (code: string, text: string): string =>
    style.colour && text.length > 0 ? `\u001b[${code}m${text}\u001b[0m` : text
  return {
    band: (name, text) => paint(BAND_CODES[name], text),
    dim: (text) => paint('2', text),
    strong: (text) => paint('1', text),
    good: (text) => paint('38;5;35', text),
    bad: (text) => paint('38;5;203', text),
  }
}
