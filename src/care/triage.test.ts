/** Everybody stands in one section of the panel, the most urgent that fits; nobody is left out. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Glucose } from '../series/index.ts'
import { type LocalSeconds, quantity, type UnixSeconds } from '../vocabulary/index.ts'
import { PANEL_DAYS, type PanelFigures, panelFigures, SECTIONS, sectionOf } from './triage.ts'

const NOW = 1_788_220_800
const DAY = 86_400
const WELL: PanelFigures = {
  readings: 4_032,
  mean: 140,
  gmi: 6.7,
  wear: 98,
  below54: 0,
  below70: 1,
  inRange: 85,
  above180: 14,
  above250: 1,
  change: 0,
  last: quantity<UnixSeconds>(NOW),
}

describe('a section', () => {
  test.each<readonly [Partial<PanelFigures>, string, string]>([
    [{}, 'meeting', 'all targets met'],
    [{ below54: 1 }, 'very-low', '1 % below 54'],
    [{ below54: 0.99, below70: 4 }, 'low', '4 % below 70'],
    [{ change: -15 }, 'range-drop', 'in range 15 points less than before'],
    [{ change: null, inRange: 69.9 }, 'range-low', 'in range below 70 %'],
    [{ above250: 5 }, 'very-high', '5 % above 250'],
    [{ above180: 25 }, 'high', '25 % above 180'],
    [{ wear: 69.9 }, 'wear-low', 'worn below 70 %'],
    [{ below54: 2, below70: 9, change: -40, inRange: 20, above250: 30 }, 'very-low', 'the first that fits'],
  ])('of %j is %s: %s', (figures, section) => {
    expect(sectionOf({ ...WELL, ...figures })).toBe(section)
  })

  test('without figures is that of missing data, and every patient has exactly one', () => {
    expect(sectionOf(undefined)).toBe('no-data')
    const percent = fc.double({ min: 0, max: 100, noNaN: true })
    fc.assert(
      fc.property(percent, percent, percent, percent, percent, percent, (a, b, c, d, e, f) => {
        const figures = { ...WELL, below54: a, below70: b, inRange: c, above180: d, above250: e, wear: f }
        expect(SECTIONS).toContain(sectionOf(figures))
      }),
    )
  })
})

describe('figures', () => {
  const every5 = (from: number, until: number, value: number): readonly Glucose[] =>
    Array.from({ length: Math.floor((until - from) / 300) }, (_, i) => ({
      type: 'glucose' as const,
      at: quantity<UnixSeconds>(from + i * 300),
      local: quantity<LocalSeconds>(from + i * 300),
      value,
      unit: 'mg/dL' as const,
      method: 'cgm' as const,
    }))
  const at = quantity<UnixSeconds>(NOW)

  test('are those of the last fourteen days, compared with the fourteen before', () => {
    const glucose = [
      ...every5(NOW - 28 * DAY, NOW - 14 * DAY, 120),
      ...every5(NOW - 14 * DAY, NOW - 7 * DAY, 120),
      ...every5(NOW - 7 * DAY, NOW, 200),
      ...every5(NOW, NOW + DAY, 40),
    ]
    const figures = panelFigures(glucose, at)
    expect(figures).toMatchObject({
      readings: PANEL_DAYS * 288,
      mean: 160,
      inRange: 50,
      above180: 50,
      below54: 0,
    })
    expect(figures?.change).toBeCloseTo(-50, 9)
    expect(figures?.wear).toBeCloseTo(100, 9)
  })

  test('count a sensor that fell silent as not worn, and are not compared with a period worn too little', () => {
    const figures = panelFigures(every5(NOW - 14 * DAY, NOW - 9 * DAY, 120), at)
    expect(figures?.wear).toBeCloseTo((100 * 5) / 14, 6)
    expect(figures?.change).toBeNull()
    expect(panelFigures(every5(NOW - 40 * DAY, NOW - 20 * DAY, 120), at)).toBeUndefined()
  })
})
