import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { carbsRemaining, insulinOnBoard, insulinRemaining } from './on-board.ts'

describe('insulin and carbohydrate on board', () => {
  it.each([
    { why: 'nothing has acted before the delay is over', share: insulinRemaining(10), expected: 1 },
    { why: 'everything has acted after 370 minutes', share: insulinRemaining(370), expected: 0 },
    { why: 'half of a meal is absorbed after half its time', share: carbsRemaining(100), expected: 0.5 },
    { why: 'a meal is absorbed after 190 minutes', share: carbsRemaining(190), expected: 0 },
  ])('$why', ({ share, expected }) => {
    expect(share).toBeCloseTo(expected, 12)
  })

  it('acts fastest 75 minutes after the delay', () => {
    const activity = (minutes: number): number =>
      insulinRemaining(minutes - 0.5) - insulinRemaining(minutes + 0.5)
    const fastest = Array.from({ length: 360 }, (_, i) => i + 10).sort((a, b) => activity(b) - activity(a))[0]
    expect(fastest).toBe(85)
  })

  it('only ever falls, between 1 and 0', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0, max: 500, noNaN: true }),
        fc.double({ min: 0, max: 60, noNaN: true }),
        (t, d) => {
          for (const curve of [insulinRemaining, carbsRemaining]) {
            expect(curve(t)).toBeLessThanOrEqual(1)
            expect(curve(t + d)).toBeGreaterThanOrEqual(0)
            expect(curve(t + d)).toBeLessThanOrEqual(curve(t) + 1e-12)
          }
        },
      ),
    )
  })

  it('adds what several doses left, and nothing of a later one', () => {
    const doses = { at: Float64Array.of(0, 3600, 7200), amount: Float64Array.of(2, 3, 9) }
    const expected = 2 * insulinRemaining(90) + 3 * insulinRemaining(30)
    expect(insulinOnBoard(doses, 5400)).toBeCloseTo(expected, 12)
  })
})
