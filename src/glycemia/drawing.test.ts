import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { reading } from '../series/testing/shared-data.ts'
import { levelsAt, profileCurve } from './curve.ts'
import { drawProfileSvg, drawSvg } from './draw-profile-svg.ts'
import { drawProfileTerminal, drawTerminal } from './draw-profile-terminal.ts'
import { drawRangesSvg } from './draw-ranges-svg.ts'
import { cellsFor, drawRangesTerminal } from './draw-ranges-terminal.ts'
import { shownWhole, wholePercents } from './draw-words.ts'
import { profileTable, profileTableText } from './profile-table.ts'
import { report } from './report.ts'
import { summaryText } from './summary-text.ts'
import { traceOf } from './trace.ts'

/** A wave over the day with its trough at midnight and its peak at noon. */
const wave = (days: number, hours = 24) =>
  Array.from({ length: days * 288 }, (_, i) => i + 1)
    .filter((slot) => (slot % 288) * 5 < hours * 60)
    .map((slot) =>
      reading(slot * 300, Math.round(140 - 80 * Math.cos((2 * Math.PI * slot) / 288) + ((slot * 7) % 11))),
    )
const full = report(wave(15))
const drawings = {
  full,
  short: report(wave(2)),
  half: report(wave(15, 6)),
  one: report([reading(3000, 100)]),
  none: report([]),
}
const pieces = Object.entries(drawings).map(([name, of]) => ({ name, of }))

describe('whole percents', () => {
  test('sum to 100 and differ from the shares by less than one', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 1000 }), { minLength: 1, maxLength: 5 }), (counts) => {
        const total = counts.reduce((sum, n) => sum + n, 0)
        fc.pre(total > 0)
        const shares = counts.map((n) => (100 * n) / total)
        const whole = wholePercents(shares)
        expect(whole.reduce((sum, n) => sum + n, 0)).toBe(100)
        whole.forEach((n, i) => {
          expect(Math.abs(n - (shares[i] ?? 0))).toBeLessThanOrEqual(1)
        })
      }),
    )
  })

  test('a share that exists is never shown as nothing', () => {
    expect(shownWhole(0, 0.2)).toBe('<1 %')
    expect(shownWhole(0, 0)).toBe('0 %')
  })

  test('the bar is exactly as wide as told and shows every band that exists', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 1000 }), { minLength: 5, maxLength: 5 }),
        fc.integer({ min: 5, max: 200 }),
        (counts, width) => {
          fc.pre(counts.some((n) => n > 0))
          const total = counts.reduce((sum, n) => sum + n, 0)
          const cells = cellsFor(
            counts.map((n) => (100 * n) / total),
            width,
          )
          expect(cells.reduce((sum, n) => sum + n, 0)).toBe(width)
          counts.forEach((n, i) => {
            expect((cells[i] ?? 0) > 0).toBe(n > 0)
          })
        },
      ),
    )
  })
})

describe('the curve', () => {
  test('is smoothed 1–4–1 around the clock, so that midnight has no seam', () => {
    const flat = Array.from({ length: 10 * 288 }, (_, i) =>
      reading((i + 1) * 300, Math.floor((i % 288) / 12) === 0 ? 160 : 100),
    )
    const levels = profileCurve(traceOf(flat).grid).map((point) => point.levels?.[2])
    expect(levels[0]).toBe((100 + 4 * 160 + 100) / 6)
    expect(levels[23]).toBe((160 + 4 * 100 + 100) / 6)
    expect(levels[1]).toBe(levels[23])
    expect(levels[12]).toBe(100)
  })

  test('beside an empty hour it is smoothed 4–1, and hours of too few days stay empty', () => {
    const some = report(wave(15, 6)).curve
    expect(some.filter((point) => point.levels !== null)).toHaveLength(6)
    const flat = wave(10, 2).map((r) => ({ ...r, value: r.at % 86_400 <= 3600 ? 100 : 150 }))
    expect(profileCurve(traceOf(flat).grid)[0]?.levels?.[2]).toBe((4 * 100 + 150) / 5)
    const early = [...wave(10, 2), ...wave(3)].filter(
      (r, i, all) => all.findIndex((other) => other.at === r.at) === i,
    )
    expect(profileCurve(traceOf(early).grid).filter((point) => point.levels !== null)).toHaveLength(2)
  })

  test('percentiles never cross, at its points or between', () => {
    for (let minute = 0; minute < 1440; minute += 7) {
      const levels = levelsAt(full.curve, minute)
      expect(levels).toEqual([...(levels ?? [Number.NaN])].sort((a, b) => a - b))
    }
  })
})

