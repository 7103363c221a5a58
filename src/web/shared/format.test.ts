import { expect, test } from 'vitest'
import { shownInstant } from './format.ts'

const at = new Date(2027, 4, 21, 14, 5).getTime() / 1_000

test('an instant of another year says which', () => {
  const [before, within] = [new Date(2026, 10, 22), new Date(2027, 0, 1)]
  expect(shownInstant(at, 'en', before)).toContain('21\u00a0May\u00a02027')
  expect(shownInstant(at, 'de', before)).toContain('21.\u00a0Mai\u00a02027')
  expect(shownInstant(at, 'en', within)).not.toContain('2027')
})

test('an instant breaks between its day and its time, and nowhere else', () => {
  for (const language of ['en', 'de']) {
    for (const now of [new Date(2026, 10, 22), new Date(2027, 0, 1)]) {
      const parts = shownInstant(at, language, now).split(' ')
      expect(parts.length, language).toBe(2)
      expect(parts[1]).toBe('14:05')
    }
  }
})
