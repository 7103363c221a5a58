import { describe, expect, it } from 'vitest'
import { readDocument } from '../index.ts'
import { bytes, sum } from '../testing/sums.ts'

const read = (documents: unknown, options = {}) => readDocument(bytes(JSON.stringify(documents)), options)
const DATE = Date.parse('2026-01-01T09:00:00Z')

describe('Nightscout entries', () => {
  it.each([
    [{ sgv: 120 }, { value: 120, method: 'cgm' }, 'a number'],
    [{ sgv: '120' }, { value: 120 }, 'a string for a number'],
    [{ sgv: 39 }, { value: 39, text: 'low' }, 'Low'],
    [{ sgv: 401 }, { value: 401, text: 'high' }, 'High'],
    [{ sgv: null, glucose: 130 }, { value: 130 }, 'iAPS writes both'],
    [{ type: 'mbg', mbg: 110 }, { value: 110, method: 'smbg' }, 'a finger stick'],
  ])('%j', (entry, expected, _why) => {
    const document = read([{ type: 'sgv', date: DATE, ...entry }])
    expect(document.kept).toBe(1)
    expect(document.people[0]?.records[0]).toMatchObject({ unit: 'mg/dL', ...expected })
  })

  it.each([
    [{ sgv: 5 }, 'SENSOR_ERROR'],
    [{ sgv: 12 }, 'SENSOR_ERROR'],
    [{ sgv: null }, 'NO_VALUE'],
    [{ sgv: '1x0' }, 'UNPARSED_VALUE'],
    [{ sgv: -5 }, 'OUT_OF_RANGE'],
    [{ sgv: 5000 }, 'OUT_OF_RANGE'],
    [{ sgv: 120, date: undefined }, 'UNPARSED_TIME'],
    [{ sgv: 120, date: 'soon' }, 'UNPARSED_TIME'],
    [{ sgv: 120, isValid: false }, 'DELETED'],
  ])('%j is dropped as %s', (entry, reason) => {
    const document = read([{ type: 'sgv', date: DATE, ...entry }])
    expect(document).toMatchObject({ rows: 1, kept: 0, dropped: [{ reason, count: 1, lines: [1] }] })
  })

  it.each([
    [{ date: DATE }, DATE, DATE, 'milliseconds'],
    [{ date: DATE / 1000 }, DATE, DATE, 'seconds'],
    [{ date: { $numberLong: String(DATE) } }, DATE, DATE, 'a database dump'],
    [{ date: String(DATE) }, DATE, DATE, 'milliseconds in a string'],
    [
      { date: undefined, dateString: '2026-01-01T10:00:00.000+0100' },
      DATE,
      DATE + 3_600_000,
      'offset without colon',
    ],
    [{ date: DATE, dateString: 'Thu Jan 01 11:00:00 EET 2026' }, DATE, DATE, 'a Java date beside a date'],
    [{ date: DATE, utcOffset: 180 }, DATE, DATE + 10_800_000, 'an offset in minutes'],
    [
      { date: DATE, utcOffset: 0, dateString: '2026-01-01T09:00:00.000Z' },
      DATE,
      DATE,
      'offset 0 says nothing',
    ],
    [{ date: DATE, utcOffset: 99_999 }, DATE, DATE, 'an impossible offset'],
  ])('time of %j', (entry, at, local, _why) => {
    const record = read([{ type: 'sgv', sgv: 120, ...entry }]).people[0]?.records[0]
    expect(record).toMatchObject({ at: at / 1000, local: local / 1000 })
  })

  it('a zone given by the caller puts the local clock right where utcOffset is 0', () => {
    const document = read([{ type: 'sgv', sgv: 120, date: DATE, utcOffset: 0 }], { zone: 'Europe/Moscow' })
    expect(document.people[0]).toMatchObject({ zone: 'Europe/Moscow', clock: 'source' })
    expect(document.people[0]?.records[0]?.local).toBe(DATE / 1000 + 3 * 3600)
  })

  it('a profile beside the entries names the zone', () => {
    const document = read({
      entries: [{ type: 'sgv', sgv: 120, date: DATE }],
      profile: [
        { defaultProfile: 'day', store: { day: { timezone: 'Asia/Tokyo', units: 'mmol' } }, startDate: 'x' },
      ],
    })
    expect(document).toMatchObject({ rows: 2, kept: 1, dropped: [{ reason: 'SETTINGS' }] })
    expect(document.people[0]?.records[0]?.local).toBe(DATE / 1000 + 9 * 3600)
  })

  it('the same batch sent again in one file counts once; order newest first is no disorder', () => {
    const entries = [2, 1, 0].map((n) => ({ type: 'sgv', sgv: 120 + n, date: DATE + n * 300_000 }))
    const document = read([...entries, ...entries])
    expect(document).toMatchObject({ rows: 6, kept: 3, dropped: [{ reason: 'DUPLICATE', count: 3 }] })
    expect(read(entries).outOfOrder).toBe(0)
  })

  it('newline-delimited entries are read, and a broken line costs itself only', () => {
    const line = JSON.stringify({ type: 'sgv', sgv: 120, date: DATE })
    const document = readDocument(bytes(`${line}\n{"type":"sgv","sg\n${line.replace('120', '121')}\n`))
    expect(document).toMatchObject({ rows: 3, kept: 2, dropped: [{ reason: 'BROKEN_ROW', lines: [2] }] })
  })
})

