/** Every real file of the shared data, counted exactly as its expected.json and SOURCE.md say. */
import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import type { Glucose } from '../series/index.ts'
import { readDocument } from './index.ts'
import { sum, timeInRange } from './testing/sums.ts'

const DATA = fileURLToPath(new URL('../../../shared/data/', import.meta.url))
const here = existsSync(DATA)
if (!here && process.env['CI'] === undefined)
  console.warn('shared data is not here: the real-file tests are left out')

function read(path: string, options = {}) {
  return readDocument(readFileSync(DATA + path), { name: path, ...options })
}

function expected(folder: string) {
  return JSON.parse(readFileSync(`${DATA}${folder}/expected.json`, 'utf8'))
}

function glucose(document: ReturnType<typeof read>): Glucose[] {
  return document.people.flatMap(({ records }) => records).filter((record) => record.type === 'glucose')
}

it('the shared data is there on CI', () => {
  expect(here || process.env['CI'] === undefined).toBe(true)
})

describe.runIf(here)('real files', () => {
  it.each(['real_deidentified_g6.csv', 'synthetic_double_encoded_bom.csv'])('Clarity %s', (name) => {
    const document = read(`dexcom-clarity/${name}`)
    const want = expected('dexcom-clarity')[name]
    expect(document.format).toBe('dexcom-clarity')
    expect(document.kept).toBe(want.egv_rows)
    expect(document.low).toBe(want.low)
    const doses = document.people[0]?.records.filter((record) => record.type === 'insulin') ?? []
    expect(doses.filter((dose) => dose.delivery === 'rapid-acting')).toHaveLength(want.insulin_fast)
    expect(doses.filter((dose) => dose.delivery === 'long-acting')).toHaveLength(want.insulin_long)
    expect(sum(document)).toBe(document.rows)
    const shares = timeInRange(glucose(document).filter(({ text }) => text === undefined))
    expect(shares.inRange).toBeCloseTo(want.metrics_low_dropped.tir70_180, 5)
    expect(shares.veryLow).toBeCloseTo(want.metrics_low_dropped.below54, 5)
    expect(shares.mean).toBeCloseTo(want.metrics_low_dropped.mean, 5)
  })

  it('a textual Low moves time below 54 up, and leaving it out understates it', () => {
    const all = timeInRange(glucose(read('dexcom-clarity/synthetic_double_encoded_bom.csv')))
    expect(all.veryLow).toBeGreaterThan(8.246107)
  })

  it('no name, birth date, serial or transmitter id of any file reaches the document', () => {
    for (const path of [
      'dexcom-clarity/real_deidentified_g6.csv',
      'dexcom-clarity/synthetic_double_encoded_bom.csv',
      'libreview/freestyle_libre3_synthetic.csv',
      'cross-format/libreview_us_mmol_ampm.csv',
      'tidepool/client_examples.json',
      'fhir-cgm/bundle.json',
    ]) {
      const whole = JSON.stringify(read(path))
      for (const secret of [
        'Joe',
        'Schmoe',
        '1/1/1970',
        'Gagarin',
        'HBRPOI',
        '7F354325',
        '11111111-2222',
        'SM00000000',
        'DevId0987654321',
        '11359410',
        'patientExample',
        'Test Patient',
      ]) {
        expect(whole, `${path} ${secret}`).not.toContain(secret)
      }
    }
  })

  it('LibreView: historic, scan and type 6 as counted', () => {
    const document = read('libreview/freestyle_libre3_synthetic.csv')
    const want = expected('libreview')['freestyle_libre3_synthetic.csv']
    const readings = glucose(document)
    expect(readings.filter(({ method }) => method === 'cgm')).toHaveLength(want.historic)
    expect(readings.filter(({ method }) => method === 'scan')).toHaveLength(want.scan)
    expect(document.dropped).toEqual([
      { reason: 'NOT_GLUCOSE', count: want.notes_or_other_type6, lines: expect.any(Array) },
    ])
    expect(document.dropped[0]?.lines).toHaveLength(20)
    expect(sum(document)).toBe(document.rows)
    const shares = timeInRange(readings.filter(({ method }) => method === 'cgm'))
    expect(shares.inRange).toBeCloseTo(want.metrics_historic.tir70_180, 5)
    expect(shares.mean).toBeCloseTo(want.metrics_historic.mean, 5)
  })

  it('Nightscout entries and treatments of an iAPS user', () => {
    const want = expected('nightscout-iaps')
    const entries = read('nightscout-iaps/entries.json')
    expect(entries.kept).toBe(want.entries)
    expect(timeInRange(glucose(entries)).inRange).toBeCloseTo(want.metrics.tir70_180, 5)
    const treatments = read('nightscout-iaps/treatments.json')
    expect(treatments.rows).toBe(want.treatments)
    expect(sum(treatments)).toBe(want.treatments)
    const events = want.by_event
    expect(treatments.other.insulin).toBe(events['Temp Basal'] + events.SMB + events.Bolus)
    expect(treatments.other.meal).toBe(events['Carb Correction'])
    expect(treatments.other.device).toBe(
      1 + events['Insulin Change'] + events['Site Change'] + events['Temporary Target'],
    )
    expect(treatments.dropped).toEqual([
      { reason: 'REPEATED', count: events['Sensor Start'] - 1, lines: expect.any(Array) },
    ])
    const records = treatments.people[0]?.records ?? []
    let boluses = 0
    let carbs = 0
    let basalEnd = 0
    for (const record of records) {
      if (record.type === 'insulin' && record.delivery !== 'basal') boluses += record.units
      if (record.type === 'meal') carbs += record.carbs
      if (record.type === 'insulin' && record.delivery === 'basal') {
        expect(record.at).toBeGreaterThanOrEqual(basalEnd - 1e-6)
        basalEnd = record.at + (record.seconds ?? 0)
      }
    }
    expect(boluses).toBeCloseTo(want.bolus_units_total_SMB_and_Bolus, 9)
    expect(carbs).toBe(want.carbs_total_g)
    expect(read('nightscout-iaps/profile.json').dropped).toEqual([
      { reason: 'SETTINGS', count: 9, lines: [1, 2, 3, 4, 5, 6, 7, 8, 9] },
    ])
  })

  it('one person as Tidepool, Nightscout and LibreView: the same readings, the ranges that each unit gives', () => {
    const want = expected('cross-format')
    const exact = want.exact_mgdl
    const rounded = want['mmol_one_decimal_with_mmol_thresholds_3.0_3.9_10.0_13.9']
    const tidepool = glucose(read('cross-format/tidepool_mmol.json'))
    const nightscout = glucose(read('cross-format/nightscout_entries.json'))
    const libre = glucose(read('cross-format/libreview_us_mmol_ampm.csv'))
    for (const [readings, wanted] of [
      [tidepool, exact],
      [nightscout, exact],
      [libre, rounded],
    ] as const) {
      expect(readings).toHaveLength(wanted.n)
      const shares = timeInRange(readings)
      expect(shares.inRange).toBeCloseTo(wanted.in_range, 5)
      expect(shares.low).toBeCloseTo(wanted.below, 5)
      expect(shares.veryLow).toBeCloseTo(wanted.below_l2, 5)
      expect(shares.high).toBeCloseTo(wanted.above, 5)
    }
    expect(tidepool.map(({ at, local }) => [at, local])).toEqual(
      nightscout.map(({ at, local }) => [at, local]),
    )
    expect(libre.map(({ local }) => local)).toEqual(tidepool.map(({ local }) => Math.floor(local / 60) * 60))
    const zoned = glucose(read('cross-format/libreview_us_mmol_ampm.csv', { zone: 'Etc/GMT+5' }))
    expect(zoned.map(({ at }) => at)).toEqual(tidepool.map(({ at }) => Math.floor(at / 60) * 60))
  })

  it.each([
    ['iglu-example5/data.csv', 13_866, 5],
    ['dubosson/dubosson.csv', 8055, 9],
  ])('generic CSV %s', (path, rows, people) => {
    const document = read(path)
    expect(document).toMatchObject({ format: 'csv', rows, kept: rows, dropped: [] })
    expect(document.people).toHaveLength(people)
  })

  it('FHIR: the submission bundle, single readings, bulk files of an EHR', () => {
    const bundle = read('fhir-cgm/bundle.json')
    expect(bundle).toMatchObject({
      format: 'fhir',
      rows: 9,
      kept: 1,
      dropped: [{ reason: 'NOT_GLUCOSE', count: 8 }],
    })
    expect(glucose(read('fhir-cgm/readingMmol.json'))[0]).toMatchObject({ value: 6.7, unit: 'mmol/L' })
    expect(read('fhir-cgm/patient.json').dropped).toEqual([{ reason: 'IDENTITY', count: 1, lines: [1] }])
    expect(read('synthea-ehr/Condition.ndjson')).toMatchObject({ format: 'fhir', rows: 60, kept: 0 })
    expect(read('synthea-ehr/MedicationRequest.ndjson')).toMatchObject({ rows: 80, kept: 0 })
  })

  it('Tidepool: twenty records of ten types', () => {
    const document = read('tidepool/client_examples.json')
    expect(document).toMatchObject({
      rows: 20,
      kept: 2,
      other: { insulin: 7, meal: 1, laboratory: 1, device: 6 },
    })
    expect(document.dropped).toEqual([{ reason: 'SETTINGS', count: 3, lines: [10, 17, 19] }])
    expect(sum(document)).toBe(20)
  })
})
