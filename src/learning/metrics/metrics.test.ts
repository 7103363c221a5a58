import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Windows } from '../data/windows.ts'
import { clarkeZone } from './clarke.ts'
import { tunedThreshold, warning } from './hypo.ts'
import { parkesZone } from './parkes.ts'
import { pointErrors } from './point-errors.ts'
import { score } from './score.ts'

const pairs = (truth: readonly number[], forecast: readonly number[]) => ({
  truth: Float64Array.from(truth),
  forecast: Float64Array.from(forecast),
})
const glucose = fc.integer({ min: 30, max: 450 })

describe('point errors', () => {
  it('are the ones of a table worked by hand', () => {
    const { n, rmse, mae, mard, iso15 } = pointErrors(pairs([100, 200, 80, 50], [110, 180, 80, 80]))
    expect(n).toBe(4)
    expect(rmse).toBeCloseTo(Math.sqrt((100 + 400 + 0 + 900) / 4), 12)
    expect(mae).toBe(15)
    expect(mard).toBeCloseTo((10 + 10 + 0 + 60) / 4, 12)
    expect(iso15).toBe(75)
  })

  it('count ±15 mg/dL below 100 and ±15 % from there as within', () => {
    const within = (truth: number, forecast: number): number => pointErrors(pairs([truth], [forecast])).iso15
    expect([within(99, 114), within(99, 115), within(100, 115), within(200, 231)]).toEqual([100, 0, 100, 0])
  })
})

describe('error grids', () => {
  // Points on and beside the lines of Clarke 1987, figure 1.
  it.each([
    [70, 70, 'A'],
    [60, 50, 'A'],
    [200, 240, 'A'],
    [200, 160, 'A'],
    [200, 241, 'B'],
    [50, 61, 'A'],
    [50, 75, 'D'],
    [180, 70, 'E'],
    [70, 180, 'E'],
    [69, 181, 'E'],
    [181, 69, 'E'],
    [100, 210, 'C'],
    [100, 209, 'B'],
    [290, 400, 'C'],
    [291, 401, 'B'],
    [150, 28, 'C'],
    [150, 29, 'B'],
    [240, 180, 'D'],
    [239, 180, 'B'],
    [300, 100, 'D'],
    [300, 181, 'B'],
    [58, 100, 'D'],
    [65, 78, 'A'],
    [65, 84, 'D'],
    [130, 30, 'B'],
  ] as const)('Clarke: reference %d, forecast %d lies in %s', (reference, forecast, zone) => {
    expect(clarkeZone(reference, forecast)).toBe(zone)
  })

  // Corners of Pfützner 2013, table 1 (type 1), and points one mg/dL outside of each.
  it.each([
    [30, 50, 'A'],
    [30, 51, 'B'],
    [140, 170, 'A'],
    [140, 171, 'B'],
    [280, 380, 'A'],
    [280, 381, 'B'],
    [50, 30, 'A'],
    [50, 10, 'A'],
    [51, 10, 'B'],
    [170, 145, 'A'],
    [170, 144, 'B'],
    [385, 300, 'A'],
    [385, 299, 'B'],
    [30, 60, 'B'],
    [30, 61, 'C'],
    [50, 80, 'B'],
    [50, 81, 'C'],
    [70, 110, 'B'],
    [70, 111, 'C'],
    [120, 30, 'B'],
    [121, 30, 'C'],
    [260, 130, 'B'],
    [260, 129, 'C'],
    [25, 100, 'C'],
    [25, 101, 'D'],
    [50, 125, 'C'],
    [50, 126, 'D'],
    [80, 215, 'C'],
    [80, 216, 'D'],
    [250, 40, 'C'],
    [251, 40, 'D'],
    [35, 155, 'D'],
    [35, 156, 'E'],
    [20, 160, 'E'],
  ] as const)('Parkes: reference %d, forecast %d lies in %s', (reference, forecast, zone) => {
    expect(parkesZone(reference, forecast)).toBe(zone)
  })

  it('never judge a forecast nearer to the truth on the same side more harshly (Parkes)', () => {
    fc.assert(
      fc.property(glucose, glucose, glucose, (reference, a, b) => {
        const [near, far] = Math.abs(a - reference) <= Math.abs(b - reference) ? [a, b] : [b, a]
        if (Math.sign(near - reference) !== Math.sign(far - reference)) return
        expect(parkesZone(reference, near) <= parkesZone(reference, far)).toBe(true)
      }),
    )
  })

  it('put a perfect forecast into A', () => {
    for (let g = 30; g <= 450; g++) expect(clarkeZone(g, g) + parkesZone(g, g)).toBe('AA')
  })
})

describe('warning of lows', () => {
  const four = pairs([60, 65, 90, 100], [66, 74, 69, 110])

  it('counts alarms among events and events among alarms', () => {
    expect(warning(four)).toEqual({ events: 2, alarms: 2, sensitivity: 50, ppv: 50 })
    expect(warning(four, 75)).toMatchObject({ alarms: 3, sensitivity: 100 })
  })

  it('says unknown where there is nothing to count', () => {
    expect(warning(pairs([100], [100]))).toEqual({ events: 0, alarms: 0, sensitivity: null, ppv: null })
  })

  it('tunes the threshold on what it is given and stays at 70 without a low', () => {
    expect(tunedThreshold(four)).toBe(75)
    expect(tunedThreshold(pairs([100, 120], [60, 65]))).toBe(70)
  })
})

describe('the score', () => {
  it('counts no cell without a real reading', () => {
    const windows: Windows = {
      count: 2,
      steps: 1,
      features: 1,
      horizon: 12,
      people: ['p'],
      inputs: new Float32Array(2),
      last: Float32Array.of(100, 100),
      person: new Int32Array(2),
      anchor: new Float64Array(2),
      targets: new Float32Array(24).fill(100),
      scored: Uint8Array.from({ length: 24 }, (_, i) => (i < 12 ? 1 : 0)),
    }
    const path = new Float32Array(24).fill(110)
    const expected = score(windows, path)
    expect(expected.at30).toMatchObject({ n: 1, rmse: 10, mae: 10 })
    expect(expected.path).toEqual({ n: 12, mse: 100, mae: 10 })
    path.fill(450, 12)
    expect(score(windows, path)).toEqual(expected)
  })
})
