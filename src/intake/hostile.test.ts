/** Hostile and broken input: a coded error or a counted drop, never a crash, never half a result. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { IsletError } from '../vocabulary/index.ts'
import { decodeText } from './decode-text.ts'
import { detectFormat, readDocument } from './index.ts'
import { bytes, sum } from './testing/sums.ts'

const GOOD = 'id,time,gl\nA,2024-05-13 10:00,120\nA,2024-05-13 10:05,121\n'

function codeOf(act: () => unknown): string {
  try {
    act()
  } catch (error) {
    if (error instanceof IsletError) return error.code
    throw error
  }
  return 'NONE'
}

describe('files that are no text export', () => {
  it.each([
    [new Uint8Array([0x50, 0x4b, 0x03, 0x04, 1, 2, 3]), 'FILE_COMPRESSED', 'zip'],
    [new Uint8Array([0x1f, 0x8b, 8, 0]), 'FILE_COMPRESSED', 'gzip'],
    [bytes('%PDF-1.7 report'), 'FILE_COMPRESSED', 'PDF'],
    [new Uint8Array(0), 'FILE_EMPTY', 'nothing'],
    [bytes(' \r\n\t\n'), 'FILE_EMPTY', 'white space'],
    [new Uint8Array([0xef, 0xbb, 0xbf]), 'FILE_EMPTY', 'a mark alone'],
    [new Uint8Array(300), 'FILE_BINARY', 'zeros'],
    [bytes('hello world'), 'FORMAT_UNKNOWN', 'prose'],
    [bytes('<html><body>Sign in</body></html>'), 'FORMAT_UNKNOWN', 'a sign-in page'],
    [bytes('a,b,c\n1,2,3\n'), 'FORMAT_UNKNOWN', 'another table'],
    [bytes('[]'), 'FORMAT_UNKNOWN', 'an empty list'],
    [bytes('{"a":1}'), 'FORMAT_UNKNOWN', 'another document'],
    [bytes('[1,2,3]'), 'FORMAT_UNKNOWN', 'numbers'],
    [bytes('[{"type":"sgv","sgv":120,'), 'JSON_BROKEN', 'JSON cut short'],
    [bytes(`${'['.repeat(100_000)}`), 'JSON_TOO_DEEP', 'deep nesting'],
    [bytes(`{"a":${'{"a":'.repeat(5000)}1${'}'.repeat(5001)}`), 'JSON_TOO_DEEP', 'deep objects'],
  ])('file %# is refused', (file, code, _why) => {
    expect(codeOf(() => readDocument(file))).toBe(code)
    expect(codeOf(() => detectFormat(file))).toBe(code)
  })

  it('every refusal says what to do', () => {
    for (const file of ['hello', '[{"a":', '{}', '']) {
      try {
        readDocument(bytes(file), { name: 'a.csv' })
        expect.unreachable()
      } catch (error) {
        expect(error).toMatchObject({ remedy: expect.any(String), at: { file: 'a.csv' } })
      }
    }
  })

  it('a format that does not fit is refused, not forced', () => {
    expect(codeOf(() => readDocument(bytes(GOOD), { format: 'fhir' }))).toBe('FORMAT_MISMATCH')
    expect(codeOf(() => readDocument(bytes('[{"sgv":1}]'), { format: 'csv' }))).toBe('FORMAT_MISMATCH')
    expect(codeOf(() => readDocument(bytes(GOOD), { format: 'libreview' }))).toBe('HEADER_MISSING')
    expect(codeOf(() => readDocument(bytes(GOOD), { format: 'dexcom-clarity' }))).toBe('HEADER_MISSING')
    expect(codeOf(() => readDocument(bytes(GOOD), { format: 'carelink' }))).toBe('HEADER_MISSING')
    expect(readDocument(bytes('[]'), { format: 'nightscout' })).toMatchObject({ rows: 0, kept: 0 })
  })
})

describe('limits', () => {
  it('bytes, rows and line length', () => {
    expect(codeOf(() => readDocument(bytes(GOOD), { limits: { bytes: 10 } }))).toBe('FILE_TOO_LARGE')
    expect(codeOf(() => readDocument(bytes(GOOD), { limits: { rows: 2 } }))).toBe('TOO_MANY_ROWS')
    expect(codeOf(() => readDocument(bytes(`${GOOD}A,${'x'.repeat(2_000_000)},1\n`)))).toBe('LINE_TOO_LONG')
  })

  it('one line of 50 MB is refused within seconds', () => {
    const file = new Uint8Array(50_000_000).fill(0x61)
    expect(['LINE_TOO_LONG', 'FORMAT_UNKNOWN']).toContain(codeOf(() => readDocument(file)))
  })

  it('a million entries of nothing are counted', () => {
    const document = readDocument(
      bytes(`[{"type":"sgv","sgv":120,"date":1767258000000}${',0'.repeat(100_000)}]`),
    )
    expect(document).toMatchObject({
      rows: 100_001,
      kept: 1,
      dropped: [{ reason: 'BROKEN_ROW', count: 100_000 }],
    })
  })
})

describe('text made to keep patterns busy', () => {
  const long = (part: string) => part.repeat(Math.ceil(150_000 / part.length))
  const parts = [
    'a',
    'Y',
    ' ',
    '(',
    'mg ',
    'mg/dL ',
    '<',
    '<40 ',
    '1',
    '1,',
    '-',
    ':',
    '"',
    "'",
    'Index',
    '2024-05-13 ',
    'T',
    '=',
  ]
  const heads = [
    'id,time,gl',
    'id,time,gl,unit,type',
    'Index,Timestamp (YYYY-MM-DDThh:mm:ss),Event Type,Event Subtype,Patient Info,Device Info,Source Device ID,Glucose Value (mg/dL),Insulin Value (u),Carb Value (grams),Duration (hh:mm:ss)',
    '-------;a;b\nIndex;Date;Time;Sensor Glucose (mg/dL);ISIG Value;Event Marker',
  ]

  it.each(parts)(
    '%j repeated, as header, in every cell, with good rows around',
    { timeout: 60_000 },
    (part) => {
      // Quadratic patterns took minutes here, longer than a test may last; linear ones take milliseconds.
      const text = long(part)
      codeOf(() => readDocument(bytes(text)))
      codeOf(() => readDocument(bytes(`${text}\n${GOOD}`)))
      for (const head of heads) {
        const mark = head.includes(';') ? ';' : ','
        const width = (head.split('\n').at(-1) ?? '').split(mark).length
        for (let column = 0; column < width; column++) {
          const cells = Array.from({ length: width }, (_, index) =>
            index === column ? text.replaceAll(mark, '.') : '2024-05-13 10:00',
          )
          codeOf(() => expect(sum(readDocument(bytes(`${head}\n${cells.join(mark)}\n`)))).toBe(1))
        }
      }
      const strings = { type: 'cbg', units: text, value: text, time: text, deviceTime: text, deviceId: text }
      codeOf(() =>
        readDocument(
          bytes(
            JSON.stringify([
              strings,
              { eventType: text, created_at: text, notes: text, insulin: text, device: text },
            ]),
          ),
        ),
      )
    },
  )
})

describe('broken rows among good ones', () => {
  it.each([
    ['A,2024-05-13 10:10,"122', 'BROKEN_ROW', 'unbalanced quote'],
    ['A,2024-05-13 10:10', 'SHORT_ROW', 'cut in the middle'],
    ['A,2024-05-13 10:10,=HYPERLINK("http://x";"120")', 'BROKEN_ROW', 'a formula'],
    ['A,2024-05-13 10:10,=1+119', 'UNPARSED_VALUE', 'a formula that gives a number'],
    ["A,2024-05-13 10:10,+cmd|' /C calc'!A0", 'UNPARSED_VALUE', 'a command'],
    ['A,2024-05-13 10:10,1e999', 'UNPARSED_VALUE', 'infinity'],
    ['A,2024-05-13 10:10,\u0000120', 'UNPARSED_VALUE', 'a NUL'],
    ['A,2024-05-13 10:10,١٢٠', 'UNPARSED_VALUE', 'other digits'],
    ['A,2024-05-13 10:10,1.2.0', 'UNPARSED_VALUE', 'two points'],
    ['A,2024-05-13 10:10,-120', 'OUT_OF_RANGE', 'negative'],
    ['A,0001-01-01 00:00,120', 'UNPARSED_TIME', 'year 1'],
    ['A,9999-12-31 00:00,120', 'UNPARSED_TIME', 'year 9999'],
  ])('%j', (row, reason, _why) => {
    const document = readDocument(bytes(GOOD + row))
    expect(document.kept).toBe(2)
    expect(document.rows).toBe(3)
    expect(document.dropped[0]?.lines).toEqual([4])
    expect(
      ['BROKEN_ROW', 'UNPARSED_VALUE'].includes(reason) ? ['BROKEN_ROW', 'UNPARSED_VALUE'] : [reason],
    ).toContain(document.dropped[0]?.reason)
  })

  it('a name in the person column loses its control characters', () => {
    const document = readDocument(bytes('id,time,gl\n\u001b[31mA\u202e,2024-05-13 10:00,120'))
    expect(document.people[0]?.id).toBe('[31mA')
  })

  it('prototype names are ordinary text', () => {
    const document = readDocument(
      bytes('id,time,gl\n__proto__,2024-05-13 10:00,120\nconstructor,2024-05-13 10:00,120'),
    )
    expect(document.people.map(({ id }) => id)).toEqual(['__proto__', 'constructor'])
    const json = '[{"__proto__":{"sgv":1},"type":"sgv","sgv":120,"date":1767258000000}]'
    expect(readDocument(bytes(json)).kept).toBe(1)
  })
})

describe('encodings', () => {
  const utf16 = (text: string, little: boolean, mark: boolean): Uint8Array => {
    const units = [...(mark ? '\uFEFF' : ''), ...text].map((letter) => letter.charCodeAt(0))
    return Uint8Array.from(
      units.flatMap((unit) => (little ? [unit & 255, unit >> 8] : [unit >> 8, unit & 255])),
    )
  }

  it.each([
    [utf16(GOOD, true, true), 'UTF-16 little endian'],
    [utf16(GOOD, false, true), 'UTF-16 big endian'],
    [utf16(GOOD, true, false), 'UTF-16 without a mark'],
    [bytes(`\uFEFF${GOOD}`), 'a mark'],
    [bytes(`\uFEFF\uFEFF${GOOD}`), 'two marks'],
    [bytes(`\uFEFF"\u00EF\u00BB\u00BFid"${GOOD.slice(2)}`), 'a mark read as Windows-1252'],
    [bytes(`\uFEFF\uFEFF"\u00EF\u00BB\u00BFid"${GOOD.slice(2)}`), 'two marks and one read as Windows-1252'],
    [bytes(GOOD.replaceAll('\n', '\r')), 'old line ends'],
    [bytes(GOOD.replace('\n', '\r\n')), 'mixed line ends'],
    [
      Uint8Array.from([
        ...bytes('id,time,gl,Ger'),
        0xe4,
        ...bytes('t\nA,2024-05-13 10:00,120,x\nA,2024-05-13 10:05,121,x'),
      ]),
      'Windows-1252',
    ],
  ])('encoding %# is read', (file, _why) => {
    expect(readDocument(file)).toMatchObject({ format: 'csv', kept: 2 })
  })
})

describe('byte order marks', () => {
  it.each(['\uFEFF', '\uFEFF\uFEFF', '\u00EF\u00BB\u00BF', '\uFEFF\u00EF\u00BB\u00BF'])(
    'mark %# goes',
    (mark) => {
      expect(decodeText(bytes(`${mark}id,time`), {})).toBe('id,time')
      expect(decodeText(bytes(`${mark}"\uFEFF\u00EF\u00BB\u00BFid",time`), {})).toBe('"id",time')
    },
  )
})

describe('anything at all', () => {
  const seeds = [
    GOOD,
    '[{"type":"sgv","sgv":120,"date":1767258000000}]',
    '{"resourceType":"Bundle","entry":[{"resource":{"resourceType":"Observation","code":{"coding":[{"code":"99504-3"}]}}}]}',
    '-------;a;b\nIndex;Date;Time;Sensor Glucose (mg/dL);ISIG Value\n0;2024/05/13;08:10:00;121;20',
    'Index,Timestamp (YYYY-MM-DDThh:mm:ss),Event Type,Event Subtype,Patient Info,Device Info,Source Device ID,Glucose Value (mg/dL),Insulin Value (u),Carb Value (grams),Duration (hh:mm:ss)\n1,2024-05-13T08:00:00,EGV,,,,p,120,,,',
  ]

  it('random bytes give a document that adds up or a coded error (property)', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), (file) => {
        expect(codeOf(() => expect(sum(readDocument(file))).toBeGreaterThanOrEqual(0))).toMatch(/^[A-Z_]+$/)
      }),
      { numRuns: 300 },
    )
  })

  it('a good file with bytes changed, cut or doubled gives a document that adds up or a coded error (property)', () => {
    const change = fc.record({
      seed: fc.constantFrom(...seeds),
      at: fc.nat(2000),
      insert: fc.string({
        unit: fc.constantFrom('"', ',', ';', '\n', '{', '[', '}', '0', '\u0000', 'é', '=', '\\', ':'),
        maxLength: 6,
      }),
      remove: fc.nat(12),
      cut: fc.option(fc.nat(2000)),
    })
    fc.assert(
      fc.property(change, ({ seed, at, insert, remove, cut }) => {
        const place = at % seed.length
        const changed = seed.slice(0, place) + insert + seed.slice(place + remove)
        const text = cut === null ? changed : changed.slice(0, cut % (changed.length + 1))
        codeOf(() => {
          const document = readDocument(bytes(text))
          expect(sum(document)).toBe(document.rows)
        })
      }),
      { numRuns: 800 },
    )
  })

  it('any JSON gives a document that adds up or a coded error (property)', () => {
    const entry = fc.dictionary(
      fc.constantFrom(
        'type',
        'sgv',
        'date',
        'eventType',
        'created_at',
        'resourceType',
        'code',
        'value',
        'units',
        'time',
        'insulin',
        'carbs',
        'store',
        'defaultProfile',
        'deviceId',
        'valueQuantity',
        'subject',
        'extension',
        'entry',
        'duration',
        'notes',
        'nutrition',
        'dose',
        'annotations',
      ),
      fc.oneof(
        fc.jsonValue({ maxDepth: 3 }),
        fc.constantFrom('sgv', 'cbg', 'bolus', 'Observation', 'Temp Basal', 'food', 'mmol/L'),
      ),
    )
    fc.assert(
      fc.property(
        fc.array(entry, { maxLength: 6 }),
        fc.constantFrom('nightscout', 'tidepool', 'fhir', undefined),
        (list, format) => {
          codeOf(() => {
            const document = readDocument(bytes(JSON.stringify(list)), format === undefined ? {} : { format })
            expect(sum(document)).toBe(document.rows)
            expect(document.rows).toBe(list.length)
          })
        },
      ),
      { numRuns: 800 },
    )
  })
})
