/** `islet forecast train --doses` and `islet forecast dose`: from records to a proposal that nobody has signed. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { ForecastDoseDocument, ForecastTrainDosesDocument } from '../../api/documents.door.ts'
import { ranHere } from './testing/ran-here.ts'

const folder = mkdtempSync(join(tmpdir(), 'islet-dose-'))
const model = join(folder, 'doses.json')
const entries = join(folder, 'entries.json')
const treatments = join(folder, 'treatments.json')
const SETTINGS = ['--carb-ratio', '10', '--correction-factor', '40', '--target', '110']
const NOW = Date.UTC(2026, 2, 5, 12)

/** Four days in two files: glucose by `value`, and a meal of 50 g with 5 U every six hours until six hours ago. */
function write(value: (minutesAgo: number) => number): void {
  const readings = Array.from({ length: 4 * 288 }, (_, i) => {
    const ago = 5 * (4 * 288 - 1 - i)
    return { type: 'sgv', sgv: Math.round(value(ago)), date: NOW - ago * 60_000, device: 'sensor' }
  })
  const events = Array.from({ length: 14 }, (_, i) => ({
    eventType: 'Meal Bolus',
    carbs: 50,
    insulin: 5,
    created_at: new Date(NOW - (i + 1) * 6 * 3_600_000).toISOString(),
  }))
  writeFileSync(entries, JSON.stringify(readings))
  writeFileSync(treatments, JSON.stringify(events))
}

async function dose(...more: readonly string[]) {
  const ran = await ranHere(['forecast', 'dose', model, entries, treatments, ...SETTINGS, '--json', ...more])
  return { ...ran, document: JSON.parse(ran.out) as ForecastDoseDocument }
}

beforeAll(async () => {
  write((ago) => 150 + 30 * Math.sin(ago / 57))
  const args = ['forecast', 'train', '--doses', '--kind', 'boosting', '--virtual', '5', '--out', model]
  const { code, out } = await ranHere([...args, '--json'])
  expect(code).toBe(0)
  const { data, model: made, rows } = JSON.parse(out) as ForecastTrainDosesDocument
  expect(made).toMatchObject({ kind: 'boosting', simulated: true })
  expect(data.people).toBe(5)
  expect(rows.map(({ model: name }) => name)).toEqual(['mean', 'boosting'])
  expect(rows[1]?.later_rmse_mgdl).toBeLessThan(rows[0]?.later_rmse_mgdl ?? 0)
})
afterAll(() => rmSync(folder, { recursive: true }))

