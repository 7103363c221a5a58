import { readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'

const css = await readFile(new URL('./app.css', import.meta.url), 'utf8')

/** Every colour as it is in one of the two themes. */
function theme(name: 'light' | 'dark'): ReadonlyMap<string, string> {
  const pairs = css.matchAll(/--([a-z-]+): light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\);/g)
  return new Map(
    [...pairs].map(([, colour = '', light = '', dark = '']) => [colour, name === 'light' ? light : dark]),
  )
}

/** Contrast ratio of two colours: WCAG 2.2, relative luminance. */
function contrast(a: string, b: string): number {
  const luminance = (colour: string): number => {
    const [red = 0, green = 0, blue = 0] = [1, 3, 5]
      .map((at) => Number.parseInt(colour.slice(at, at + 2), 16) / 255)
      .map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
  }
  const [light = 0, dark = 0] = [luminance(a), luminance(b)].sort((x, y) => y - x)
  return (light + 0.05) / (dark + 0.05)
}

test.each(['light', 'dark'] as const)(
  '%s: text has 4.5:1 and marks 3:1 against what they stand on',
  (name) => {
    const colours = theme(name)
    const colour = (name: string): string => {
      const value = colours.get(name)
      if (value === undefined) throw new Error(`no --${name}`)
      return value
    }
    for (const ground of ['ground', 'card']) {
      for (const text of ['ink', 'quiet', 'accent', 'good', 'bad']) {
        expect(contrast(colour(text), colour(ground)), `${text} on ${ground}`).toBeGreaterThanOrEqual(4.5)
      }
      for (const mark of ['edge', 'very-low', 'low', 'in-range', 'high', 'very-high']) {
        expect(contrast(colour(mark), colour(ground)), `${mark} on ${ground}`).toBeGreaterThanOrEqual(3)
      }
    }
    expect(contrast(colour('on-accent'), colour('accent'))).toBeGreaterThanOrEqual(4.5)
  },
)

test('each theme can be chosen, the device is followed where none is, and paper is light', () => {
  expect(css).toMatch(/:root \{[^}]*color-scheme: light dark;/)
  expect(css).toMatch(/:root\[data-theme="light"\] \{\s*color-scheme: light;/)
  expect(css).toMatch(/:root\[data-theme="dark"\] \{\s*color-scheme: dark;/)
  expect(css.slice(css.indexOf('@media print'))).toMatch(/color-scheme: light;/)
})
