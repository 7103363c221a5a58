/**
 * The few pieces of SVG that drawings share: escaping, elements, the style sheet for light and dark.
 *
 * Law: text from outside is escaped; nothing is loaded from elsewhere; every rule is bound to the drawing's own class, so
 * that a drawing set into a page changes nothing around it.
 */
import type { BandName } from './presets.ts'

/** Text that is safe inside elements and attributes; control characters that XML forbids are left out. */
export function escaped(text: string): string {
  return text
    .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, '')
    .replace(/&/g, '&amp;')
    .replace(/</g, '&lt;')
    .replace(/>/g, '&gt;')
    .replace(/"/g, '&quot;')
    .replace(/'/g, '&#39;')
}

/** A number with at most two decimals. */
export function short(value: number): string {
  return String(Math.round(value * 100) / 100)
}

type Attributes = Readonly<Record<string, string | number>>

/** One element; attributes are escaped, `content` is markup already. */
export function element(name: string, attributes: Attributes, content = ''): string {
  const written = Object.entries(attributes)
    .map(([key, value]) => ` ${key}="${typeof value === 'number' ? short(value) : escaped(value)}"`)
    .join('')
  return content === '' ? `<${name}${written}/>` : `<${name}${written}>${content}</${name}>`
}

/** A line of text. */
export function label(x: number, y: number, style: string, text: string, anchor = 'start'): string {
  return element('text', { x, y, class: style, 'text-anchor': anchor }, escaped(text))
}

interface Palette {
  readonly paper: string
  readonly card: string
  readonly rule: string
  readonly text: string
  readonly quiet: string
  readonly median: string
  readonly inner: string
  readonly outer: string
  readonly goal: string
  readonly bands: Readonly<Record<BandName, string>>
}

const LIGHT: Palette = {
  paper: '#ffffff',
  card: '#f5f7fa',
  rule: '#d9dfe7',
  text: '#1b2733',
  quiet: '#566473',
  median: '#123f73',
  inner: '#7fa9dc',
  outer: '#cfe0f4',
  goal: '#e7f4ea',
  bands: {
    'very-low': '#8f1d2c',
    low: '#d6495a',
    target: '#3c9a63',
    high: '#eeb02f',
    'very-high': '#d9782a',
  },
}
const DARK: Palette = {
  paper: '#12181f',
  card: '#1b232d',
  rule: '#34404d',
  text: '#e8edf3',
  quiet: '#a3b0be',
  median: '#e4eefb',
  inner: '#4577b4',
  outer: '#25405f',
  goal: '#173024',
  bands: {
    'very-low': '#c2364a',
    low: '#ef7583',
    target: '#4fb67b',
    high: '#f2bd4e',
    'very-high': '#ea9350',
  },
}

function rules(c: Palette): string {
  const own = (selector: string, declarations: string): string =>
    `.islet-glucose ${selector}{${declarations}}`
  return [
    own('.paper', `fill:${c.paper}`),
    own('.card', `fill:${c.card}`),
    own('.rule', `stroke:${c.rule};stroke-width:1;fill:none`),
    own('.faint', `stroke:${c.rule};stroke-width:1;stroke-dasharray:3 4;fill:none`),
    own('.border', `stroke:${c.bands.target};stroke-width:1.25;fill:none`),
    own('.goal', `fill:${c.goal}`),
    own('.outer', `fill:${c.outer}`),
    own('.inner', `fill:${c.inner}`),
    own(
      '.median',
      `stroke:${c.median};stroke-width:2.75;fill:none;stroke-linejoin:round;stroke-linecap:round`,
    ),
    own(
      'text',
      `fill:${c.text};font-family:system-ui,-apple-system,"Segoe UI",Roboto,"DejaVu Sans",sans-serif`,
    ),
    own('.quiet', `fill:${c.quiet}`),
    ...Object.entries(c.bands).map(([name, fill]) => own(`.${name}`, `fill:${fill}`)),
  ].join('')
}

const SIZES =
  '.islet-glucose .h1{font-size:21px;font-weight:650}.islet-glucose .h2{font-size:13px;font-weight:650}' +
  '.islet-glucose .body{font-size:12.5px}.islet-glucose .small{font-size:11px}' +
  '.islet-glucose .figure{font-size:20px;font-weight:650}.islet-glucose .strong{font-weight:650}'

/** The style sheet: light, and dark where the reader asks for it. */
export function styleSheet(): string {
  return `<style>${rules(LIGHT)}${SIZES}@media (prefers-color-scheme:dark){${rules(DARK)}}</style>`
}
