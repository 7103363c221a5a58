import { describe, expect, it } from 'vitest'
import { layoutOf } from './layout.ts'
import { recommended, WIDE_FROM } from './recommended.ts'

describe('the recommended forms', () => {
  it('are narrow and blind to the time on few windows, wide on many, and both fit the bytes of a round', () => {
    const few = recommended(WIDE_FROM - 1, 10)
    const many = recommended(WIDE_FROM, 10)
    const heads = { features: 4, quantiles: [0.05, 0.25, 0.5, 0.75, 0.95] }
    expect(layoutOf({ ...few.shape, ...heads }).count).toBe(2710)
    expect(layoutOf({ ...many.shape, ...heads }).count).toBe(8854)
    expect([few.timeOfDay, many.timeOfDay]).toEqual([false, true])
  })
})
