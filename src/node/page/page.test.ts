import { describe, expect, test } from 'vitest'
import { loadPage } from './assets.ts'

const page = await loadPage()

/** Custom properties of the light theme, or of the dark one. */
function theme(css: string, dark: boolean): ReadonlyMap<string, string> {
  const start = dark ? css.indexOf('prefers-color-scheme: dark') : 0
  const block = css.slice(css.indexOf(':root', start), css.indexOf('}', css.indexOf(':root', start)))
  return new Map(
    [...block.matchAll(/--([a-z0-9-]+): (#[0-9a-f]{6});/g)].map((match) => [match[1] ?? '', match[2] ?? '']),
  )
}

/** Contrast ratio of two colours: WCAG 2.2, relative luminance. */
function contrast(a: string, b: string): number {
  const luminance = (colour: string): number => {
    const parts = [1, 3, 5].map((at) => Number.parseInt(colour.slice(at, at + 2), 16) / 255)
    const [red = 0, green = 0, blue = 0] = parts.map((c) =>
      c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4,
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
  }
  const [light = 0, dark = 0] = [luminance(a), luminance(b)].sort((x, y) => y - x)
  return (light + 0.05) / (dark + 0.05)
}

describe('the page', () => {
  test.each([
    ['light', false],
    ['dark', true],
  ] as const)('%s: text has 4.5:1 and marks 3:1 against what they stand on', (_, dark) => {
    const tokens = theme(page.style, dark)
    const colour = (name: string): string => {
      const value = tokens.get(name)
      if (value === undefined) throw new Error(`no --${name}`)
      return value
    }
    for (const ground of ['ground', 'card']) {
      for (const text of ['ink', 'quiet', 'accent', 'passed', 'failed', 'running']) {
        expect(contrast(colour(text), colour(ground)), `${text} on ${ground}`).toBeGreaterThanOrEqual(4.5)
      }
    }
    for (const mark of [
      'very-low',
      'low',
      'in-range',
      'high',
      'very-high',
      'day-0',
      'day-1',
      'day-2',
      'day-3',
    ]) {
      expect(contrast(colour(mark), colour('card')), `${mark} on card`).toBeGreaterThanOrEqual(3)
    }
    for (const line of ['day-0', 'day-1', 'day-2', 'day-3']) {
      expect(contrast(colour(line), colour('target')), `${line} on target`).toBeGreaterThanOrEqual(3)
    }
    expect(theme(page.docsStyle, dark)).toEqual(tokens)
  })

  test('fits the content policy: no inline script or style, nothing from elsewhere', () => {
    expect(page.html).not.toMatch(/<script(?![^>]*\bsrc=)|<style|\sstyle=|\son[a-z]+=|https?:\/\//)
    expect(page.style + page.docsStyle).not.toMatch(/url\(|@import/)
    expect(page.script).not.toMatch(/\binnerHTML\b|document\.write/)
  })

  test('has one main heading, landmarks, a way past the header and a language', () => {
    expect(page.html.match(/<h1/g)).toHaveLength(1)
    for (const part of [
      '<html lang="en">',
      '<main>',
      '<header',
      '<footer>',
      'class="skip" href="#story"',
      'id="story"',
    ]) {
      expect(page.html).toContain(part)
    }
    expect(page.html).toContain('role="status" aria-live="polite"')
    for (const [, id] of page.html.matchAll(/aria-labelledby="([^"]+)"/g))
      expect(page.html).toContain(`id="${id}"`)
  })

  test('moves nothing for who asked for less motion', () => {
    const moving = page.style.indexOf('animation:')
    const guard = page.style.indexOf('prefers-reduced-motion: no-preference')
    expect(guard).toBeGreaterThan(0)
    expect(moving).toBeGreaterThan(guard)
    expect(page.style.indexOf('animation:', moving + 1)).toBe(-1)
  })

  test('says in words what the ledger is and whose data is shown', () => {
    expect(page.script).toContain('Single-operator ledger')
    expect(page.html).toContain('Simulated patients')
    expect(page.html).toContain('no alarm device')
  })
})
