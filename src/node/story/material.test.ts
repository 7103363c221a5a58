import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Glucose } from '../../series/index.ts'
import { hourOf, type LocalSeconds, quantity, type UnixSeconds } from '../../vocabulary/index.ts'
import { materialOf, within } from './material.ts'

const HOUR = 3600

function reading(at: number): Glucose {
  return {
    type: 'glucose',
    at: quantity<UnixSeconds>(at),
    local: quantity<LocalSeconds>(at),
    value: 100,
    unit: 'mg/dL',
    method: 'cgm',
  }
}

const readings = (...instants: readonly number[]): readonly Glucose[] =>
  [...instants].sort((a, b) => a - b).map(reading)

describe('what the story is played on', () => {
  it('shares three days of a long trace, with readings in the hours before and after', () => {
    const trace = readings(...Array.from({ length: 14 * 288 }, (_, i) => 1_740_787_200 + i * 300))
    const { window, late, records } = materialOf('p', trace, false)
    expect(window.end - window.first).toBe(72)
    const hours = new Set(trace.map(({ at }) => hourOf(at)))
    expect(hours.has(quantity(window.first - 1))).toBe(true)
    expect(hours.has(window.end)).toBe(true)
    expect(late).toHaveLength(6)
    expect(records).toHaveLength(trace.length - 6)
  })

  it('leaves the hours beside it to be tried where there is but one hour, unless the day ends there', () => {
    const { window } = materialOf('p', readings(...[0, 1, 2].map((i) => 10 * HOUR + i * 300)), false)
    expect(window.end - window.first).toBe(1)
  })

  it('refuses fewer than three readings', () => {
    expect(() => materialOf('p', readings(0, 300), false)).toThrow(
      expect.objectContaining({ code: 'TOO_LITTLE_GLUCOSE' }),
    )
  })

  it('always leaves something to open and something that comes late, inside the window, and loses no record', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: -900_000_000, max: 2_000_000_000 }), { minLength: 3, maxLength: 60 }),
        fc.constantFrom(1, 60, 3_600, 40_000),
        (raw, scale) => {
          const trace = readings(...raw.map((value) => Math.round(value / scale)))
          const { window, late, records } = materialOf('p', trace, false)
          const inside = records.filter((record) => within(window, record.at))
          expect(window.end).toBeGreaterThan(window.first)
          expect(records.length + late.length).toBe(trace.length)
          expect(inside.length).toBeGreaterThanOrEqual(1)
          expect(late.every((one) => within(window, one.at))).toBe(true)
        },
      ),
    )
  })
})
