import { describe, expect, it } from 'vitest'
import { SIN } from '../data/features.ts'
import { layoutOf } from './layout.ts'
import { recommended, WIDE_FROM, withoutTimeOfDay } from './recommended.ts'
import { waves } from './testing/waves.ts'

describe('the recommended forms', () => {
  it('are narrow on few windows and wide on many, and both fit the bytes of a round', () => {
    const few = recommended(WIDE_FROM - 1)
    const many = recommended(WIDE_FROM)
    expect(few.shape.hidden).toBeLessThan(many.shape.hidden)
    const heads = { features: 4, quantiles: [0.05, 0.25, 0.75, 0.95] }
    expect(layoutOf({ ...few.shape, ...heads }).count).toBe(2660)
    expect(layoutOf({ ...many.shape, ...heads }).count).toBe(8756)
  })

  it('leave out the time of day and nothing else', () => {
    const windows = waves(3, 5, { features: 4, horizon: 12 })
    const { inputs } = withoutTimeOfDay(windows)
    inputs.forEach((value, i) => {
      expect(value).toBe(i % 4 < SIN ? windows.inputs[i] : 0)
    })
  })
})
