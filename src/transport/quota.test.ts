import { expect, test } from 'vitest'
import { createQuota } from './quota.ts'

test('a bucket refills with time, and a clock set back an hour locks nobody out', () => {
  let now = 1_800_000_000
  const quota = createQuota({ burst: 10, perSecond: 1 }, () => now)
  expect(quota.take('anna', 10)).toBe(0)
  expect(quota.take('anna', 1)).toBe(1)
  now += 5
  expect(quota.take('anna', 3)).toBe(0)
  now -= 3600
  expect(quota.take('anna', 2)).toBe(0)
  expect(quota.take('anna', 1)).toBe(1)
  now += 1
  expect(quota.take('anna', 1)).toBe(0)
})
