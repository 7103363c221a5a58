/** `islet demo` on four validators of this machine: the same story with the same checks as on the embedded engine. */
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { Value } from 'typebox/value'
import { describe, expect, test } from 'vitest'
import { DemoDocument } from '../src/api/documents.door.ts'
import { engineIsBuilt } from '../src/ledger/testing/engine-built.ts'
import { storySteps } from '../src/node/story/play.ts'
import { islet, ranHere } from './testing/islet-command.ts'

const ON_FOUR = ['demo', '--engine', 'consortium', '--local', '4', '--json'] as const

describe.skipIf(!engineIsBuilt())('the story on four validators', () => {
  test('holds whole, and leaves its dump and no process', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'islet-on-four-'))
    const running = islet(ON_FOUR, { TMPDIR: folder })
    const code = await running.ended
    const document: unknown = JSON.parse(running.out())
    if (!Value.Check(DemoDocument, document)) throw new Error(`not islet.demo/1: ${running.out()}`)
    const failed = document.steps.flatMap(({ name, checks }) =>
      checks.flatMap((check) => (check.ok ? [] : [{ name, ...check }])),
    )
    expect(failed).toEqual([])
    expect([code, document.ok, document.engine]).toEqual([0, true, 'consortium'])
    expect(document.steps.map(({ name }) => name)).toEqual(storySteps({ simulated: true }))
    const dump = document.dump ?? ''
    expect(await readdir(dirname(dump))).toEqual(['dump'])
    expect(await enginesOn(folder)).toEqual([])
    const verified = await ranHere(['verify', dump, '--json'])
    expect([verified.code, JSON.parse(verified.out)]).toMatchObject([0, { ok: true, anchored: false }])
    await rm(folder, { recursive: true })
  })

  test('that is interrupted ends with 130 and leaves neither files nor processes', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'islet-on-four-'))
    const running = islet(ON_FOUR, { TMPDIR: folder })
    await running.said('A clinic asks for access')
    expect((await enginesOn(folder)).length).toBe(process.platform === 'linux' ? 4 : 0)
    running.child.kill('SIGINT')
    expect(await running.ended).toBe(130)
    expect(await enginesOn(folder)).toEqual([])
    expect(await readdir(folder)).toEqual([])
    await rm(folder, { recursive: true })
  })
})

/** Processes of this machine that name a folder in their command line; none where the system does not tell. */
async function enginesOn(folder: string): Promise<readonly string[]> {
  const found: string[] = []
  for (const pid of await readdir('/proc').catch(() => [])) {
    if (!/^\d+$/.test(pid)) continue
    const line = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')
    if (line.includes(folder) && line.includes('start')) found.push(line)
  }
  return found
}
