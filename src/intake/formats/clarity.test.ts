import { describe, expect, it } from 'vitest'
import { readDocument } from '../index.ts'
import { bytes, sum } from '../testing/sums.ts'

const HEAD_14 =
  'Index,Timestamp (YYYY-MM-DDThh:mm:ss),Event Type,Event Subtype,Patient Info,Device Info,Source Device ID,Glucose Value (mg/dL),Insulin Value (u),Carb Value (grams),Duration (hh:mm:ss),Glucose Rate of Change (mg/dL/min),Transmitter Time (Long Integer),Transmitter ID'
const PROFILE = [
  '1,,FirstName,,Erika,,,,,,,,,',
  '2,,LastName,,Mustermann,,,,,,,,,',
  '3,,DateOfBirth,,1964-08-12,,,,,,,,,',
  '4,,Device,,,Dexcom G7 Mobile App,iPhone G7,,,,,,,',
  '5,,Sensor,,,,,,,,,,,',
  '6,,Alert,High,,,iPhone G7,240,,,,,,',
]

describe('Dexcom Clarity', () => {
  it('every kind of event becomes its record, profile rows become counts', () => {
    const document = readDocument(
      bytes(
        [
          HEAD_14,
          ...PROFILE,
          '7,2024-05-13T08:00:00,EGV,,,,iPhone G7,120,,,,,1000,XYZ',
          '8,2024-05-13T08:05:00,EGV,,,,iPhone G7,Low,,,,,1300,XYZ',
          '9,2024-05-13T08:10:00,EGV,,,,iPhone G7,High,,,,,1600,XYZ',
          '10,2024-05-13T08:11:00,Insulin,Fast-Acting,,,iPhone G7,,4.5,,,,,',
          '11,2024-05-13T08:11:30,Insulin,Long-Acting,,,iPhone G7,,18,,,,,',
          '12,2024-05-13T08:12:00,Carbs,,,,iPhone G7,,,45,,,,',
          '13,2024-05-13T09:00:00,Exercise,Medium,,,iPhone G7,,,,00:30:00,,,',
          '14,2024-05-13T09:10:00,Health,Illness,,,iPhone G7,,,,,,,',
          '15,2024-05-13T09:20:00,Calibration,,,,iPhone G7,118,,,,,,',
          '16,2024-05-13T09:30:00,Notes,"felt dizzy, sat down",,,iPhone G7,,,,,,,',
          '17,2024-05-13T09:35:00,EGV',
          '18,not a time,EGV,,,,iPhone G7,120,,,,,1000,XYZ',
          '19,2024-05-13T09:40:00,EGV,,,,iPhone G7,12x,,,,,1000,XYZ',
          '20,2024-05-13T09:45:00,EGV,,,,iPhone G7,9999,,,,,1000,XYZ',
        ].join('\r\n'),
      ),
    )
    expect(document).toMatchObject({
      format: 'dexcom-clarity',
      rows: 20,
      kept: 3,
      low: 1,
      high: 1,
      other: { insulin: 2, meal: 1, activity: 1, note: 2, device: 1 },
    })
    expect(document.dropped).toEqual([
      { reason: 'IDENTITY', count: 3, lines: [2, 3, 4] },
      { reason: 'SETTINGS', count: 3, lines: [5, 6, 7] },
      { reason: 'UNPARSED_TIME', count: 1, lines: [19] },
      { reason: 'UNPARSED_VALUE', count: 1, lines: [20] },
      { reason: 'OUT_OF_RANGE', count: 1, lines: [21] },
      { reason: 'SHORT_ROW', count: 1, lines: [18] },
    ])
    expect(sum(document)).toBe(20)
    const records = document.people[0]?.records ?? []
    expect(records.slice(0, 3)).toMatchObject([
      { value: 120, tick: 1000 },
      { value: 39, text: 'low' },
      { value: 401, text: 'high' },
    ])
    expect(records.find(({ type }) => type === 'activity')).toMatchObject({
      seconds: 1800,
      intensity: 'medium',
    })
    expect(document.people[0]?.devices[0]).toEqual({ device: 1, model: 'Dexcom G7' })
    for (const secret of ['Erika', 'Mustermann', '1964', 'XYZ'])
      expect(JSON.stringify(document)).not.toContain(secret)
  })

  it('German export in mmol/L with decimal comma, semicolons and 12 columns', () => {
    const document = readDocument(
      bytes(
        [
          'Index;Zeitstempel (JJJJ-MM-TTThh:mm:ss);Ereignistyp;Ereignis-Subtyp;Patienteninfo;Geräteinfo;Quellgerät-ID;Glukosewert (mmol/L);Insulinwert (E);Kohlenhydratwert (Gramm);Dauer (hh:mm:ss);Glukoseänderungsrate (mmol/L/min)',
          '1;;Vorname;;Erika;;;;;;;',
          '2;2024-05-13T08:00:00;EGV;;;;Android G6;5,6;;;;',
          '3;2024-05-13T08:05:00;EGV;;;;Android G6;Niedrig;;;;',
          '4;2024-05-13T08:10:00;EGV;;;;Android G6;Hoch;;;;',
          '5;2024-05-13T08:15:00;Insulin;Schnell wirkend;;;Android G6;;4,5;;;',
          '6;2024-05-13T08:16:00;Kohlenhydrate;;;;Android G6;;;30;;',
        ].join('\n'),
      ),
    )
    expect(document).toMatchObject({ kept: 3, low: 1, high: 1, other: { insulin: 1, meal: 1 } })
    const records = document.people[0]?.records ?? []
    expect(records[0]).toMatchObject({ value: 5.6, unit: 'mmol/L' })
    expect(records[1]).toMatchObject({ value: 39 / 18.01559, unit: 'mmol/L' })
    expect(records[2]).toMatchObject({ value: 401 / 18.01559, unit: 'mmol/L' })
  })

  it('13 columns, short rows and a space for T are read', () => {
    const head = HEAD_14.replace(',Glucose Rate of Change (mg/dL/min)', '')
    const document = readDocument(
      bytes(
        `${head}\n1,2024-05-13 8:00:00,EGV,,,,phone,120,,,,1000,XYZ\n2,2024-05-13 8:05:00,EGV,,,,phone,121`,
      ),
    )
    expect(document.people[0]?.records).toMatchObject([{ value: 120, tick: 1000 }, { value: 121 }])
  })

  it('one transmitter on a phone and a receiver is one reading; two that differ stay two', () => {
    const document = readDocument(
      bytes(
        [
          HEAD_14,
          '1,2024-05-13T08:00:00,EGV,,,,phone,120,,,,,1000,XYZ',
          '2,2024-05-13T08:00:07,EGV,,,,receiver,120,,,,,1000,XYZ',
          '3,2024-05-13T08:05:00,EGV,,,,phone,121,,,,,1300,XYZ',
          '4,2024-05-13T08:05:00,EGV,,,,phone,125,,,,,1301,XYZ',
          '5,2024-05-13T08:05:00,EGV,,,,phone,125,,,,,1301,XYZ',
        ].join('\n'),
      ),
    )
    expect(document.kept).toBe(3)
    expect(document.dropped).toEqual([{ reason: 'DUPLICATE', count: 2, lines: [3, 6] }])
  })

  it('a row moved by an unquoted comma is broken, never read one column off', () => {
    const moved = '1,2024-05-13T08:00:00,Notes,slept badly, 7 h,,,phone,120,,,,,1000,XYZ,'
    const document = readDocument(bytes([HEAD_14, `${moved}x`].join('\n')))
    expect(document).toMatchObject({ kept: 0, dropped: [{ reason: 'BROKEN_ROW', count: 1, lines: [2] }] })
  })

  it.each([
    ['Zeitstempel (JJJJ-MM-TTThh:mm:ss)', 'German'],
    ['Tijdstempel (JJJJ-MM-DDTuu:mm:ss)', 'Dutch'],
    ['Horodatage (AAAA-MM-JJThh:mm:ss)', 'French'],
    ['Data e ora (AAAA-MM-GGThh:mm:ss)', 'Italian'],
    ['Tidsstempel (ÅÅÅÅ-MM-DDTtt:mm:ss)', 'Danish'],
  ])(
    'the header %s is found, and an event of unknown name beside a transmitter clock is a reading',
    (time) => {
      const head = `Index,${time},a,b,c,d,e,f (mmol/L),g,h,i (hh:mm:ss),j (mmol/L/min),k,l`
      const document = readDocument(bytes(`${head}\n1,2024-05-13T08:00:00,Xyz,,,,phone,5.6,,,,,1000,XYZ`))
      expect(document.people[0]?.records).toMatchObject([{ value: 5.6, unit: 'mmol/L', tick: 1000 }])
    },
  )

  it('columns in another order are found by their English names', () => {
    const head =
      'Timestamp (YYYY-MM-DDThh:mm:ss),Event Type,Event Subtype,Glucose Value (mg/dL),Insulin Value (u),Carb Value (grams),Source Device ID'
    const document = readDocument(
      bytes(
        `${head}\n2024-05-13T08:00:00,EGV,,120,,,phone\n2024-05-13T08:01:00,Insulin,Long-Acting,,18,,phone`,
      ),
    )
    expect(document.people[0]?.records).toMatchObject([
      { value: 120 },
      { units: 18, delivery: 'long-acting' },
    ])
  })

  it('a clock set back shows in the count of readings out of order', () => {
    const rows = ['08:00', '08:05', '08:10', '08:02', '08:07'].map(
      (time, index) => `${index},2024-05-13T${time}:00,EGV,,,,phone,${120 + index},,,,,,`,
    )
    expect(readDocument(bytes([HEAD_14, ...rows].join('\n')))).toMatchObject({ kept: 5, outOfOrder: 1 })
  })
})
