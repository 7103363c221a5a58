import { describe, expect, test } from 'vitest'
import { trendOf } from './trend.ts'

/** Readings every five minutes. */
const every5 = (...values: readonly number[]) => values.map((mgdl, i) => ({ at: 1_000 + i * 300, mgdl }))

describe('the arrow', () => {
  test.each([
    { why: 'nothing changes', values: [100, 100, 100, 100], trend: 'steady' },
    { why: 'less than 1 mg/dL a minute is steady', values: [100, 104, 108, 112], trend: 'steady' },
    { why: '1.4 mg/dL a minute', values: [100, 107, 114, 121], trend: 'rising' },
    { why: '3 mg/dL a minute', values: [100, 115, 130, 145], trend: 'rising-fast' },
    { why: '1.4 mg/dL a minute down', values: [121, 114, 107, 100], trend: 'falling' },
    { why: '3 mg/dL a minute down', values: [145, 130, 115, 100], trend: 'falling-fast' },
    {
      why: 'only the last quarter of an hour speaks',
      values: [300, 200, 100, 100, 100, 100],
      trend: 'steady',
    },
  ])('is $trend when $why', ({ values, trend }) => {
    expect(trendOf(every5(...values))).toBe(trend)
  })

  test('is left out where fewer than three readings speak', () => {
    expect(trendOf([])).toBeUndefined()
    expect(trendOf(every5(100, 110))).toBeUndefined()
    const gap = [
      { at: 0, mgdl: 100 },
      { at: 300, mgdl: 100 },
      { at: 6_000, mgdl: 200 },
    ]
    expect(trendOf(gap)).toBeUndefined()
  })
})
