import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { dayOfMeals } from './meals.ts'
import { deliverableBasal, deliverableBolus, PUMPS } from './pump.ts'
import { randomStream, xoshiro128 } from './random.ts'
import { FIFTEEN_MINUTE_SENSOR, FIVE_MINUTE_SENSOR, Sensor } from './sensor.ts'

describe('randomness', () => {
  test('the generator gives the outputs of its description', () => {
    const path = new URL('../../test-vectors/xoshiro128-starstar.json', import.meta.url)
    const vector: unknown = JSON.parse(readFileSync(path, 'utf8'))
    const { state, outputs } = vector as { state: number[]; outputs: number[] }
    const next = xoshiro128(Uint32Array.from(state))
    expect(outputs.map(() => next())).toEqual(outputs)
  })

  test('the same name gives the same stream, another name another', () => {
    const take = (...labels: (string | number)[]) => {
      const stream = randomStream(1, ...labels)
      return Array.from({ length: 20 }, () => stream.uniform())
    }
    expect(take('a', 2)).toEqual(take('a', 2))
    expect(take('a', 2)).not.toEqual(take('a', 3))
  })

  test('uniform lies in [0, 1) with mean 1/2 and normal has mean 0 and SD 1', () => {
    const stream = randomStream(42, 'moments')
    const n = 40_000
    let [u, s, q, outside] = [0, 0, 0, 0]
    for (let i = 0; i < n; i++) {
      const value = stream.uniform()
      if (!(value >= 0 && value < 1)) outside++
      u += value / n
      const normal = stream.normal()
      s += normal / n
      q += (normal * normal) / n
    }
    expect(outside).toBe(0)
    expect(u).toBeCloseTo(0.5, 2)
    expect(s).toBeCloseTo(0, 1)
    expect(q).toBeCloseTo(1, 1)
  })
})

describe('the sensor', () => {
  const wear = (
    model: typeof FIVE_MINUTE_SENSOR,
    days: number,
    glucose: (minute: number) => number,
    seed = 3,
  ) => {
    const sensor = new Sensor(model, randomStream(seed, 'sensor'))
    return Array.from({ length: days * 1440 }, (_, minute) => ({
      minute,
      reading: sensor.read(minute, glucose(minute), false),
    }))
  }
  const plain = { ...FIVE_MINUTE_SENSOR, dropout: 0, compression: false }

  test.each([FIVE_MINUTE_SENSOR, FIFTEEN_MINUTE_SENSOR])('speaks $name and never between', (model) => {
    const wrong = wear(model, 1, () => 120).filter(
      ({ minute, reading }) => (reading === undefined) !== (minute % model.stepMinutes !== 0),
    )
    expect(wrong).toEqual([])
  })

  test('errs as the published model: mean about 0.7, SD about 11.7 mg/dL, correlated in time', () => {
    const errors: number[] = []
    for (let seed = 1; seed <= 12; seed++) {
      for (const { reading } of wear(plain, 9, () => 150, seed)) {
        if (reading?.kind === 'value') errors.push(reading.mgPerDl - 150)
      }
    }
    const mean = errors.reduce((sum, e) => sum + e, 0) / errors.length
    const variance = errors.reduce((sum, e) => sum + (e - mean) ** 2, 0) / errors.length
    const lagged = errors.slice(3).reduce((sum, e, i) => sum + (e - mean) * ((errors[i] ?? 0) - mean), 0)
    expect(Math.abs(mean - 0.7)).toBeLessThan(4)
    expect(Math.sqrt(variance)).toBeGreaterThan(10)
    expect(Math.sqrt(variance)).toBeLessThan(16)
    expect(lagged / (errors.length * variance)).toBeGreaterThan(0.5)
  })

  test('says Low and High beyond its limits, never a number', () => {
    const kinds = (glucose: number) => {
      const read = wear(plain, 4, () => glucose).flatMap(({ reading }) =>
        reading === undefined ? [] : [reading],
      )
      const values = read.flatMap((reading) => (reading.kind === 'value' ? [reading.mgPerDl] : []))
      expect(values.every((value) => value >= 40 && value <= 400)).toBe(true)
      return (kind: string) => read.filter((reading) => reading.kind === kind).length / read.length
    }
    expect(kinds(5)('low')).toBeGreaterThan(0.95)
    expect(kinds(600)('high')).toBe(1)
    expect(kinds(120)('value')).toBe(1)
  })

  test('loses about the stated share, in runs, and is silent for two hours after a change', () => {
    const readings = wear({ ...plain, dropout: 0.05 }, 200, () => 120).filter(
      ({ reading }) => reading !== undefined,
    )
    const worn = readings.filter(({ minute }) => minute < 14_400 || minute % 14_400 >= 120)
    const lost = worn.filter(({ reading }) => reading?.kind === 'silent').length / worn.length
    expect(lost).toBeGreaterThan(0.03)
    expect(lost).toBeLessThan(0.07)
    const warming = readings.filter(({ minute }) => minute >= 14_400 && minute % 14_400 < 120)
    expect(warming.every(({ reading }) => reading?.kind === 'silent')).toBe(true)
    expect(warming).toHaveLength(19 * 24)
  })

  test('reads low from lying on it on some nights only', () => {
    const dips = (compression: boolean): number => {
      const sensor = new Sensor({ ...plain, compression }, randomStream(5, 'night'))
      let sum = 0
      for (let minute = 0; minute < 60 * 1440; minute++) {
        const reading = sensor.read(minute, 120, minute % 1440 < 420)
        if (reading?.kind === 'value' && reading.mgPerDl < 85) sum++
      }
      return sum
    }
    expect(dips(true)).toBeGreaterThan(dips(false))
  })
})

test('a pump gives whole increments within its limits', () => {
  for (const pump of PUMPS) {
    fc.assert(
      fc.property(fc.double({ min: -5, max: 200, noNaN: true }), (asked) => {
        const given = deliverableBolus(pump, asked)
        expect(given).toBeGreaterThanOrEqual(0)
        expect(given).toBeLessThanOrEqual(pump.mostBolus)
        expect(Math.abs(given * 20 - Math.round(given * 20))).toBeLessThan(1e-6)
        if (asked >= 0 && asked <= pump.mostBolus)
          expect(Math.abs(given - asked)).toBeLessThanOrEqual(0.025 + 1e-9)
      }),
    )
    expect(deliverableBasal(pump, 1.234)).toBe(1.25)
  }
})

test('days of meals are ordered, inside the day, never less than 5 g, and about three to four a day', () => {
  const stream = randomStream(9, 'meals')
  let count = 0
  for (let day = 0; day < 500; day++) {
    const meals = dayOfMeals(stream, 1, 30)
    count += meals.length
    const minutes = meals.map(({ minute }) => minute)
    expect(minutes).toEqual([...minutes].sort((a, b) => a - b))
    for (const { minute, grams } of meals) {
      expect(minute >= 0 && minute < 1440 && grams >= 5).toBe(true)
    }
  }
  expect(count / 500).toBeGreaterThan(3.3)
  expect(count / 500).toBeLessThan(4.2)
})
