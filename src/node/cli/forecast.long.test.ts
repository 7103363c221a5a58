import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { modelsFor } from '../../learning/index.ts'
import { ranHere } from './testing/ran-here.ts'

const folder = mkdtempSync(join(tmpdir(), 'islet-forecast-'))
afterAll(() => rmSync(folder, { recursive: true }))

describe('islet forecast evaluate with nothing named', () => {
  it('has a row of every model, or its refusal, in 100 columns', async () => {
    const file = join(folder, 'people.csv')
    const rows = Array.from({ length: 10 * 300 }, (_, k) => {
      const [p, i] = [Math.floor(k / 300), k % 300]
      const time = new Date(Date.UTC(2024, 4, 1) + i * 300_000).toISOString().slice(0, 19)
      return `p${p},${time},${(120 + 15 * p + 35 * Math.sin(i / 11 + p) + 8 * Math.sin(i / 3)).toFixed(0)}`
    })
    writeFileSync(file, `id,time,gl\n${rows.join('\n')}\n`)
    for (const { protocol, args } of [
      { protocol: 'W', args: ['--sites', '4'] },
      { protocol: 'F', args: ['--protocol', 'F', '--sites', '3'] },
      { protocol: 'subject', args: ['--protocol', 'subject'] },
    ] as const) {
      const { code, out } = await ranHere([
        ...['forecast', 'evaluate', file, '--rounds', '1', '--stride', '24'],
        ...args,
      ])
      expect(code).toBe(0)
      for (const model of modelsFor(protocol)) expect(out).toMatch(new RegExp(`^${model}(: | +\\d)`, 'm'))
      expect(Math.max(...out.split('\n').map((line) => [...line].length))).toBeLessThanOrEqual(100)
    }
  })
})
