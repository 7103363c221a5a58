import { describe, expect, it } from 'vitest'
import { readDocument } from '../index.ts'
import { bytes, sum } from '../testing/sums.ts'

const read = (text: string, options = {}) => readDocument(bytes(text), options)

describe('generic CSV', () => {
  it.each([
    ['id,time,gl\nA,2024-05-13 10:00:00,120', 'plain'],
    ['"id","time","gl"\r\n"A",2024-05-13T10:00:00,120', 'quoted'],
    ['subject_id;timestamp;glucose (mg/dL)\nA;2024-05-13 10:00;120,0', 'semicolons and decimal comma'],
    ['Patient ID\tDateTime\tGlucose Value [mg/dL]\nA\t2024-05-13 10:00\t120', 'tabs'],
    ['PtID,DeviceTime,CGM,other\nA,2024-05-13 10:00,120,x', 'other columns are passed over'],
    ['id,date,time,glucose_mg_dl\nA,2024-05-13,10:00:00,120', 'date and clock apart'],
    ['id,time,glucose,unit\nA,2024-05-13 10:00,120,mg/dL', 'a column for the unit'],
    ['id,timestamp,gl\nA,1715594400,120', 'seconds since 1970'],
    ['id,timestamp,gl\nA,1715594400000,120', 'milliseconds since 1970'],
    ['id,time,gl\nA,2024-05-13T12:00:00+02:00,120', 'an offset'],
  ])('%j', (text, _why) => {
    const document = read(text)
    expect(document).toMatchObject({ format: 'csv', rows: 1, kept: 1 })
    expect(document.people[0]?.id).toBe('A')
    expect(document.people[0]?.records[0]).toMatchObject({
      at: Date.parse('2024-05-13T10:00:00Z') / 1000,
      value: 120,
      unit: 'mg/dL',
    })
  })

  it.each([
    ['id,time,gl\nA,2024-05-13 10:00,5.6\nA,2024-05-13 10:05,12.1', 'mmol/L', 'all under 40 with decimals'],
    ['id,time,gl\nA,2024-05-13 10:00,39\nA,2024-05-13 10:05,120', 'mg/dL', 'one over 40'],
    ['id,time,glucose_mmol_l\nA,2024-05-13 10:00,5', 'mmol/L', 'the header says it'],
    ['id,time,gl\nA,2024-05-13 10:00,Low\nA,2024-05-13 10:05,120', 'mg/dL', 'textual values do not count'],
  ])('%j is in %s', (text, unit, _why) => {
    expect(read(text).people[0]?.records[0]).toMatchObject({ unit })
  })

  it.each([
    ['id,time,gl\nA,2024-05-13 10:00,12\nA,2024-05-13 10:05,14', 2, 'whole numbers under 40 could be either'],
    ['id,time,gl\nA,2024-05-13 10:00,38.5\nA,2024-05-13 10:05,5.5', 2, 'no meter shows 38.5 mmol/L'],
    ['id,time,gl\nA,2024-05-13 10:00,120\nA,2024-05-13 10:05,5.5', 3, 'both units at once'],
  ])('%j is refused at line %i', (text, line, _why) => {
    expect(() => read(text, { name: 'x.csv' })).toThrow(
      expect.objectContaining({ code: 'UNIT_AMBIGUOUS', at: { file: 'x.csv', line, field: 'glucose' } }),
    )
    expect(read(text, { unit: 'mmol/L' }).rows).toBe(2)
  })

  it('several people stay apart and every odd row has its reason and line', () => {
    const document = read(
      [
        'id,time,gl',
        'A,2024-05-13 10:00,120',
        'B,2024-05-13 10:00,120',
        'A,2024-05-13 10:00,120',
        'A,2024-05-13 10:00,121',
        ',2024-05-13 10:05,120',
        'A,2024-05-13 10:10,NA',
        'A,2024-05-13 10:15,=cmd|calc',
        'A,soon,120',
        'A,2024-05-13 10:20',
        'A,2099-05-13 10:20,120',
      ].join('\n'),
      { now: 1_750_000_000 },
    )
    expect(document).toMatchObject({ rows: 10, kept: 3 })
    expect(document.dropped).toEqual([
      { reason: 'DUPLICATE', count: 1, lines: [4] },
      { reason: 'NO_VALUE', count: 1, lines: [7] },
      { reason: 'UNPARSED_TIME', count: 1, lines: [9] },
      { reason: 'UNPARSED_VALUE', count: 1, lines: [8] },
      { reason: 'FUTURE_DATE', count: 1, lines: [11] },
      { reason: 'SHORT_ROW', count: 1, lines: [10] },
      { reason: 'NO_PERSON', count: 1, lines: [6] },
    ])
    expect(sum(document)).toBe(10)
    expect(document.people.map(({ id, records }) => [id, records.length])).toEqual([
      ['A', 2],
      ['B', 1],
    ])
  })

  it('an unquoted decimal comma is a broken row, not a value cut short', () => {
    const document = read('id,time,glucose_mmol\nA,2024-05-13 10:00,5,6\nA,2024-05-13 10:05,"5,7"')
    expect(document).toMatchObject({ kept: 1, dropped: [{ reason: 'BROKEN_ROW', lines: [2] }] })
    expect(document.people[0]?.records[0]).toMatchObject({ value: 5.7 })
  })

  it('the spreadsheet export of xDrip+ is read', () => {
    const document = read(
      'DAY;TIME;UDT_CGMS;BG_LEVEL;CH_GR;BOLUS;REMARK\n13.05.2024;08:00;120;;;;\n13.05.2024;08:01;;;45;;',
    )
    expect(document).toMatchObject({ rows: 2, kept: 1, dropped: [{ reason: 'NO_VALUE' }] })
  })

  it('manual rows of D1NAMO are finger sticks', () => {
    const document = read(
      'date,time,glucose,type,comments\n2014-10-13,19:14:00,10.3,cgm,\n2014-10-13,19:20:00,9.8,manual,',
    )
    expect(document.people[0]?.records).toMatchObject([{ method: 'cgm' }, { method: 'smbg', unit: 'mmol/L' }])
  })
})
