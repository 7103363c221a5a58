import { describe, expect, test } from 'vitest'
import { de } from './de.ts'
import { en } from './en.ts'

/** Every text of a language with its place; of a function, what it says of something. */
function texts(value: unknown, place = ''): readonly (readonly [string, string])[] {
  if (typeof value === 'string') return [[place, value]]
  if (typeof value === 'function') return [[place, String(value(2, '3', '4', 'mg/dL'))]]
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([name, part]) => texts(part, `${place}/${name}`))
}

describe('the words of the app', () => {
  test('each language says everything, nothing twice as empty or undefined', () => {
    const places = (language: unknown) => texts(language).map(([place]) => place)
    expect(places(de).length).toBeGreaterThan(100)
    expect(places(de)).toEqual(places(en))
    for (const [place, text] of [...texts(en), ...texts(de)]) {
      expect(text.trim(), place).not.toBe('')
      expect(text, place).not.toContain('undefined')
    }
  })

  test.each([
    ['en', en, /\b(wallet|gas|blockchain|cryptograph\w*|hash|ciphertext)\b/i],
    ['de', de, /\b(wallet|gas|blockchain|kryptograph\w*|hash|chiffre)\b/i],
  ] as const)('%s uses no word of the machinery', (_, language, machinery) => {
    for (const [place, text] of texts(language)) expect(text, place).not.toMatch(machinery)
  })
})
