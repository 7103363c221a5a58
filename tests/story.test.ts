/**
 * `islet demo`: the story on virtual people through the command, and on real exports that nobody prepared.
 */
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Value } from 'typebox/value'
import { describe, expect, test } from 'vitest'
import { DemoDocument } from '../src/api/documents.door.ts'
import { storySteps } from '../src/node/story/play.ts'
import { hasSharedData } from '../src/series/testing/shared-data.ts'
import { islet, ranHere } from './testing/islet-command.ts'

const SHARED = fileURLToPath(new URL('../../shared/data/', import.meta.url))

async function demo(...args: readonly string[]): Promise<DemoDocument> {
  const { code, out, err } = await ranHere(['demo', '--json', ...args])
  const document: unknown = JSON.parse(out)
  if (!Value.Check(DemoDocument, document)) throw new Error(`not islet.demo/1: ${out}\n${err}`)
  const failed = document.steps.flatMap(({ name, checks }) =>
    checks.flatMap((check) => (check.ok ? [] : [{ name, ...check }])),
  )
  expect(failed).toEqual([])
  expect([code, document.ok]).toEqual([0, true])
  const simulated = !args.includes('--import')
  expect(document.steps.map(({ name }) => name)).toEqual(storySteps({ simulated }))
  expect(document.steps.every(({ checks }) => checks.length > 0)).toBe(true)
  return document
}

// Side by side: each has a directory and a ledger of its own, and much of a story is waiting for a grant to end.
describe.concurrent('the story', () => {
  test('holds on virtual people; its dump stays and nothing else does', async () => {
    const { dump } = await demo('--seed', '7')
    const root = dirname(dump ?? '')
    expect(await readdir(root)).toEqual(['dump'])
    const { code, out } = await ranHere(['verify', join(root, 'dump'), '--json'])
    expect([code, JSON.parse(out).ok]).toEqual([0, true])
    await rm(root, { recursive: true })
  }, 900_000)

  test.each([
    ['dexcom-clarity', 'real_deidentified_g6.csv', 'two weeks of a real sensor'],
    ['libreview', 'freestyle_libre3_synthetic.csv', 'German, with scans, 2024'],
    ['nightscout-iaps', 'entries.json', 'entries of a loop'],
    ['cross-format', 'tidepool_mmol.json', 'mmol/L'],
    ['iglu-example5', 'data.csv', 'five people in one file'],
  ])(
    'holds on %s/%s (%s)',
    async (set, name) => {
      if (!hasSharedData(set)) return
      const { dump } = await demo('--import', join(SHARED, set, name))
      await rm(dirname(dump ?? ''), { recursive: true })
    },
    900_000,
  )

  test('that is interrupted ends with 130 and leaves neither files nor processes', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'islet-interrupted-'))
    const running = islet(['demo'], { TMPDIR: folder })
    await running.said('A clinic asks for access')
    running.child.kill('SIGINT')
    expect(await running.ended).toBe(130)
    expect(running.out() + running.err()).not.toContain('FAILED')
    expect(await readdir(folder)).toEqual([])
    await rm(folder, { recursive: true })
  }, 900_000)
})
