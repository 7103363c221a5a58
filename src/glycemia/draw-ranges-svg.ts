/**
 * Time in ranges as a stacked bar with its words, high at the top; part of the sheet and a drawing of its own.
 *
 * Law: heights are proportional; whole percents beside them sum to 100; words stand beside colours.
 */
import { BAND_WORDS, shownBand, shownWhole, wholePercents } from './draw-words.ts'
import type { Report } from './report.ts'
import { element, label, styleSheet } from './svg.ts'

/** A box in user units. */
export interface Box {
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
}

const BAR_WIDTH = 46
const GAP = 2
const LABEL_HEIGHT = 36

/** The bar and its labels inside a box, as markup without an outer `<svg>`. */
export function rangesGroup(report: Report, box: Box): string {
  const shares = report.bands.map(({ percent }) => percent ?? 0)
  const wholes = wholePercents(shares)
  const heights = shares.map((share) => (share / 100) * box.height)
  const centres: number[] = []
  let bottom = box.y + box.height
  const bars = report.bands.map(({ name }, i) => {
    const height = heights[i] ?? 0
    bottom -= height
    centres.push(bottom + height / 2)
    const inset = Math.min(GAP, height / 3)
    return height === 0
      ? ''
      : element('rect', {
          x: box.x,
          y: bottom + inset / 2,
          width: BAR_WIDTH,
          height: Math.max(0.75, height - inset),
          rx: Math.min(3, height / 3),
          class: name,
        })
  })
  const places = spread(centres, LABEL_HEIGHT, box)
  const words = report.bands.map(({ name, band }, i) => {
    const y = places[i] ?? 0
    const x = box.x + BAR_WIDTH + 26
    const from = box.x + BAR_WIDTH + 3
    return (
      element('path', { d: `M${from} ${centres[i] ?? 0}L${from + 8} ${y}H${x - 5}`, class: 'rule' }) +
      element('circle', { cx: x + 5, cy: y - 5, r: 4.5, class: name }) +
      label(
        x + 15,
        y - 1,
        'body strong',
        `${shownWhole(wholes[i] ?? 0, shares[i] ?? 0)} ${BAND_WORDS[name]}`,
      ) +
      label(x + 15, y + 13, 'small quiet', `${shownBand(band, report.unit)} ${report.unit}`)
    )
  })
  return element('g', {}, bars.join('') + words.join(''))
}

/** Moves ascending centres apart (they run from bottom to top) so that labels do not overlap, within the box. */
function spread(centres: readonly number[], height: number, box: Box): readonly number[] {
  const places = centres.slice()
  const lowest = box.y + box.height - height / 3
  const highest = box.y + height / 3
  for (let i = 0; i < places.length; i++) {
    const limit = i === 0 ? lowest : (places[i - 1] ?? 0) - height
    places[i] = Math.min(places[i] ?? 0, limit)
  }
  for (let i = places.length - 1; i >= 0; i--) {
    const limit = i === places.length - 1 ? highest : (places[i + 1] ?? 0) + height
    places[i] = Math.max(places[i] ?? 0, limit)
  }
  return places
}

/** The bar as a drawing of its own, 260 × 260. */
export function drawRangesSvg(report: Report, idPrefix = 'islet-ranges'): string {
  const spoken = report.bands
    .map(
      ({ name, percent, band }) =>
        `${BAND_WORDS[name]} (${shownBand(band, report.unit)} ${report.unit}): ${(percent ?? 0).toFixed(1)} %`,
    )
    .join('; ')
  return element(
    'svg',
    {
      xmlns: 'http://www.w3.org/2000/svg',
      viewBox: '0 0 260 260',
      class: 'islet-glucose',
      role: 'img',
      'aria-labelledby': `${idPrefix}-title ${idPrefix}-desc`,
    },
    element('title', { id: `${idPrefix}-title` }, 'Time in ranges') +
      element('desc', { id: `${idPrefix}-desc` }, spoken === '' ? 'no readings' : spoken) +
      styleSheet() +
      element('rect', { width: 260, height: 260, class: 'paper' }) +
      rangesGroup(report, { x: 20, y: 20, width: 220, height: 220 }),
  )
}
