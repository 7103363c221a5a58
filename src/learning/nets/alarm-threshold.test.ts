import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { warning } from '../metrics/hypo.ts'
import { alarmThreshold } from './alarm-threshold.ts'

const pairs = (...rows: readonly (readonly [truth: number, forecast: number])[]) => ({
  truth: Float64Array.from(rows, ([truth]) => truth),
  forecast: Float64Array.from(rows, ([, forecast]) => forecast),
})

describe('the alarm threshold', () => {
  it('is the one that foretells enough lows with the fewest false alarms', () => {
    const validation = pairs([60, 65], [62, 78], [66, 84], [90, 81], [95, 83.5], [120, 118])
    expect(alarmThreshold(validation, 60)).toMatchObject({
      code: 'REACHED',
      threshold: 79,
      warning: { events: 3, alarms: 2, ppv: 100 },
    })
    expect(alarmThreshold(validation, 100)).toMatchObject({ code: 'REACHED', threshold: 85 })
  })

  it('says so when nothing up to 110 mg/dL is enough, or there is no low', () => {
    expect(alarmThreshold(pairs([60, 100], [65, 140]), 90)).toMatchObject({
      code: 'SENSITIVITY_NOT_REACHED',
      threshold: 101,
      warning: { sensitivity: 50 },
    })
    expect(alarmThreshold(pairs([90, 60]), 90)).toEqual({ code: 'NO_LOWS' })
  })

  it('has no rival with enough sensitivity and a better PPV', () => {
    const value = fc.integer({ min: 40, max: 160 })
    fc.assert(
      fc.property(
        fc.array(fc.tuple(value, value), { minLength: 1, maxLength: 40 }),
        fc.constantFrom(50, 80, 100),
        (rows, wanted) => {
          const validation = pairs(...rows)
          const choice = alarmThreshold(validation, wanted)
          for (let rival = 70; rival <= 110; rival++) {
            const { sensitivity, ppv } = warning(validation, rival)
            if ((sensitivity ?? -1) < wanted) continue
            if (choice.code !== 'REACHED' || (ppv ?? 0) > (choice.warning.ppv ?? 0)) return false
          }
          return choice.code !== 'REACHED' || (choice.warning.sensitivity ?? 0) >= wanted
        },
      ),
    )
  })
})
