/**
 * The commands of docs/studies.md, as a newcomer types them after the guided story: read from the page, run in order.
 */
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { islet } from './testing/islet-command.ts'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'islet-page-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

/** The lines of the first block of commands below a heading. */
async function commandsBelow(heading: string): Promise<readonly string[]> {
  const page = await readFile('docs/studies.md', 'utf8')
  const block = page.slice(page.indexOf(heading)).split('```')[1] ?? ''
  return block
    .split('\n')
    .map((line) => line.replace(/#.*/, '').trim())
    .filter((line) => line !== '')
}

async function run(args: readonly string[]): Promise<{ readonly code: number; readonly text: string }> {
  const running = islet([...args, '--data', join(folder, 'data')])
  const code = await running.ended
  return { code, text: `${running.out()}${running.err()}` }
}

/** Handle of somebody whose data lie at a site, as `join` names them. */
async function personAt(site: string, study: string): Promise<string> {
  const { text } = await run(['study', 'join', study, '--site', site])
  return /handle: ([0-9a-f]+)/.exec(text)?.[1] ?? ''
}

test('every command of the page runs as it stands, from the plan to the way out', async () => {
  const started = islet(['start', '--port', '0', '--data', join(folder, 'data')])
  await started.said('Ctrl-C stops it')
  started.child.kill('SIGINT')
  expect(await started.ended).toBe(130)

  const commands = await commandsBelow('## From plan to passport')
  expect(commands.length).toBeGreaterThan(15)
  const names = new Map([
    ['my-study', join(folder, 'my-study')],
    ['passport.json', join(folder, 'passport.json')],
  ])
  for (const command of commands) {
    if (command.includes('1f2e') && !names.has('1f2e')) {
      names.set('1f2e', await personAt('north', names.get('0x1a2b') ?? ''))
      names.set('3c4d', await personAt('south', names.get('0x1a2b') ?? ''))
    }
    let typed = command.replace(/^islet /, '')
    for (const [placeholder, name] of names) typed = typed.replaceAll(placeholder, name)
    const { code, text } = await run(typed.split(/\s+/))
    expect([command, code, text]).toEqual([command, 0, text])
    const study = command.includes('study submit') && /0x[0-9a-f]{10}/.exec(text)?.[0]
    if (study) names.set('0x1a2b', study)
    const sheet = /name it: --sheet (0x[0-9a-f]+)/.exec(text)?.[1]
    if (sheet !== undefined) names.set('0x5e6f', sheet)
    if (command.includes('study run')) expect(text).toContain('The passport holds.')
    if (command.includes('study mine')) expect(text).toContain('learned from you')
    if (command.includes('study withdraw')) expect(text).toContain('You are out from block')
  }
}, 1_200_000)