describe('islet forecast dose', () => {
  test('proposes within a quarter of the formula, explained to the last mg/dL, unsigned, from two files of one person', async () => {
    const { code, document } = await dose('--carbs', '60')
    expect(code).toBe(0)
    expect(document.state).toBe('unsigned')
    const { proposal, formula } = document
    if (proposal === null || formula === null) throw new Error('no proposal')
    expect(proposal.state).toBe('unsigned')
    expect(formula.on_board_units).toBeGreaterThanOrEqual(0)
    expect(proposal.meals_seen).toBeGreaterThan(8)
    expect(proposal.units).toBeGreaterThanOrEqual(0.75 * formula.total_units - 0.1)
    expect(proposal.units).toBeLessThanOrEqual(1.25 * formula.total_units)
    const { of, base_mgdl: base, effects, own_meals_mgdl: own } = proposal.explanation
    const sum = effects.reduce((total, { effect_mgdl: effect }) => total + effect, base + own)
    expect(sum).toBeCloseTo(of === 'later' ? proposal.later_mgdl : proposal.lowest_mgdl, 6)
    expect(document.model.simulated).toBe(true)
  })

  test('says in words that nobody has signed, and whence the model is', async () => {
    const { out } = await ranHere([
      ...['forecast', 'dose', model, entries, treatments, ...SETTINGS, '--carbs', '60'],
    ])
    expect(out).toMatch(/UNSIGNED: .*No dose until a clinician has signed/)
    expect(out).toContain('learned from virtual patients')
    expect(out).toMatch(/formula +6\.00 meal/)
  })

  test.each([
    ['GLUCOSE_STALE', 'an hour after the last reading', ['--at', '2026-03-05T13:00:00Z']],
    ['INSULIN_UNKNOWN', 'an hour after the first bolus', ['--at', '2026-03-02T01:00:00Z']],
  ])('proposes nothing, says %s and ends with 1: %s', async (why, _, more) => {
    const { code, document } = await dose('--carbs', '60', ...more)
    expect(code).toBe(1)
    expect(document.proposal).toBeNull()
    expect(document.withheld?.code).toBe(why)
  })

  test('proposes nothing when glucose is low, and adds no correction when it falls', async () => {
    write((ago) => 60 + 0.2 * ago)
    expect((await dose('--carbs', '60')).document.withheld?.code).toBe('GLUCOSE_LOW')
    write((ago) => Math.min(300, 160 + 2 * ago))
    const { document } = await dose('--carbs', '60')
    expect(document.formula?.correction_units).toBe(0)
    expect(document.proposal?.factor).toBeLessThanOrEqual(1)
    write((ago) => 150 + 30 * Math.sin(ago / 57))
  })

  test.each([
    ['BAD_USAGE', 'no meal', []],
    ['BAD_USAGE', 'a person who is not there', ['--carbs', '60', '--person', 'nobody']],
    ['BAD_LIMITS', 'a share over a quarter', ['--carbs', '60', '--share', '40']],
    ['BAD_MEAL', 'a meal of 900 g', ['--carbs', '900']],
    ['NOT_AN_INSTANT', 'a day without a time', ['--carbs', '60', '--at', '2026-03-05']],
  ])('%s: %s', async (expected, _, more) => {
    const { code, out } = await dose(...more)
    expect(code).toBe(2)
    expect(JSON.parse(out)).toMatchObject({ schema: 'islet.error/1', error: { code: expected } })
  })

  test.each([
    ['BAD_USAGE', [model, entries, '--carbs', '60', '--carb-ratio', '10']],
    ['NOT_A_DOSE_MODEL', [entries, entries, ...SETTINGS, '--carbs', '60']],
    ['FILE_NOT_FOUND', [join(folder, 'none.json'), entries, ...SETTINGS, '--carbs', '60']],
  ])('%s where settings or the model are missing', async (expected, args) => {
    const { code, out } = await ranHere(['forecast', 'dose', ...args, '--json'])
    expect(code).toBe(2)
    expect(JSON.parse(out)).toMatchObject({ error: { code: expected } })
  })

  test('takes each person’s settings from a therapy file, and refuses a file that is none', async () => {
    const therapy = join(folder, 'therapy.json')
    const person = (await dose('--carbs', '60')).document.person
    const settings = { carb_ratio_grams_per_unit: 12, correction_factor_mgdl_per_unit: 50, target_mgdl: 120 }
    writeFileSync(therapy, JSON.stringify({ [person]: settings }))
    expect((await dose('--carbs', '60', '--therapy', therapy)).document.therapy).toEqual(settings)
    writeFileSync(therapy, JSON.stringify({ [person]: { target_mgdl: 'high' } }))
    const { out } = await dose('--carbs', '60', '--therapy', therapy)
    expect(JSON.parse(out)).toMatchObject({ error: { code: 'NOT_A_THERAPY_FILE' } })
  })
})

describe('islet forecast train --doses', () => {
  test.each([
    ['TOO_FEW_MEALS', () => [entries, treatments, ...SETTINGS, '--out', join(folder, 'x.json')]],
    ['BAD_USAGE', () => ['--out', join(folder, 'x.json')]],
    ['BAD_USAGE', () => [entries, ...SETTINGS]],
  ])('%s: too little to learn from, or no place to write to', async (expected, args) => {
    const { code, out } = await ranHere(['forecast', 'train', '--doses', ...args(), '--json'])
    expect(code).toBe(2)
    expect(JSON.parse(out)).toMatchObject({ error: { code: expected } })
  })
})
