/** Adherence counts what was recorded, on days that say something, and never more than was prescribed. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Insulin } from '../series/index.ts'
import { type InsulinUnits, type LocalSeconds, quantity, type UnixSeconds } from '../vocabulary/index.ts'
import { adherence } from './adherence.ts'

const DAY = 86_400
const HOUR = 3_600
/** Midnight where the person lives, two hours ahead of UTC. */
const OFFSET = 2 * HOUR
const START = 20_000 * DAY - OFFSET

const dose = (day: number, hour: number, delivery: Insulin['delivery']): Insulin => {
  const at = START + day * DAY + hour * HOUR
  return {
    type: 'insulin',
    at: quantity<UnixSeconds>(at),
    local: quantity<LocalSeconds>(at + OFFSET),
    units: quantity<InsulinUnits>(4),
    delivery,
  }
}
const daily = (frequency: number, delivery: 'bolus' | 'long-acting' = 'bolus', days = 10) => ({
  delivery,
  frequency,
  start: quantity<UnixSeconds>(START),
  end: quantity<UnixSeconds>(START + days * DAY),
})
const READ = { from: START - 30 * DAY, until: START + 30 * DAY }

describe('adherence', () => {
  test.each<
    readonly [string, readonly Insulin[], number, readonly [number, number, number, number] | undefined]
  >([
    ['nothing recorded says nothing', [], 2, undefined],
    [
      'two of two on one day, nothing known of nine',
      [dose(0, 8, 'bolus'), dose(0, 18, 'correction')],
      2,
      [1, 9, 2, 2],
    ],
    ['one of two', [dose(3, 8, 'rapid-acting')], 2, [1, 9, 1, 2]],
    [
      'four on one day do not make up for none on the next',
      [8, 12, 18, 22].map((hour) => dose(0, hour, 'bolus')).concat(dose(1, 8, 'basal')),
      2,
      [2, 8, 2, 4],
    ],
    ['a day with basal insulin alone is a day without the bolus', [dose(0, 1, 'basal')], 1, [1, 9, 0, 1]],
    [
      'days before and after the prescription do not count',
      [dose(-1, 8, 'bolus'), dose(10, 8, 'bolus')],
      1,
      undefined,
    ],
    [
      'just before local midnight is still that day',
      [dose(0, 23.9, 'bolus'), dose(1, 8, 'bolus')],
      2,
      [2, 8, 2, 4],
    ],
  ])('%s', (_, insulin, frequency, expected) => {
    const found = adherence(daily(frequency), insulin, READ)
    expect(found && [found.days, found.unknownDays, found.doses, found.prescribed]).toEqual(expected)
  })

  test('long-acting insulin is counted apart from what is given for meals', () => {
    const insulin = [dose(0, 22, 'long-acting'), dose(0, 8, 'bolus'), dose(1, 8, 'bolus')]
    expect(adherence(daily(1, 'long-acting'), insulin, READ)).toMatchObject({
      days: 2,
      doses: 1,
      percent: 50,
    })
  })

  test('a day that was not read whole does not count', () => {
    const insulin = [dose(0, 8, 'bolus'), dose(1, 8, 'bolus'), dose(2, 8, 'bolus')]
    const read = { from: START + HOUR, until: START + 2.5 * DAY }
    expect(adherence(daily(1), insulin, read)).toMatchObject({ days: 1, unknownDays: 0, percent: 100 })
  })

  test('is between none and all, grows with every dose recorded on a known day, and adds up', () => {
    const recorded = fc.array(
      fc.record({ day: fc.integer({ min: -2, max: 12 }), hour: fc.integer({ min: 0, max: 23 }) }),
      {
        maxLength: 60,
      },
    )
    fc.assert(
      fc.property(recorded, fc.integer({ min: 1, max: 6 }), (doses, frequency) => {
        const insulin = doses.map(({ day, hour }) => dose(day, hour, 'bolus'))
        const found = adherence(daily(frequency), insulin, READ)
        if (found === undefined) return
        expect(found.days + found.unknownDays).toBe(10)
        expect(found.doses).toBeLessThanOrEqual(found.prescribed)
        const known = doses.find(({ day }) => day >= 0 && day < 10)
        if (known === undefined) throw new Error('no day counts')
        const more = adherence(daily(frequency), [...insulin, dose(known.day, 12, 'bolus')], READ)
        expect(more?.percent).toBeGreaterThanOrEqual(found.percent)
      }),
    )
  })
})
