import { describe, expect, it } from 'vitest'
import type { Glucose, Insulin } from '../series/index.ts'
import { type InsulinUnits, type LocalSeconds, quantity, type UnixSeconds } from '../vocabulary/index.ts'
import { traceOfRecords } from './trace-of-records.ts'

const timed = (seconds: number) => ({
  at: quantity<UnixSeconds>(seconds),
  local: quantity<LocalSeconds>(seconds),
})

function insulin(seconds: number, units: number, delivery: Insulin['delivery']): Insulin {
  return { type: 'insulin', ...timed(seconds), units: quantity<InsulinUnits>(units), delivery }
}

function glucose(seconds: number, reading: Pick<Glucose, 'value' | 'unit' | 'method'>): Glucose {
  return { type: 'glucose', ...timed(seconds), ...reading }
}

describe('the trace of records', () => {
  it('counts every rapid delivery, a pen’s as a pump’s, in order of time; basal and long-acting are another matter', () => {
    const { boluses } = traceOfRecords('a', [
      insulin(400, 4, 'rapid-acting'),
      insulin(300, 3, 'correction'),
      insulin(500, 5, 'basal'),
      insulin(200, 2, 'bolus'),
      insulin(100, 1, 'long-acting'),
    ])
    expect([[...(boluses?.at ?? [])], [...(boluses?.amount ?? [])]]).toEqual([
      [200, 300, 400],
      [2, 3, 4],
    ])
  })

  it('leaves finger sticks out and says mg/dL whatever the source says', () => {
    const { glucose: kept } = traceOfRecords('a', [
      glucose(0, { value: 100, unit: 'mg/dL', method: 'cgm' }),
      glucose(60, { value: 90, unit: 'mg/dL', method: 'smbg' }),
      glucose(300, { value: 10, unit: 'mmol/L', method: 'cgm' }),
    ])
    expect(kept.at).toHaveLength(2)
    expect(kept.value[1]).toBeCloseTo(180.1559, 4)
  })
})
