import { describe, expect, it } from 'vitest'
import { readDocument } from '../index.ts'
import { bytes, sum } from '../testing/sums.ts'

const common = {
  time: '2024-05-13T08:00:00.000Z',
  deviceTime: '2024-05-13T10:00:00',
  timezoneOffset: 120,
  deviceId: 'DexG6_SN123456',
}
const read = (documents: unknown, options = {}) => readDocument(bytes(JSON.stringify(documents)), options)

describe('Tidepool', () => {
  it.each([
    [
      { type: 'cbg', units: 'mmol/L', value: 180 / 18.01559 },
      { value: 180 / 18.01559, unit: 'mmol/L', method: 'cgm' },
    ],
    [
      { type: 'smbg', units: 'mg/dL', value: 110 },
      { value: 110, unit: 'mg/dL', method: 'smbg' },
    ],
    [
      {
        type: 'cbg',
        units: 'mmol/L',
        value: 39 / 18.01559,
        annotations: [{ code: 'bg/out-of-range', value: 'low', threshold: 40 }],
      },
      { text: 'low', value: 39 / 18.01559 },
    ],
    [
      { type: 'bolus', subType: 'normal', normal: 7.75 },
      { type: 'insulin', delivery: 'bolus', units: 7.75 },
    ],
    [
      { type: 'bolus', subType: 'automated', normal: 0.5 },
      { delivery: 'correction', units: 0.5 },
    ],
    [
      { type: 'basal', deliveryType: 'scheduled', rate: 1.2, duration: 1_800_000 },
      { delivery: 'basal', units: 0.6, seconds: 1800 },
    ],
    [
      { type: 'basal', deliveryType: 'suspend', duration: 3_600_000 },
      { units: 0, seconds: 3600 },
    ],
    [
      { type: 'food', nutrition: { carbohydrate: { net: 45, units: 'grams' } } },
      { type: 'meal', carbs: 45 },
    ],
    [
      { type: 'wizard', carbInput: 17, bolus: 'x' },
      { type: 'meal', carbs: 17 },
    ],
    [
      { type: 'bloodKetone', units: 'mmol/L', value: 0.4 },
      { type: 'laboratory', code: '66441-7', value: 0.4 },
    ],
    [
      { type: 'physicalActivity', duration: { value: 30, units: 'minutes' }, reportedIntensity: 'high' },
      { type: 'activity', seconds: 1800, intensity: 'high' },
    ],
    [
      { type: 'insulin', dose: { total: 18 }, formulation: { simple: { actingType: 'long' } } },
      { delivery: 'long-acting', units: 18 },
    ],
    [
      { type: 'deviceEvent', subType: 'calibration', value: 6 },
      { type: 'device', event: 'calibration' },
    ],
  ])('%j', (record, expected) => {
    const document = read([{ ...common, ...record }])
    expect(document.people[0]?.records[0]).toMatchObject({
      at: Date.parse('2024-05-13T08:00:00Z') / 1000,
      local: Date.parse('2024-05-13T10:00:00Z') / 1000,
      ...expected,
    })
    expect(JSON.stringify(document)).not.toContain('SN123456')
  })

  it('a dual bolus is two doses of one row', () => {
    const document = read([
      { ...common, type: 'bolus', subType: 'dual/square', normal: 6, extended: 4, duration: 7_200_000 },
    ])
    expect(document).toMatchObject({ rows: 1, other: { insulin: 1 }, extra: { insulin: 1 } })
    expect(document.people[0]?.records).toMatchObject([{ units: 6 }, { units: 4, seconds: 7200 }])
  })

  it('a wrapper and newline-delimited text are read', () => {
    const cbg = { ...common, type: 'cbg', units: 'mmol/L', value: 5.5 }
    expect(read({ data: [cbg] })).toMatchObject({ format: 'tidepool', kept: 1 })
    const lines = `${JSON.stringify(cbg)}\n${JSON.stringify({ ...cbg, value: 6 })}\n`
    expect(readDocument(bytes(lines))).toMatchObject({ format: 'tidepool', rows: 2, kept: 2 })
  })

  it.each([
    [{ type: 'cbg', units: 'furlongs', value: 5 }, 'UNPARSED_VALUE'],
    [{ type: 'cbg', units: 'mmol/L', value: null }, 'NO_VALUE'],
    [{ type: 'cbg', units: 'mmol/L', value: 555 }, 'OUT_OF_RANGE'],
    [{ type: 'cbg', units: 'mmol/L', value: 5, time: 'x', deviceTime: 'y' }, 'UNPARSED_TIME'],
    [{ type: 'pumpSettings' }, 'SETTINGS'],
    [{ type: 'wizard', carbInput: 0 }, 'NOT_GLUCOSE'],
    [{ type: 'unheardOf' }, 'NOT_GLUCOSE'],
  ])('%j is dropped as %s', (record, reason) => {
    const good = { ...common, type: 'cbg', units: 'mmol/L', value: 5.5 }
    const document = read([good, { ...common, ...record }])
    expect(document).toMatchObject({ kept: 1, dropped: [{ reason, count: 1, lines: [2] }] })
    expect(sum(document)).toBe(2)
  })
})
