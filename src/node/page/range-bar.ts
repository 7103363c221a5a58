/**
 * Shares of time in the five ranges as a bar, with names, bounds in mg/dL and percentages beside it.
 * Source: international consensus on time in range (2019).
 */
import type { StoryOpened } from '../../api/index.ts'
import { drawn, element } from './element.ts'
import { oneDecimal } from './words.ts'

interface Share {
  readonly name: string
  readonly range: string
  readonly percent: number
}

/** Shares of time; the level-2 shares are inside the level-1 figures of a report and are taken out here. */
function shares(opened: StoryOpened): readonly Share[] {
  const {
    tbr54_percent: tbr54,
    tbr70_percent: tbr70,
    tir_percent: tir,
    tar180_percent: tar180,
    tar250_percent: tar250,
  } = opened
  if (tbr54 === null || tbr70 === null || tir === null || tar180 === null || tar250 === null) return []
  return [
    { name: 'very low', range: 'below 54', percent: tbr54 },
    { name: 'low', range: '54–69', percent: tbr70 - tbr54 },
    { name: 'in range', range: '70–180', percent: tir },
    { name: 'high', range: '181–250', percent: tar180 - tar250 },
    { name: 'very high', range: 'above 250', percent: tar250 },
  ]
}

/** The bar and its list; empty where the shares are not known. */
export function rangeBar(opened: StoryOpened): HTMLElement {
  const all = shares(opened)
  if (all.length === 0) return element('div', { hidden: true })
  let at = 0
  const pieces = all.map((share) => {
    const piece = drawn('rect', {
      x: at,
      y: 0,
      width: Math.max(0, share.percent - 0.3),
      height: 6,
      class: `range range-${share.name.replace(' ', '-')}`,
    })
    at += share.percent
    return piece
  })
  return element(
    'div',
    { class: 'ranges' },
    drawn(
      'svg',
      { viewBox: '0 0 100 6', preserveAspectRatio: 'none', 'aria-hidden': 'true', class: 'range-bar' },
      ...pieces,
    ),
    element(
      'dl',
      { class: 'range-list' },
      ...all.map((share) =>
        element(
          'div',
          { class: `range-${share.name.replace(' ', '-')}` },
          element(
            'dt',
            {},
            element('span', { class: 'swatch', 'aria-hidden': 'true' }),
            share.name,
            element('span', { class: 'quiet' }, share.range),
          ),
          element('dd', {}, `${oneDecimal(share.percent)} %`),
        ),
      ),
    ),
  )
}
