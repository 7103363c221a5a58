import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { detectDelimiter, readRows } from './delimited.ts'
import { DEFAULT_LIMITS } from './report.ts'

const rows = (text: string, delimiter = ',') => readRows(text, delimiter, DEFAULT_LIMITS, {})

describe('delimited text', () => {
  it.each([
    [
      'a,b\nc,d',
      [
        [1, ['a', 'b']],
        [2, ['c', 'd']],
      ],
      'line feeds',
    ],
    [
      'a,b\r\nc,d\r\n',
      [
        [1, ['a', 'b']],
        [2, ['c', 'd']],
      ],
      'carriage returns and line feeds',
    ],
    [
      'a,b\rc,d\ne,f\r\ng,h',
      [
        [1, ['a', 'b']],
        [2, ['c', 'd']],
        [3, ['e', 'f']],
        [4, ['g', 'h']],
      ],
      'mixed ends',
    ],
    [
      'a,b\n\n\nc,d',
      [
        [1, ['a', 'b']],
        [4, ['c', 'd']],
      ],
      'blank lines are no rows and are counted as lines',
    ],
    [
      '"a,1","b""c"\nd,e',
      [
        [1, ['a,1', 'b"c']],
        [2, ['d', 'e']],
      ],
      'quotes',
    ],
    [
      '"a\nb",c\nd,e',
      [
        [1, ['a\nb', 'c']],
        [3, ['d', 'e']],
      ],
      'a line end inside quotes',
    ],
    ['"a"x,b', [[1, ['ax', 'b']]], 'text after a quote stays'],
    ['a,,\n', [[1, ['a', '', '']]], 'empty cells'],
  ])('%j', (text, expected) => {
    expect(rows(text).map(({ line, cells }) => [line, cells])).toEqual(expected)
  })

  it('a quote that never closes costs its own line only', () => {
    const found = rows('h,i\n1,"open\n2,fine\n3,fine\n')
    expect(found.map(({ line, broken }) => [line, broken])).toEqual([
      [1, false],
      [2, true],
      [3, false],
      [4, false],
    ])
  })

  it('many unbalanced quotes stay linear', () => {
    const found = rows('a,"b\n'.repeat(20_001))
    expect(found.length).toBeGreaterThan(10_000)
  })

  it('a line longer than the limit is refused with its number', () => {
    expect(() =>
      readRows(`a,b\n${'x'.repeat(2000)}`, ',', { ...DEFAULT_LIMITS, lineLength: 1000 }, {}),
    ).toThrow(expect.objectContaining({ code: 'LINE_TOO_LONG', at: { line: 2 } }))
  })

  it('more rows than the limit are refused', () => {
    expect(() => readRows('a,b\n'.repeat(11), ',', { ...DEFAULT_LIMITS, rows: 10 }, {})).toThrow(
      expect.objectContaining({ code: 'TOO_MANY_ROWS' }),
    )
  })

  it('what a careful writer quotes comes back (property)', () => {
    const cell = fc.string({ unit: fc.constantFrom('a', '1', '"', ',', ';', '\n', ' ', 'é') })
    fc.assert(
      fc.property(fc.array(fc.array(cell, { minLength: 2, maxLength: 4 }), { maxLength: 8 }), (table) => {
        const text = table
          .map((row) => row.map((one) => `"${one.replaceAll('"', '""')}"`).join(','))
          .join('\n')
        expect(rows(text).map(({ cells }) => cells)).toEqual(table)
      }),
    )
  })

  it.each([
    ['a;b;c\n1,5;2;3', ';'],
    ['a\tb\n1\t2', '\t'],
    ['id,time,gl\n1,2,3', ','],
    ['"a;b","c"\n1,2', ','],
  ])('delimiter of %j is %j', (text, delimiter) => {
    expect(detectDelimiter(text)).toBe(delimiter)
  })
})
