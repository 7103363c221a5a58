import fc from 'fast-check'
import { expect, test } from 'vitest'
import { canLose } from './status.ts'

test.each([
  { powers: [100, 100, 100, 100], total: 400, lost: 1, why: 'four seats bear one failure' },
  { powers: [100, 100, 100], total: 400, lost: 0, why: 'the one that may fail has failed' },
  { powers: [100, 100], total: 400, lost: 0, why: 'the ledger stands already' },
  { powers: Array(10).fill(100), total: 1_000, lost: 3, why: 'ten seats bear three' },
  { powers: [130, 100, 100, 100], total: 430, lost: 1, why: 'the strongest counts first' },
  { powers: [140, 140, 100, 100, 20], total: 500, lost: 1, why: 'two strong ones are more than a third' },
  { powers: [], total: 0, lost: 0, why: 'nobody answers' },
])('of $powers in $total, $lost may fail: $why', ({ powers, total, lost }) => {
  expect(canLose(powers, total)).toBe(lost)
})

test('after that many failures more than two thirds of the power is left, and after one more it is not', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 1_000 }), { minLength: 1, maxLength: 20 }), (powers) => {
      const total = powers.reduce((sum, power) => sum + power, 0)
      const strongest = [...powers].sort((a, b) => b - a)
      const left = (lost: number): number => strongest.slice(lost).reduce((sum, power) => sum + power, 0)
      const lost = canLose(powers, total)
      expect(3 * left(lost)).toBeGreaterThan(2 * total)
      expect(3 * left(lost + 1)).toBeLessThanOrEqual(2 * total)
    }),
  )
})