describe('Nightscout treatments', () => {
  const created_at = '2026-01-01T09:00:00.000Z'

  it('one row with carbohydrates, insulin and a note counts once and keeps all three', () => {
    const document = read([
      {
        eventType: 'Meal Bolus',
        created_at,
        carbs: '45',
        insulin: 4.5,
        notes: 'lunch',
        insulinInjections: '[]',
      },
    ])
    expect(document).toMatchObject({
      rows: 1,
      other: { insulin: 1, meal: 0, note: 0 },
      extra: { meal: 1, note: 1 },
    })
    expect(document.people[0]?.records).toHaveLength(3)
    expect(sum(document)).toBe(1)
  })

  it.each([
    [
      { eventType: 'BG Check', glucose: 6.1, units: 'mmol' },
      { type: 'glucose', unit: 'mmol/L', method: 'smbg' },
    ],
    [
      { eventType: 'BG Check', glucose: 110, units: 'mg/dl', glucoseType: 'Finger' },
      { unit: 'mg/dL', value: 110 },
    ],
    [
      { eventType: 'Correction Bolus', insulin: 0.6 },
      { type: 'insulin', delivery: 'correction', units: 0.6 },
    ],
    [
      { eventType: 'Exercise', duration: 30 },
      { type: 'activity', seconds: 1800 },
    ],
    [
      { eventType: 'Note', notes: 'dinner\u0007out' },
      { type: 'note', text: 'dinner out' },
    ],
    [{ eventType: 'Site Change' }, { type: 'device', event: 'site change' }],
    [
      { eventType: '<script>7F354325', duration: 1 },
      { type: 'device', event: 'other' },
    ],
    [
      { eventType: 'Temp Basal', absolute: 1.5, duration: 30 },
      { type: 'insulin', delivery: 'basal', units: 0.75, seconds: 1800 },
    ],
    [
      { eventType: 'Temp Basal', percent: 50, duration: 30 },
      { type: 'device', event: 'temp basal' },
    ],
  ])('%j', (treatment, expected) => {
    expect(read([{ created_at, ...treatment }]).people[0]?.records[0]).toMatchObject(expected)
  })

  it('a temporary basal ends where the next begins', () => {
    const document = read([
      { eventType: 'Temp Basal', absolute: 3, duration: 30, created_at: '2026-01-01T09:10:00Z' },
      { eventType: 'Temp Basal', absolute: 6, duration: 30, created_at: '2026-01-01T09:00:00Z' },
      { eventType: 'Temp Basal', duration: 0, created_at: '2026-01-01T09:20:00Z' },
    ])
    expect(document.people[0]?.records).toMatchObject([
      { units: 1, seconds: 600 },
      { units: 0.5, seconds: 600 },
      { type: 'device', event: 'temp basal' },
    ])
  })

  it('device status is no reading', () => {
    const document = read([
      { device: 'loop://iPhone', created_at, pump: { battery: 1 } },
      { type: 'sgv', sgv: 100, date: DATE },
    ])
    expect(document).toMatchObject({ kept: 1, dropped: [{ reason: 'NOT_GLUCOSE', lines: [1] }] })
  })
})
