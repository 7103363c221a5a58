import fc from 'fast-check'
import { expect, it } from 'vitest'
import { byHour, filled } from './hour-contents.ts'
import { DAY, START, trace } from './testing/town.ts'

const daysOf = (offsets: readonly number[]) =>
  filled(byHour(offsets.flatMap((day) => trace(START + day * DAY, START + day * DAY + 600))))

it('fills whole days and pauses of up to 31 days, and leaves longer ones open', () => {
  expect(daysOf([0])).toHaveLength(24)
  expect(daysOf([0, 32])).toHaveLength(24 * 33)
  expect(daysOf([0, 33])).toHaveLength(24 * 2)
  expect(daysOf([0, 1, 2000, 2003])).toHaveLength(24 * (2 + 4))
})

it('gives every hour once, in order, with all that was given (property)', () => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.nat(120), { minLength: 1, maxLength: 8 }), (days) => {
      const contents = daysOf(days)
      const hours = contents.map((content) => content.hour)
      expect(hours).toEqual([...new Set(hours)].sort((a, b) => a - b))
      expect(hours.length % 24).toBe(0)
      expect(contents.flatMap((content) => content.records)).toHaveLength(2 * days.length)
    }),
  )
})
