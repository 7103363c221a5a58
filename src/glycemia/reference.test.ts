import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import {
  hasSharedData,
  reading,
  sharedTable,
  sharedText,
  sharedTraces,
} from '../series/testing/shared-data.ts'
import { MG_PER_DL_PER_MMOL_PER_L } from '../vocabulary/index.ts'
import { mage } from './mage.ts'
import { type ReportDocument, reportDocument } from './report-document.ts'
import { traceOf } from './trace.ts'

/** Relative closeness, so that a large figure is held as tightly as a small one. */
function close(actual: unknown, expected: number, relative: number, what: string): void {
  const off = Math.abs(Number(actual) - expected) / Math.max(Math.abs(expected), 1e-12)
  expect(expected === 0 ? Math.abs(Number(actual)) : off, what).toBeLessThanOrEqual(relative)
}

const figure = (document: ReportDocument, name: string): unknown =>
  Object.entries(document).find(([key]) => key === name)?.[1]

test('closed formulas give what the papers give, to 1e-9', () => {
  const path = new URL('../../test-vectors/glycemia-closed-formulas.json', import.meta.url)
  const vector: unknown = JSON.parse(readFileSync(path, 'utf8'))
  const { values_mgdl: values, expected } = vector as {
    values_mgdl: number[]
    expected: Record<string, number>
  }
  const document = reportDocument(values.map((value, i) => reading(i * 300, value)))
  expect(Object.keys(expected).length).toBeGreaterThan(25)
  for (const [name, value] of Object.entries(expected)) close(figure(document, name), value, 1e-9, name)
})

describe.skipIf(!hasSharedData('iglu-example5'))('five real people', () => {
  const people = hasSharedData('iglu-example5') ? sharedTraces('iglu-example5/data.csv') : new Map()
  const reports = new Map([...people].map(([id, readings]) => [id, reportDocument(readings)]))
  const rowsOf = (file: string) => sharedTable(`iglu-example5/${file}.csv`)

  test('counts, quantiles, shares and wear are the reference to 1e-9', () => {
    const names = {
      n: 'readings',
      min: 'min_mgdl',
      q1: 'q1_mgdl',
      median: 'median_mgdl',
      mean: 'mean_mgdl',
      q3: 'q3_mgdl',
      max: 'max_mgdl',
      SD: 'sd_mgdl',
      CV: 'cv_percent',
      GMI: 'gmi_percent',
      IQR: 'iqr_mgdl',
      in_range_70_180: 'tir_percent',
      below_54: 'tbr54_percent',
      below_70: 'tbr70_percent',
      above_180: 'tar180_percent',
      above_250: 'tar250_percent',
      active_percent: 'wear_percent',
    }
    const rows = rowsOf('expected_basic')
    expect(rows).toHaveLength(5)
    for (const row of rows) {
      const document = reports.get(row['id'] ?? '')
      if (document === undefined) throw new Error('a person is missing')
      for (const [theirs, ours] of Object.entries(names)) {
        close(figure(document, ours), Number(row[theirs]), 1e-9, `${row['id']} ${ours}`)
      }
      expect(document.days).toBeCloseTo(Number(row['ndays']), 1 - 1)
    }
  })

  test('risk, GRI and J index hold to 1e-9, MODD and CONGA on the grid to 1e-2 (they hold to 1e-9)', () => {
    for (const row of rowsOf('expected_risk_variability')) {
      const document = reports.get(row['id'] ?? '')
      if (document === undefined) throw new Error('a person is missing')
      close(document.lbgi, Number(row['LBGI']), 1e-9, 'lbgi')
      close(document.gri, Number(row['GRI']), 1e-9, 'gri')
      close(document.j_index, Number(row['J_index']), 1e-9, 'j_index')
      close(document.modd_mgdl, Number(row['MODD']), 1e-9, 'modd')
      close(document.conga24_mgdl, Number(row['CONGA_24h']), 1e-9, 'conga24')
    }
  })

  test('the profile has the reference percentiles in every bin, midnight last there and first here', () => {
    const rows = rowsOf('expected_agp_unsmoothed')
    expect(rows.length).toBeGreaterThan(800)
    for (const row of rows) {
      const minute = Number(row['minute_of_day']) % 1440
      const bin = reports.get(row['id'] ?? '')?.profile.find((candidate) => candidate.minute === minute)
      expect(bin?.n).toBe(Number(row['n']))
      for (const p of ['p05', 'p25', 'p50', 'p75', 'p95'] as const) close(bin?.[p], Number(row[p]), 1e-9, p)
    }
  })

  test('episodes are those of the reference: count, length and mean', () => {
    const levels: Readonly<Record<string, unknown>> = {
      lv1: 1,
      lv2: 2,
      lv1_excl: '1-exclusive',
      extended: 'extended',
    }
    const mine = reports.get('Subject 1')?.episodes ?? []
    const rows = rowsOf('expected_episodes_subject1')
    expect(rows).toHaveLength(mine.length)
    for (const row of rows) {
      const found = mine.find(
        ({ type, level }) => type === row['type'] && level === levels[row['level'] ?? ''],
      )
      expect(found?.count, `${row['type']} ${row['level']}`).toBe(Number(row['total_episodes']))
      close(found?.per_day, Number(row['avg_ep_per_day']), 1e-9, 'per day')
      if (row['avg_ep_gl'] === 'NA') {
        expect(found?.mean_mgdl).toBeNull()
        expect(found?.mean_minutes).toBeNull()
      } else {
        close(found?.mean_minutes, Number(row['avg_ep_duration']), 1e-9, 'minutes')
        close(found?.mean_mgdl, Number(row['avg_ep_gl']), 1e-9, 'mean')
      }
    }
  })

  test('MAGE keeps the rank order of the five and lies within 30 % of the published values', () => {
    const published = [72.4, 118, 116, 70.9, 142]
    const ours = [...reports.values()].map((document) => document.mage_mgdl ?? Number.NaN)
    const ranks = (values: readonly number[]) => values.map((v) => values.filter((other) => other < v).length)
    expect(ranks(ours)).toEqual(ranks(published))
    ours.forEach((value, i) => {
      close(value, published[i] ?? 0, 0.3, `person ${i + 1}`)
    })
  })

  test('MAGE of hand-measured segments lies in the wide band that hand and program leave', () => {
    const all = [...people.values()].flat()
    for (const row of rowsOf('expected_mage_segments')) {
      const part = mage(traceOf(all.slice(Number(row['first_row']) - 1, Number(row['last_row']))).grid)
      close(part.mage, Number(row['mage_manual']), 0.67, `hand ${row['first_row']}`)
      close(part.mage, Number(row['mage_iglu_avg']), 0.3, `program ${row['first_row']}`)
    }
  })

  test('the same person in mg/dL, in unrounded mmol/L and in rounded mmol/L gives the three stated answers', () => {
    const expected: unknown = JSON.parse(sharedText('cross-format/expected.json'))
    const stated = expected as Record<string, Record<string, number>>
    const readings = people.get('Subject 4') ?? []
    const unrounded = readings.map(
      (r: (typeof readings)[number]) =>
        ({ ...r, unit: 'mmol/L', value: r.value / MG_PER_DL_PER_MMOL_PER_L }) as const,
    )
    const lines = sharedText('cross-format/libreview_us_mmol_ampm.csv').replaceAll('\r', '').split('\n')
    const historic = lines.map((line) => line.split(',')).filter((cells) => cells[3] === '0')
    const rounded = historic.map((cells, i) => reading(i * 300, Number(cells[4]), 'mmol/L'))
    const shares = {
      in_range: 'tir_percent',
      below_l2: 'tbr54_percent',
      below: 'tbr70_percent',
      above: 'tar180_percent',
      above_l2: 'tar250_percent',
    }
    const cases = [
      { readings, expected: stated['exact_mgdl'], scale: 1 },
      { readings: unrounded, expected: stated['exact_mgdl'], scale: 1 },
      {
        readings: rounded,
        expected: stated['mmol_one_decimal_with_mmol_thresholds_3.0_3.9_10.0_13.9'],
        scale: MG_PER_DL_PER_MMOL_PER_L,
      },
    ]
    for (const each of cases) {
      const document = reportDocument(each.readings)
      for (const [theirs, ours] of Object.entries(shares)) {
        expect(Number(figure(document, ours))).toBeCloseTo(each.expected?.[theirs] ?? Number.NaN, 5)
      }
      close(document.mean_mgdl, (each.expected?.['mean'] ?? 0) * each.scale, 1e-6, 'mean')
      close(document.sd_mgdl, (each.expected?.['sd'] ?? 0) * each.scale, 1e-6, 'sd')
    }
    expect(reportDocument(unrounded)).toEqual(reportDocument(readings))
  })
})

