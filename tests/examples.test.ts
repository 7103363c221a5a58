import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { proveOne } from '../examples/prove-a-record-is-anchored.ts'
import { summaries } from '../examples/read-an-export.ts'
import { utf8 } from '../src/vocabulary/index.ts'

const folder = fileURLToPath(new URL('../examples/', import.meta.url))

describe('the examples', () => {
  it('are short enough to be read at once', () => {
    for (const name of readdirSync(folder)) {
      expect(readFileSync(folder + name, 'utf8').split('\n').length, name).toBeLessThanOrEqual(60)
    }
  })

  it('read an export and say what its glucose says', () => {
    const [first] = summaries(utf8('id,time,gl\na,2024-05-01 00:00:00,100\na,2024-05-01 00:05:00,110\n'))
    expect(first).toContain('2 of 2 rows of this csv file are glucose')
    expect(first).toContain('Mean 105 mg/dL')
  })

  it('prove a chunk under its root, and nothing else with the same proof', () => {
    for (const [count, index] of [
      [1, 0],
      [24, 7],
      [1000, 999],
    ] as const) {
      expect(proveOne(count, index)).toEqual({ proven: true, forged: count === 1 })
    }
  })
})
