import { existsSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { DUO_MODIFIERS, DUO_PERMISSIONS, isDuoCode, isDuoPermission } from './data-use.ts'

const source = '../shared/data/duo/duo.csv'

test.skipIf(!existsSync(source) && process.env['CI'] === undefined)(
  'every code, shorthand and label is the one of the ontology (left out where ../shared/data is missing)',
  () => {
    const rows = readFileSync(source, 'utf8').trim().split('\n').slice(1)
    const theirs = rows.map((row) => {
      const [id = '', shorthand = '', ...label] = row.trim().split(',')
      return [id, [shorthand, label.join(',').replaceAll('"', '')]] as const
    })
    const ours = { ...DUO_PERMISSIONS, ...DUO_MODIFIERS }
    expect(Object.fromEntries(theirs)).toEqual(ours)
  },
)

test('a code is known exactly, and a modifier is no permission', () => {
  expect(isDuoCode('DUO:0000006') && isDuoPermission('DUO:0000006')).toBe(true)
  expect(isDuoCode('DUO:0000021') && !isDuoPermission('DUO:0000021')).toBe(true)
  for (const wrong of ['DUO:6', 'HMB', '', 'toString']) expect(isDuoCode(wrong)).toBe(false)
})
