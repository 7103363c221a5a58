import { expect, test } from 'vitest'
import { shownInstant } from './format.ts'

const at = new Date(2027, 4, 21, 14, 5).getTime() / 1_000

test('an instant of another year says which', () => {
  const [before, within] = [new Date(2026, 10, 22), new Date(2027, 0, 1)]
  expect(shownInstant(at, 'en', before)).toContain('21 May 2027')
  expect(shownInstant(at, 'de', before)).toContain('21. Mai 2027')
  expect(shownInstant(at, 'en', within)).not.toContain('2027')
})
