import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { IsletError } from '../vocabulary/index.ts'
import {
  checkedSheet,
  type InformationSheet,
  readSheet,
  sheetDifference,
  sheetHash,
} from './information-sheet.ts'
import { SHEET_TEMPLATE } from './plan-template.ts'

const words = fc.constantFrom('You can stop.', 'Glucose is used.', 'Nobody sees readings.', 'It ends in May.')
const section = fc.record({
  id: fc.constantFrom('aim', 'data', 'rights', 'risks', 'end'),
  title: fc.constantFrom('Aim', 'Data', 'Rights'),
  text: fc.array(words, { minLength: 1, maxLength: 3 }),
})
const anySheet: fc.Arbitrary<InformationSheet> = fc.record({
  schema: fc.constant('islet.study.sheet/1' as const),
  language: fc.constantFrom('en', 'de'),
  sections: fc.uniqueArray(section, { minLength: 1, maxLength: 5, selector: ({ id }) => id }),
})

describe('the difference of two sheets', () => {
  it('is empty exactly when their hashes are the same', () => {
    fc.assert(
      fc.property(anySheet, anySheet, fc.boolean(), (before, other, same) => {
        const after = same ? structuredClone(before) : other
        expect(sheetDifference(before, after).length === 0).toBe(sheetHash(before) === sheetHash(after))
      }),
    )
  })

  it('shows every paragraph that is new and every one that is gone', () => {
    fc.assert(
      fc.property(anySheet, anySheet, (before, after) => {
        const changes = new Map(sheetDifference(before, after).map((change) => [change.id, change]))
        for (const { id, text } of after.sections) {
          const old = before.sections.find((known) => known.id === id)
          const fresh = old === undefined ? [] : text.filter((line) => !old.text.includes(line))
          const change = changes.get(id)
          if (old === undefined) expect(change).toMatchObject({ kind: 'ADDED', added: text })
          else if (fresh.length > 0) expect(change).toMatchObject({ kind: 'CHANGED', added: fresh })
        }
        for (const { id, text } of before.sections) {
          if (after.sections.every((known) => known.id !== id))
            expect(changes.get(id)).toMatchObject({ kind: 'REMOVED', removed: text })
        }
      }),
    )
  })
})

it('two sheets whose sections stand in another order differ in the sections that moved', () => {
  const sheet = readSheet(SHEET_TEMPLATE)
  const [first, second, ...rest] = sheet.sections
  if (first === undefined || second === undefined) throw new Error('expected sections')
  expect(sheetDifference(sheet, { ...sheet, sections: [second, first, ...rest] })).toEqual(
    [second, first].map(({ id, title }) => ({ kind: 'CHANGED', id, title, added: [], removed: [] })),
  )
})

describe('a sheet as text', () => {
  it('is read as YAML', () => {
    expect(readSheet(SHEET_TEMPLATE).sections.map(({ id }) => id)).toEqual([
      'what-for',
      'what-of-you',
      'your-say',
    ])
  })

  it.each([
    ['language', (sheet: InformationSheet) => ({ ...sheet, language: '' })],
    ['sections', (sheet: InformationSheet) => ({ ...sheet, sections: [] })],
    [
      'sections.0.text',
      (sheet: InformationSheet) => ({ ...sheet, sections: [{ id: 'a', title: 'A', text: [] }] }),
    ],
    [
      'sections.3.id',
      (sheet: InformationSheet) => ({ ...sheet, sections: [...sheet.sections, sheet.sections[0]] }),
    ],
  ])('is refused by the name of %s', (field, change) => {
    expect(() => checkedSheet(change(readSheet(SHEET_TEMPLATE)))).toThrowError(
      expect.objectContaining<Partial<IsletError>>({ code: 'SHEET_REFUSED', at: { field } }),
    )
  })
})
