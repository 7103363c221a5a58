/** What is exported comes back without loss. */
import { existsSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { HealthRecord } from '../series/index.ts'
import {
  type Grams,
  type InsulinUnits,
  type LocalSeconds,
  quantity,
  type UnixSeconds,
} from '../vocabulary/index.ts'
import { compareRecords, readDocument, recordKey, writeCsv, writeFhir } from './index.ts'
import { bytes } from './testing/sums.ts'

const clocks = fc.record({
  seconds: fc.integer({ min: 0, max: 2_000_000_000 }),
  milliseconds: fc.constantFrom(0, 0, 125),
  offset: fc.constantFrom(0, 3600, -18_000, 20_700),
  tick: fc.option(fc.integer({ min: 1, max: 1e7 })),
  device: fc.option(fc.integer({ min: 1, max: 3 })),
})
const word = fc
  .string({
    unit: fc.constantFrom('a', 'B', ' ', '=', "'", '"', ',', ';', '-', '@', 'é', '\n', '1'),
    minLength: 1,
    maxLength: 20,
  })
  .map((text) => text.trim())
  .filter((text) => text !== '')
const content = fc.oneof(
  fc.record({
    type: fc.constant('glucose' as const),
    value: fc.integer({ min: 40, max: 400 }),
    unit: fc.constant('mg/dL' as const),
    method: fc.constantFrom('cgm' as const, 'scan' as const, 'smbg' as const),
  }),
  fc.record({
    type: fc.constant('glucose' as const),
    value: fc.double({ min: 2.2, max: 22, noNaN: true }),
    unit: fc.constant('mmol/L' as const),
    method: fc.constant('cgm' as const),
  }),
  fc.constantFrom(
    {
      type: 'glucose' as const,
      value: 39,
      unit: 'mg/dL' as const,
      method: 'cgm' as const,
      text: 'low' as const,
    },
    {
      type: 'glucose' as const,
      value: 401,
      unit: 'mg/dL' as const,
      method: 'cgm' as const,
      text: 'high' as const,
    },
    {
      type: 'glucose' as const,
      value: 39 / 18.01559,
      unit: 'mmol/L' as const,
      method: 'cgm' as const,
      text: 'low' as const,
    },
    {
      type: 'glucose' as const,
      value: 401 / 18.01559,
      unit: 'mmol/L' as const,
      method: 'scan' as const,
      text: 'high' as const,
    },
  ),
  fc.record({
    type: fc.constant('insulin' as const),
    units: fc.double({ min: 0, max: 30, noNaN: true }).map((units) => quantity<InsulinUnits>(units)),
    delivery: fc.constantFrom('bolus' as const, 'basal' as const, 'long-acting' as const),
    seconds: fc.integer({ min: 0, max: 86_400 }),
  }),
  fc.record({
    type: fc.constant('meal' as const),
    carbs: fc.integer({ min: 0, max: 200 }).map((carbs) => quantity<Grams>(carbs)),
  }),
  fc.record({
    type: fc.constant('activity' as const),
    seconds: fc.integer({ min: 0, max: 9000 }),
    intensity: fc.constantFrom('light', 'medium'),
  }),
  fc.constant({ type: 'activity' as const }),
  fc.constant({ type: 'laboratory' as const, code: '4548-4', value: 6.8, unit: '%' }),
  word.map((text) => ({ type: 'note' as const, text })),
  fc
    .constantFrom('sensor start', 'calibration', 'alarm')
    .map((event) => ({ type: 'device' as const, event })),
)
const record: fc.Arbitrary<HealthRecord> = fc.tuple(clocks, content).map(([clock, body]) => {
  const at = clock.seconds + clock.milliseconds / 1000
  return {
    ...body,
    at: quantity<UnixSeconds>(at),
    local: quantity<LocalSeconds>(at + clock.offset),
    ...(clock.tick === null ? {} : { tick: clock.tick }),
    ...(clock.device === null ? {} : { device: clock.device }),
  }
})

/** A set of records as intake holds them: sorted, no two the same. */
const held = fc.array(record, { minLength: 1, maxLength: 25 }).map((records) => {
  const unique = new Map(records.map((one) => [recordKey(one), one]))
  return [...unique.values()].sort(compareRecords)
})

function comparable(records: readonly HealthRecord[]): string[] {
  return records.map(({ device: _, ...rest }) => JSON.stringify(Object.entries(rest).sort())).sort()
}

describe('export', () => {
  it.each([
    ['CSV', (records: readonly HealthRecord[]) => writeCsv([{ id: 'p-1', records }])],
    ['FHIR', (records: readonly HealthRecord[]) => JSON.stringify(writeFhir([{ id: 'p-1', records }]))],
  ])('%s comes back without loss (property)', (_, write) => {
    fc.assert(
      fc.property(held, (records) => {
        const document = readDocument(bytes(write(records)))
        expect(document.people.map(({ id }) => id)).toEqual(['p-1'])
        expect(comparable(document.people[0]?.records ?? [])).toEqual(comparable(records))
      }),
      { numRuns: 300 },
    )
  })

  it('a cell that a spreadsheet would run is written as text', () => {
    const note: HealthRecord = { type: 'note', text: '=cmd|calc', at: quantity(0), local: quantity(0) }
    expect(writeCsv([{ id: '@x', records: [note] }])).toContain("'=cmd|calc")
    expect(writeCsv([{ id: '@x', records: [note] }])).toContain("'@x")
  })

  const DATA = fileURLToPath(new URL('../../../shared/data/', import.meta.url))
  it.runIf(existsSync(DATA))(
    'real files come back whole, and the bundle passes the structural check of FHIR R4',
    () => {
      const { Fhir } = createRequire(import.meta.url)('fhir')
      for (const path of [
        'dexcom-clarity/synthetic_double_encoded_bom.csv',
        'tidepool/client_examples.json',
        'nightscout-iaps/treatments.json',
      ]) {
        const people = readDocument(readFileSync(DATA + path)).people
        const csv = readDocument(bytes(writeCsv(people)))
        const fhir = readDocument(bytes(JSON.stringify(writeFhir(people))))
        for (const back of [csv, fhir]) {
          expect(comparable(back.people[0]?.records ?? [])).toEqual(comparable(people[0]?.records ?? []))
        }
        const small = people.map((person) => ({ ...person, records: person.records.slice(0, 40) }))
        const { valid, messages } = new Fhir().validate(writeFhir(small))
        expect(messages.filter((message: { severity: string }) => message.severity === 'error')).toEqual([])
        expect(valid).toBe(true)
      }
    },
  )
})