describe('in the terminal', () => {
  test.each(pieces)(
    '$name is never wider than told, has no colour codes when plain, and only ASCII on request',
    ({ of }) => {
      for (const width of [40, 60, 80, 200]) {
        const plain = drawTerminal(of, { width, colour: false })
        expect(Math.max(...plain.split('\n').map((line) => [...line].length))).toBeLessThanOrEqual(width)
        expect(plain).not.toContain('\u001b')
        expect(drawTerminal(of, { width, colour: false, ascii: true })).toMatch(/^[\n\x20-\x7e]*$/)
      }
    },
  )

  test.each(pieces)('$name in colour is the same picture', ({ of }) => {
    const style = { width: 80, colour: true }
    const stripped = drawTerminal(of, style).replace(/\u001b\[[0-9;]*m/g, '')
    expect(stripped.replace(/ +$/gm, '')).toBe(
      drawTerminal(of, { ...style, colour: false }).replace(/ +$/gm, ''),
    )
  })

  test('the median is drawn low at midnight and high at noon', () => {
    const rows = drawProfileTerminal(full, { width: 80, colour: false }).split('\n')
    const columnOf = (row: string | undefined) => row?.indexOf('●') ?? -1
    const drawn = rows.slice(0, 15).filter((row) => row.includes('●'))
    expect(columnOf(drawn[0])).toBeGreaterThan(35)
    expect(columnOf(drawn[0])).toBeLessThan(50)
    expect(columnOf(drawn.at(-1))).toBeLessThan(12)
  })

  test('the ranges are named with whole percents that sum to 100', () => {
    const text = drawRangesTerminal(full, { width: 60, colour: false })
    const percents = [...text.matchAll(/(\d+) %/g)].map((match) => Number(match[1]))
    expect(percents).toHaveLength(5)
    expect(percents.reduce((sum, n) => sum + n, 0)).toBe(100)
  })
})

describe('as SVG', () => {
  const all = pieces.flatMap(({ name, of }) => [
    { name: `sheet of ${name}`, svg: drawSvg(of) },
    { name: `day of ${name}`, svg: drawProfileSvg(of) },
    { name: `ranges of ${name}`, svg: drawRangesSvg(of) },
  ])

  test.each(all)('the $name is well formed, finite, self-contained and speaks', ({ svg }) => {
    expect(openTags(svg)).toEqual([])
    expect(svg).not.toMatch(/NaN|Infinity|undefined|null/)
    expect(svg).not.toMatch(/href|url\((?!#)|@import|<script|<image/)
    expect(svg).toMatch(/role="img" aria-labelledby="([\w-]+) ([\w-]+)"/)
    const [, title = '', desc = ''] = /aria-labelledby="([\w-]+) ([\w-]+)"/.exec(svg) ?? []
    expect(svg).toContain(`<title id="${title}">`)
    expect(svg).toMatch(new RegExp(`<desc id="${desc}">[^<]{5,}</desc>`))
    expect(svg).toContain('prefers-color-scheme:dark')
  })

  test('text from outside cannot become markup', () => {
    const svg = drawSvg(full, { title: '<script>alert("x")</script>&\u0000', note: '</svg>' })
    expect(svg).not.toContain('<script')
    expect(svg).toContain('&lt;script&gt;')
    expect(svg.match(/<\/svg>/g)).toHaveLength(1)
    expect(svg).not.toContain('\u0000')
  })

  test('two drawings on one page share no id when told apart', () => {
    const ids = (prefix: string) =>
      [...drawSvg(full, { idPrefix: prefix }).matchAll(/ id="([^"]+)"/g)].map((m) => m[1])
    expect(ids('a').filter((id) => ids('b').includes(id))).toEqual([])
    expect(new Set(ids('a')).size).toBe(ids('a').length)
  })

  test('every line of text reaches a contrast of 4.5 : 1 on its paper, in light and in dark', () => {
    const [light = '', dark = ''] = drawSvg(full).split('@media')
    for (const sheet of [light, dark]) {
      const colour = (selector: string) =>
        new RegExp(`${selector}\\{fill:(#[0-9a-f]{6})`).exec(sheet)?.[1] ?? '#000000'
      for (const paper of ['\\.paper', '\\.card']) {
        for (const ink of ['text', '\\.quiet'])
          expect(contrast(colour(ink), colour(paper))).toBeGreaterThanOrEqual(4.5)
      }
    }
  })
})

describe('as text', () => {
  test('reads in the clinical order: wear, low, high, variability, pattern', () => {
    const text = summaryText(full)
    const places = ['sensor active', 'below 70', 'above 180', 'CV', 'Usual day'].map((word) =>
      text.indexOf(word),
    )
    expect(places).toEqual([...places].sort((a, b) => a - b))
    expect(places[0]).toBeGreaterThan(-1)
    expect(summaryText(drawings.none)).toBe('No glucose readings.')
  })

  test('speaks the unit of the source', () => {
    const mmol = report(
      wave(15).map((r) => ({ ...r, value: Math.round(r.value / 1.801559) / 10, unit: 'mmol/L' as const })),
    )
    expect(summaryText(mmol)).toContain('within 3.9–10.0 mmol/L')
    expect(summaryText(mmol)).not.toContain('mg/dL')
    expect(drawSvg(mmol)).not.toContain('mg/dL')
  })

  test('the table twin holds a row per hour with what is drawn', () => {
    const table = profileTable(full)
    expect(table.rows).toHaveLength(24)
    expect(table.rows[12]?.[4]).toBe(String(Math.round(full.curve[12]?.levels?.[2] ?? 0)))
    expect(profileTableText(drawings.half)).toContain('–')
  })
})

/** Names of elements left open, by a walk over the tags. */
function openTags(markup: string): readonly string[] {
  const open: string[] = []
  for (const [, closing, name = '', attributes = ''] of markup.matchAll(
    /<(\/?)([a-zA-Z]+)((?:[^<>"]|"[^"<]*")*)>/g,
  )) {
    if (closing === '/') {
      if (open.pop() !== name) return [`</${name}>`]
    } else if (!attributes.endsWith('/')) open.push(name)
  }
  return open
}

/** WCAG 2 contrast of two colours. */
function contrast(a: string, b: string): number {
  const luminance = (colour: string): number => {
    const [r = 0, g = 0, blue = 0] = [1, 3, 5].map((i) => {
      const channel = Number.parseInt(colour.slice(i, i + 2), 16) / 255
      return channel <= 0.04045 ? channel / 12.92 : ((channel + 0.055) / 1.055) ** 2.4
    })
    return 0.2126 * r + 0.7152 * g + 0.0722 * blue
  }
  const [dark = 0, light = 0] = [luminance(a), luminance(b)].sort((x, y) => x - y)
  return (light + 0.05) / (dark + 0.05)
}
