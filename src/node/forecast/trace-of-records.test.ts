import { describe, expect, it } from 'vitest'
import type { HealthRecord, Insulin } from '../../series/index.ts'
import { type MgPerDl, quantity, type Units, type UnixSeconds } from '../../vocabulary/index.ts'
import { traceOfRecords } from './trace-of-records.ts'

const at = (seconds: number) => quantity<UnixSeconds>(seconds)

function insulin(seconds: number, units: number, delivery: Insulin['delivery']): HealthRecord {
  return { type: 'insulin', at: at(seconds), units: quantity<Units>(units), delivery }
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
    const sensor = { type: 'glucose', at: at(0), value: quantity<MgPerDl>(100), unit: 'mg/dL', method: 'cgm' }
    const { glucose } = traceOfRecords('a', [
      sensor as HealthRecord,
      { ...sensor, at: at(60), method: 'smbg' } as HealthRecord,
      { ...sensor, at: at(300), value: 10, unit: 'mmol/L' } as HealthRecord,
    ])
    expect(glucose.at).toHaveLength(2)
    expect(glucose.value[1]).toBeCloseTo(180.1559, 4)
  })
})
