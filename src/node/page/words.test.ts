import { expect, test } from 'vitest'
import { span } from './words.ts'

test.each([
  ['2025-03-01T09:00:00Z', '2025-03-04T09:00:00Z', '72 hours', 'three days that touch four calendar days'],
  ['2025-03-01T09:00:00Z', '2025-03-01T10:00:00Z', '1 hour', 'one hour only'],
  ['2025-03-29T00:00:00+01:00', '2025-03-31T00:00:00+02:00', '47 hours', 'a weekend that loses an hour'],
  ['2025-03-01T00:00:00Z', '2025-03-15T00:00:00Z', '14 days', 'whole days, many of them'],
  ['2025-03-01T00:00:00Z', '2025-03-15T01:00:00Z', '337 hours', 'no number of days is right'],
])('from %s to %s are %s: %s', (from, until, words) => {
  expect(span(from, until)).toBe(words)
})