describe.skipIf(!hasSharedData('dexcom-clarity'))('real exports', () => {
  const cases = [
    {
      file: 'dexcom-clarity/real_deidentified_g6.csv',
      row: 'EGV',
      column: 7,
      stated: 'dexcom-clarity/expected.json',
      key: 'real_deidentified_g6.csv',
      metrics: 'metrics_low_dropped',
    },
    {
      file: 'dexcom-clarity/synthetic_double_encoded_bom.csv',
      row: 'EGV',
      column: 7,
      stated: 'dexcom-clarity/expected.json',
      key: 'synthetic_double_encoded_bom.csv',
      metrics: 'metrics_low_dropped',
    },
    {
      file: 'libreview/freestyle_libre3_synthetic.csv',
      row: '0',
      column: 4,
      stated: 'libreview/expected.json',
      key: 'freestyle_libre3_synthetic.csv',
      metrics: 'metrics_historic',
    },
  ]
  test.each(cases)('$key gives the stated figures', ({ file, row, column, stated, key, metrics }) => {
    const lines = sharedText(file)
      .replaceAll('\r', '')
      .replaceAll('"', '')
      .split('\n')
      .map((line) => line.split(','))
    const kind = row === 'EGV' ? 2 : 3
    const values = lines.filter((cells) => cells[kind] === row).map((cells) => cells[column] ?? '')
    const readings = values.map((text, i) => {
      if (text !== 'Low') return reading(i * 300, Number(text))
      return { ...reading(i * 300, 39), text: 'low' as const }
    })
    const document: unknown = JSON.parse(sharedText(stated))
    const expected =
      (document as Record<string, Record<string, Record<string, number>>>)[key]?.[metrics] ?? {}
    const report = reportDocument(readings, { outOfRange: 'omit' })
    const names = {
      n: 'readings',
      mean: 'mean_mgdl',
      sd: 'sd_mgdl',
      cv: 'cv_percent',
      gmi: 'gmi_percent',
      tir70_180: 'tir_percent',
      below54: 'tbr54_percent',
      below70: 'tbr70_percent',
      above180: 'tar180_percent',
      above250: 'tar250_percent',
      lbgi: 'lbgi',
      hbgi: 'hbgi',
    }
    for (const [theirs, ours] of Object.entries(names)) {
      expect(Number(figure(report, ours)), ours).toBeCloseTo(expected[theirs] ?? Number.NaN, 5)
    }
  })
})
