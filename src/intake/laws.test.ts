/** The laws of import, as properties over generated exports. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type IntakeDocument, mergeRecords, readDocument, recordKey } from './index.ts'
import { bytes, sum } from './testing/sums.ts'

const START = Date.parse('2024-05-13T00:00:00Z') / 1000

interface Reading {
  readonly person: string
  readonly step: number
  readonly value: number
}

const reading: fc.Arbitrary<Reading> = fc.record({
  person: fc.constantFrom('A', 'B'),
  step: fc.nat(500),
  value: fc.integer({ min: 40, max: 400 }),
})

function stamp(step: number): string {
  return new Date((START + step * 300) * 1000).toISOString().slice(0, 19)
}

const CLARITY =
  'Index,Timestamp (YYYY-MM-DDThh:mm:ss),Event Type,Event Subtype,Patient Info,Device Info,Source Device ID,Glucose Value (mg/dL),Insulin Value (u),Carb Value (grams),Duration (hh:mm:ss),Glucose Rate of Change (mg/dL/min),Transmitter Time (Long Integer),Transmitter ID'

/** One way to write readings, per format that holds local or absolute times. */
const writers: Readonly<Record<string, (rows: readonly Reading[], extra: readonly string[]) => string>> = {
  csv: (rows, extra) =>
    [
      'id,time,glucose_mgdl',
      ...rows.map((row) => `${row.person},${stamp(row.step)},${row.value}`),
      ...extra,
    ].join('\n'),
  clarity: (rows, extra) =>
    [
      CLARITY,
      ...rows.map(
        (row) => `1,${stamp(row.step)},EGV,,,,phone,${row.value},,,,,${row.step * 300 + 1},T${row.person}`,
      ),
      ...extra,
    ].join('\n'),
  carelink: (rows, extra) =>
    [
      '-------;MiniMed;Sensor;NG1;-------',
      'Index;Date;Time;Sensor Glucose (mg/dL);ISIG Value',
      ...rows.map(
        (row) =>
          `1;${stamp(row.step).slice(0, 10).replaceAll('-', '/')};${stamp(row.step).slice(11)};${row.value};20`,
      ),
      ...extra,
    ].join('\n'),
  nightscout: (rows, extra) =>
    [
      ...rows.map((row) =>
        JSON.stringify({
          type: 'sgv',
          sgv: row.value,
          device: row.person,
          date: (START + row.step * 300) * 1000,
        }),
      ),
      '{"type":"sgv","sgv":120,"date":1715600000000}',
      ...extra,
    ].join('\n'),
}

function total(document: IntakeDocument): number {
  return document.people.reduce((count, { records }) => count + records.length, 0)
}

function keysOf(document: IntakeDocument): string[] {
  return document.people
    .flatMap(({ id, records }) => records.map((record) => `${id}|${recordKey(record)}`))
    .sort()
}

describe.each(Object.entries(writers))('%s', (_, write) => {
  const rowsOf = fc.array(reading, { minLength: 1, maxLength: 40 })

  it('rows = kept + other + dropped, with garbage in between (property)', () => {
    const garbage = fc.array(
      fc.string({
        unit: fc.constantFrom('a', ',', ';', '1', '=', '-', ' ', '}', '{', 'é'),
        minLength: 1,
        maxLength: 30,
      }),
      { maxLength: 8 },
    )
    fc.assert(
      fc.property(rowsOf, garbage, (rows, extra) => {
        const noise = extra.filter((line) => line.trim() !== '')
        const document = readDocument(bytes(write(rows, noise)))
        expect(sum(document)).toBe(document.rows)
        expect(document.rows).toBe(readDocument(bytes(write(rows, []))).rows + noise.length)
        expect(total(document)).toBe(
          document.kept +
            Object.values(document.other).reduce((a, b) => a + b, 0) +
            Object.values(document.extra).reduce((a, b) => a + b, 0),
        )
      }),
    )
  })

  it('the order of rows changes no record (property)', () => {
    fc.assert(
      fc.property(rowsOf, fc.infiniteStream(fc.nat()), (rows, chance) => {
        const shuffled = rows
          .map((row) => ({ row, key: chance.next().value ?? 0 }))
          .sort((a, b) => a.key - b.key)
          .map(({ row }) => row)
        const [one, two] = [readDocument(bytes(write(rows, []))), readDocument(bytes(write(shuffled, [])))]
        expect(keysOf(two)).toEqual(keysOf(one))
        expect([two.rows, two.kept]).toEqual([one.rows, one.kept])
      }),
    )
  })

  it('rows written twice are kept once and counted as duplicates (property)', () => {
    fc.assert(
      fc.property(rowsOf, (rows) => {
        const [once, twice] = [
          readDocument(bytes(write(rows, []))),
          readDocument(bytes(write([...rows, ...rows], []))),
        ]
        expect(keysOf(twice)).toEqual(keysOf(once))
        expect(twice.kept).toBe(once.kept)
        expect(sum(twice)).toBe(twice.rows)
      }),
    )
  })

  it('records come sorted by instant (property)', () => {
    fc.assert(
      fc.property(rowsOf, (rows) => {
        for (const { records } of readDocument(bytes(write(rows, []))).people) {
          for (let i = 1; i < records.length; i++) {
            expect(records[i]?.at).toBeGreaterThanOrEqual(records[i - 1]?.at ?? 0)
          }
        }
      }),
    )
  })

  it('importing again adds nothing; a longer export adds only what is new (property)', () => {
    fc.assert(
      fc.property(rowsOf, rowsOf, (rows, later) => {
        const short = readDocument(bytes(write(rows, []))).people
        const long = readDocument(bytes(write([...rows, ...later], []))).people
        for (const { id, records } of long) {
          const held = short.find((person) => person.id === id)?.records ?? []
          expect(mergeRecords(held, held).added).toEqual([])
          const { added, duplicate } = mergeRecords(held, records)
          expect(duplicate).toBe(held.length)
          expect(added.length + duplicate).toBe(records.length)
          expect(mergeRecords([...held, ...added], records).added).toEqual([])
        }
      }),
    )
  })
})

describe('merging', () => {
  it('a reading that differs in value, unit, text or tick is another reading', () => {
    const base = readDocument(bytes(writers['clarity']?.([{ person: 'A', step: 1, value: 120 }], []) ?? ''))
      .people[0]
    const record = base?.records[0]
    if (record?.type !== 'glucose') throw new Error('no reading')
    for (const change of [
      { value: 121 },
      { unit: 'mmol/L' as const },
      { text: 'low' as const },
      { tick: 7 },
    ]) {
      expect(mergeRecords([record], [{ ...record, ...change }])).toMatchObject({ duplicate: 0 })
    }
    expect(mergeRecords([record], [{ ...record, device: 9 }])).toMatchObject({ duplicate: 1, added: [] })
  })
})
