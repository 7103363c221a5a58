import { describe, expect, it } from 'vitest'
import { readDocument } from '../index.ts'
import { bytes, sum } from '../testing/sums.ts'

const COLUMNS = [
  'Index',
  'Date',
  'Time',
  'New Device Time',
  'BG Source',
  'BG Reading (mg/dL)',
  'Linked BG Meter ID',
  'Basal Rate (U/h)',
  'Temp Basal Amount',
  'Temp Basal Type',
  'Temp Basal Duration (h:mm:ss)',
  'Bolus Type',
  'Bolus Volume Selected (U)',
  'Bolus Volume Delivered (U)',
  'Bolus Duration (h:mm:ss)',
  'Prime Type',
  'Prime Volume Delivered (U)',
  'Estimated Reservoir Volume after Fill (U)',
  'Alarm',
  'Suspend',
  'Rewind',
  'BWZ Estimate (U)',
  'BWZ Target High BG (mg/dL)',
  'BWZ Target Low BG (mg/dL)',
  'BWZ Carb Ratio (g/U)',
  'BWZ Insulin Sensitivity (mg/dL/U)',
  'BWZ Carb Input (grams)',
  'BWZ BG/SG Input (mg/dL)',
  'BWZ Correction Estimate (U)',
  'BWZ Food Estimate (U)',
  'BWZ Active Insulin (U)',
  'BWZ Status',
  'Sensor Calibration BG (mg/dL)',
  'Sensor Glucose (mg/dL)',
  'ISIG Value',
  'Event Marker',
  'Sensor Exception',
]

function row(index: number, date: string, time: string, cells: Readonly<Record<string, string>>): string {
  const all = COLUMNS.map((name) => cells[name] ?? '')
  all[0] = String(index)
  all[1] = date
  all[2] = time
  return all.join(';')
}

const PREAMBLE = [
  'Last Name;First Name;Patient ID;System ID;Start Date;End Date;Device;MiniMed 780G MMT-1886',
  'Mustermann;Erika;;29600000;2024/05/01;2024/05/14;Serial Number;NG2345678H',
  '',
  '-------;MiniMed 780G MMT-1886;Pump;NG2345678H;-------',
]

function file(rows: readonly string[], decimal: (text: string) => string = (text) => text): string {
  return [
    ...PREAMBLE,
    COLUMNS.join(';'),
    ...rows.map(decimal),
    '',
    '-------;MiniMed 780G MMT-1886;Sensor;NG2345678H;-------',
    COLUMNS.join(';'),
    row(0, '2024/05/13', '08:10:00', { 'Sensor Glucose (mg/dL)': '121', 'ISIG Value': '20' }),
    row(1, '2024/05/13', '08:05:00', { 'Sensor Glucose (mg/dL)': '118', 'ISIG Value': '19' }),
    row(2, '2024/05/13', '08:05:00', { 'Sensor Glucose (mg/dL)': '118', 'ISIG Value': '19' }),
    row(3, '2024/05/13', '08:00:00', { 'ISIG Value': '19' }),
  ].join('\r\n')
}

const PUMP = [
  row(0, '2024/05/13', '08:20:00', { Alarm: 'LOW RESERVOIR' }),
  row(1, '2024/05/13', '08:15:00', { 'BG Reading (mg/dL)': '110', 'BG Source': 'MANUAL' }),
  row(2, '2024/05/13', '08:12:00', {
    'Bolus Type': 'Normal',
    'Bolus Volume Selected (U)': '4,5',
    'Bolus Volume Delivered (U)': '4,3',
  }),
  row(3, '2024/05/13', '08:12:00', {
    'Bolus Type': 'Normal',
    'Bolus Volume Selected (U)': '4,5',
    'Bolus Volume Delivered (U)': '4,3',
  }),
  row(4, '2024/05/13', '08:11:59', { 'BWZ Estimate (U)': '4,5', 'BWZ Carb Input (grams)': '45,000' }),
  row(5, '2024/05/13', '08:11:00', { Suspend: 'SUSPENDED' }),
  row(6, '2024/05/13', '08:10:30', { 'Event Marker': 'Meal: 20,00grams' }),
]

describe('CareLink', () => {
  it('sections, newest first, decimal comma, doubled rows once', () => {
    const document = readDocument(bytes(file(PUMP)))
    expect(document).toMatchObject({
      format: 'carelink',
      rows: 11,
      kept: 3,
      other: { insulin: 1, meal: 2, device: 2 },
      outOfOrder: 0,
    })
    expect(document.dropped).toEqual([
      { reason: 'DUPLICATE', count: 2, lines: [9, 18] },
      { reason: 'NOT_GLUCOSE', count: 1, lines: [19] },
    ])
    expect(sum(document)).toBe(11)
    const records = document.people[0]?.records ?? []
    expect(records.filter(({ type }) => type === 'glucose')).toMatchObject([
      { value: 118, method: 'cgm' },
      { value: 121, method: 'cgm' },
      { value: 110, method: 'smbg' },
    ])
    expect(records.find(({ type }) => type === 'insulin')).toMatchObject({ units: 4.3, delivery: 'bolus' })
    expect(document.people[0]?.devices.map(({ model }) => model)).toContain('MiniMed 780G')
    for (const secret of ['Mustermann', 'Erika', 'NG2345678H', '29600000']) {
      expect(JSON.stringify(document)).not.toContain(secret)
    }
  })

  it('decimal points and commas as separators of cells are read as well', () => {
    const text = file(PUMP.map((line) => line.replaceAll(',', '.'))).replaceAll(';', ',')
    expect(readDocument(bytes(text))).toMatchObject({ rows: 11, kept: 3, other: { insulin: 1, meal: 2 } })
  })

  it.each([
    ['13/05/2024', 'day first with slashes'],
    ['05/13/24', 'month first, two digits of the year'],
    ['13.05.2024', 'dots'],
    ['2024-05-13', 'year first'],
  ])('dates as %s', (date) => {
    const document = readDocument(bytes(file(PUMP).replaceAll('2024/05/13', date)))
    expect(document.people[0]?.records[0]?.at).toBe(Date.parse('2024-05-13T08:05:00Z') / 1000)
  })

  it('German headers in mmol/L: the sensor column is the one beside ISIG', () => {
    const header =
      'Index;Datum;Zeit;Neue Gerätezeit;BZ-Messwert (mmol/L);Basalrate (E/h);Bolustyp;Ausgewähltes Bolusvolumen (E);Abgegebenes Bolusvolumen (E);Alarm;BolusExpert KH-Eingabe (Gramm);Sensorglukose (mmol/L);ISIG-Wert;Ereignismarkierung'
    const text = [
      'Nachname;Vorname',
      'Mustermann;Erika',
      '-------;MiniMed 670G;Pumpe;NG1;-------',
      header,
      '1;13.05.2024;08:05:00;;;;;;;;;6,5;20,1;',
      '2;13.05.2024;08:00:00;;5,9;;;;;;;;;',
      '3;13.05.2024;07:55:00;;;;Normal;4,5;4,4;;;;;',
      '4;13.05.2024;07:50:00;;;;;;;;45;;;',
    ].join('\n')
    const document = readDocument(bytes(text))
    expect(document).toMatchObject({ format: 'carelink', kept: 2, other: { insulin: 1, meal: 1 } })
    expect(document.people[0]?.records).toMatchObject([
      { type: 'meal', carbs: 45 },
      { type: 'insulin', units: 4.4 },
      { method: 'smbg', value: 5.9, unit: 'mmol/L' },
      { method: 'cgm', value: 6.5, unit: 'mmol/L' },
    ])
  })
})
