/** Devices as the person's own records tell them: from real files through intake, every record in one row. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { report } from '../../../glycemia/index.ts'
import { deviceNames, readDocument } from '../../../intake/index.ts'
import type { HealthRecord } from '../../../series/index.ts'
import { type LocalSeconds, quantity, type UnixSeconds } from '../../../vocabulary/index.ts'
import { sourcesOf } from './sources.ts'

const START = 1_700_000_000

/** A Nightscout list of five-minute values of devices one after the other, with a silence of two hours in the second. */
function nightscout(devices: readonly string[]): Uint8Array {
  const entries = devices.flatMap((device, d) =>
    Array.from({ length: 100 }, (_, i) => {
      const at = START + d * 86_400 + i * 300 + (d === 1 && i >= 50 ? 7_200 : 0)
      return {
        type: 'sgv',
        sgv: 100 + i,
        date: at * 1_000,
        dateString: new Date(at * 1_000).toISOString(),
        device,
      }
    }),
  )
  return new TextEncoder().encode(JSON.stringify(entries))
}

/** What somebody holds who brought these files one after the other. */
function brought(...files: readonly Uint8Array[]): readonly HealthRecord[] {
  return files.flatMap((bytes) => {
    const [person] = readDocument(bytes).people
    return person === undefined ? [] : [...person.records, ...deviceNames(person)]
  })
}

test('a device is called as its file names it, with the figures that the report has of it', () => {
  const records = brought(nightscout(['xDrip-DexcomG6 8ABCDE', 'share2']))
  const sources = sourcesOf(records)
  expect(sources.map(({ name, given, records: count }) => [name, given, count])).toEqual([
    ['Dexcom', 'cgm', 100],
    ['xDrip+', 'cgm', 100],
  ])
  const [later, earlier] = sources
  const of = (device: number) =>
    report(records.filter((record) => record.type === 'glucose').filter((one) => one.device === device))
  expect(later).toMatchObject({
    first: START + 86_400,
    last: START + 86_400 + 99 * 300 + 7_200,
    sensor: { percent: of(2).wear.percent, gaps: 1 },
  })
  expect(later?.sensor?.percent).toBeCloseTo((100 * 100) / 124, 10)
  expect(earlier?.sensor).toEqual({ percent: 100, gaps: 0 })
  expect(JSON.stringify(sources)).not.toContain('8ABCDE')
})

test('a later file that numbers anew renames nothing that was there', () => {
  const first = nightscout(['xDrip'])
  const [moved] = readDocument(nightscout(['share2', 'Loop'])).people
  const second = [...(moved?.records ?? []), ...(moved === undefined ? [] : deviceNames(moved))].map(
    (record): HealthRecord => ({ ...record, at: quantity<UnixSeconds>(record.at + 10 * 86_400) }),
  )
  expect(sourcesOf([...second, ...brought(first)]).map(({ name }) => name)).toEqual([
    'Loop',
    'Dexcom',
    'xDrip+',
  ])
})

test('every record stands in one row, between its first and its last', () => {
  const record = fc.record({
    at: fc.integer({ min: START, max: START + 86_400 }),
    device: fc.option(fc.integer({ min: 1, max: 3 }), { nil: undefined }),
    method: fc.constantFrom('cgm', 'scan', 'smbg'),
  })
  fc.assert(
    fc.property(fc.uniqueArray(record, { maxLength: 30, selector: ({ at }) => at }), (drawn) => {
      const records = drawn.map(({ at, device, method }): HealthRecord => {
        const when = { at: quantity<UnixSeconds>(at), local: quantity<LocalSeconds>(at) }
        const of = device === undefined ? {} : { device }
        return { type: 'glucose', ...when, ...of, value: 100, unit: 'mg/dL', method }
      })
      const sources = sourcesOf(records)
      expect(sources.reduce((sum, source) => sum + source.records, 0)).toBe(records.length)
      for (const { given, sensor } of sources) expect(sensor !== undefined).toBe(given === 'cgm')
      for (const one of records)
        expect(
          sources.filter(
            ({ device, given, first, last }) =>
              device === one.device &&
              one.type === 'glucose' &&
              given === one.method &&
              first <= one.at &&
              one.at <= last,
          ),
        ).toHaveLength(1)
    }),
  )
})
