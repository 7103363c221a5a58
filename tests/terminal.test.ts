/**
 * What the command asks at a real terminal: nothing secret is shown, Ctrl-C is understood, the terminal comes back.
 */
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { setUpOwnPerson } from '../src/node/service/own-person.ts'
import { readRoot } from '../src/node/story/person.ts'
import { atTerminal, hasPseudoTerminal } from './testing/pseudo-terminal.ts'

const CTRL_C = '\u0003'
const CTRL_D = '\u0004'
const BACKSPACE = '\u007f'
const OLD = 'four words and a stone'
const NEW = 'another five words, and rain'

describe.skipIf(!hasPseudoTerminal())('at a terminal', { timeout: 600_000 }, () => {
  let home: string
  let file: string
  beforeAll(async () => {
    home = await mkdtemp(join(tmpdir(), 'islet-terminal-'))
    file = join(home, 'export.csv')
    const rows = [0, 5, 10, 15].map((minute) => `p,2025-03-01 10:${String(minute).padStart(2, '0')}:00,120`)
    await writeFile(file, `id,time,gl\n${rows.join('\n')}\n`)
  })
  afterAll(() => rm(home, { recursive: true, force: true }))

  test.concurrent.each([
    ['Ctrl-C', CTRL_C],
    ['Ctrl-D on an empty line', CTRL_D],
  ])('%s at the passphrase ends with 130, the terminal as it was and nothing made', async (name, key) => {
    const data = join(home, name)
    const left = await atTerminal(
      ['start', '--port', '0', '--data', data, '--import', file],
      [{ wait: 'Passphrase: ' }, { type: key }],
    )
    expect([left.code, left.restored]).toEqual([130, true])
    expect(left.seen).toContain('interrupted')
    expect(left.seen).not.toMatch(/\n\s+at /)
    expect(await readdir(data)).toEqual([])
  })

  test.concurrent('a passphrase is never shown; two that differ are asked for again; the code has to be typed back', async () => {
    const data = join(home, 'typed')
    const left = await atTerminal(
      ['start', '--port', '0', '--data', data, '--import', file],
      [
        { wait: 'Passphrase: ' },
        { type: `${OLD}\r` },
        { wait: 'The same again: ' },
        { type: 'four words and a stove\r' },
        { wait: 'They differ. Once more:' },
        { wait: 'Passphrase: ' },
        { type: `${OLD.slice(0, -1)}X${BACKSPACE}e\r` },
        { wait: 'The same again: ' },
        { type: `${OLD}\r` },
        { wait: 'Type it back: ' },
        { type: 'something else\r' },
        { wait: 'That is not the code above' },
        { wait: 'Type it back: ' },
        { type: CTRL_C },
      ],
    )
    expect([left.code, left.restored]).toEqual([130, true])
    expect(left.seen).not.toMatch(/four|stove|words/)
    expect(left.seen).toContain('something else')
    expect((await readdir(join(data, 'patients')).catch(() => [])).length).toBe(0)
  })

  test.concurrent('islet recover sets a new passphrase, pasted twice at once, and the old one opens nothing', async () => {
    const data = join(home, 'forgotten')
    const directory = join(data, 'patients', '0123456789abcdef')
    let code = ''
    const confirm = async (shown: string): Promise<string> => {
      code = shown
      return shown
    }
    const root = await setUpOwnPerson({ directory, passphrase: OLD, confirm })
    const recovery = await readFile(join(directory, 'recovery.json'), 'utf8')
    const left = await atTerminal(
      ['recover', '--data', data],
      [
        { wait: 'Recovery code: ' },
        { type: `${code.slice(0, -1)}\r` },
        { wait: 'Once more:' },
        { wait: 'Recovery code: ' },
        { type: `${code.toLowerCase().replaceAll('-', ' ')}\r` },
        { wait: 'Passphrase: ' },
        { type: `${NEW}\r${NEW}\r` },
        { wait: 'The new passphrase opens your data' },
      ],
    )
    expect([left.code, left.restored]).toEqual([0, true])
    expect(left.seen).not.toContain('rain')
    expect(await readRoot(directory, { passphrase: NEW })).toEqual(root)
    await expect(readRoot(directory, { passphrase: OLD })).rejects.toMatchObject({ code: 'KEY_FILE_LOCKED' })
    expect(await readFile(join(directory, 'recovery.json'), 'utf8')).toBe(recovery)
  })
})
