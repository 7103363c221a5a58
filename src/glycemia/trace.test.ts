import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { reading } from '../series/testing/shared-data.ts'
import { MG_PER_DL_PER_MMOL_PER_L } from '../vocabulary/index.ts'
import { PRESETS } from './presets.ts'
import { reportDocument } from './report-document.ts'
import { timeInBands, timeInRanges } from './time-in-range.ts'
import { mgPerDlOf, traceOf } from './trace.ts'

const F = MG_PER_DL_PER_MMOL_PER_L
const sharesOf = (value: number, unit: 'mg/dL' | 'mmol/L') => timeInRanges(traceOf([reading(0, value, unit)]))

describe('a value is judged in the unit it was written in', () => {
  test.each([
    { value: 70, unit: 'mg/dL', inRange: 100, why: '70 itself is in range' },
    { value: 69.99, unit: 'mg/dL', inRange: 0, why: 'just below is not' },
    { value: 180, unit: 'mg/dL', inRange: 100, why: '180 itself is in range' },
    { value: 180.01, unit: 'mg/dL', inRange: 0, why: 'just above is not' },
    { value: 10, unit: 'mmol/L', inRange: 100, why: '10.0 × 18.01559 is above 180, yet 10.0 is in range' },
    { value: 10.1, unit: 'mmol/L', inRange: 0, why: 'the next rounded value is not' },
    { value: 3.9, unit: 'mmol/L', inRange: 100, why: '3.9 is the lower border' },
    { value: 3.8, unit: 'mmol/L', inRange: 0, why: 'below the border' },
    { value: 180 / F, unit: 'mmol/L', inRange: 100, why: 'unrounded 180 mg/dL is 180 mg/dL' },
    { value: 181 / F, unit: 'mmol/L', inRange: 0, why: 'unrounded 181 mg/dL is 181 mg/dL' },
    {
      value: 70 / F,
      unit: 'mmol/L',
      inRange: 100,
      why: '70 mg/dL is 3.885… mmol/L, below 3.9, yet in range',
    },
    {
      value: Math.round((180 / F) * 1e5) / 1e5,
      unit: 'mmol/L',
      inRange: 100,
      why: 'stored with five decimals',
    },
    { value: 10.01, unit: 'mmol/L', inRange: 0, why: 'two decimals are a rounded value' },
    { value: 9.995, unit: 'mmol/L', inRange: 100, why: 'three decimals that are no whole mg/dL stay mmol/L' },
  ] as const)('$value $unit: $why', ({ value, unit, inRange }) => {
    expect(sharesOf(value, unit).from70to180).toBe(inRange)
  })

  test.each([
    { value: 54, below54: 0, below70: 100, why: '54 is level 1' },
    { value: 53, below54: 100, below70: 100, why: 'level 2 lies inside everything below 70' },
    { value: 140, below54: 0, below70: 0, why: '140 is still tight range' },
  ])('$value mg/dL: $why', ({ value, below54, below70 }) => {
    expect(sharesOf(value, 'mg/dL')).toMatchObject({ below54, below70 })
  })

  test('unrounded mmol/L is converted to the whole mg/dL it came from, rounded mmol/L by the one factor', () => {
    fc.assert(
      fc.property(fc.integer({ min: 20, max: 600 }), (mgdl) => {
        expect(mgPerDlOf({ value: mgdl / F, unit: 'mmol/L' })).toBe(mgdl)
      }),
    )
    expect(mgPerDlOf({ value: 5.5, unit: 'mmol/L' })).toBe(5.5 * F)
  })
})

describe('textual Low and High', () => {
  const low = { ...reading(0, 39), text: 'low' as const }
  const high = { ...reading(300, 401), text: 'high' as const }
  const plain = reading(600, 120)

  test('count in their ranges and enter the mean at their substitutes', () => {
    const document = reportDocument([low, high, plain])
    expect(document.tbr54_percent).toBeCloseTo(100 / 3, 10)
    expect(document.tar250_percent).toBeCloseTo(100 / 3, 10)
    expect(document.mean_mgdl).toBeCloseTo((39 + 401 + 120) / 3, 10)
  })

  test('count as very low even when a device with a high floor substitutes 59', () => {
    expect(reportDocument([{ ...low, value: 59 }]).tbr54_percent).toBe(100)
  })

  test('are left out everywhere on request', () => {
    expect(reportDocument([low, high, plain], { outOfRange: 'omit' })).toEqual(reportDocument([plain]))
  })
})

test('a sensor trace is not mixed with scans and finger sticks taken beside it', () => {
  const sensor = [reading(0, 100), reading(300, 110)]
  const scan = { ...reading(60, 300), method: 'scan' as const }
  const stick = { ...reading(90, 40), method: 'smbg' as const }
  expect(reportDocument([...sensor, scan, stick])).toEqual(reportDocument(sensor))
  expect(reportDocument([scan, stick]).mean_mgdl).toBe(300)
  expect(reportDocument([stick]).mean_mgdl).toBe(40)
})

test.each([0, -1, Number.NaN, Number.POSITIVE_INFINITY])('%d is refused as a glucose value', (value) => {
  expect(() => traceOf([reading(0, value)])).toThrow(expect.objectContaining({ code: 'NOT_A_GLUCOSE_VALUE' }))
})

test('the bands of every preset cover every value once: their shares sum to 100', () => {
  const value = fc.oneof(
    fc.record({ value: fc.integer({ min: 20, max: 600 }), unit: fc.constant('mg/dL' as const) }),
    fc.record({
      value: fc.integer({ min: 11, max: 333 }).map((n) => n / 10),
      unit: fc.constant('mmol/L' as const),
    }),
    fc.record({
      value: fc.integer({ min: 20, max: 600 }).map((n) => n / F),
      unit: fc.constant('mmol/L' as const),
    }),
  )
  fc.assert(
    fc.property(fc.array(value, { minLength: 1, maxLength: 60 }), (values) => {
      const trace = traceOf(values.map((v, i) => reading(i * 300, v.value, v.unit)))
      for (const preset of Object.values(PRESETS)) {
        const shares = timeInBands(trace, preset).map(({ percent }) => percent ?? Number.NaN)
        expect(shares.reduce((sum, share) => sum + share, 0)).toBeCloseTo(100, 9)
        expect(Math.min(...shares)).toBeGreaterThanOrEqual(0)
      }
    }),
  )
})
