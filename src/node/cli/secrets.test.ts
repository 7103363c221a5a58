import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { setUpOwnPerson } from '../service/own-person.ts'
import { type Asker, checkRecoverySink, confirmRecovery, passphraseFrom } from './secrets.ts'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'islet-secrets-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

/** A person who types the given lines, and what they saw. */
function typing(...lines: readonly string[]): Asker & { readonly seen: () => string } {
  const rest = [...lines]
  let seen = ''
  const next = async (prompt: string): Promise<string> => {
    seen += prompt
    return rest.shift() ?? ''
  }
  return {
    secret: next,
    line: next,
    tell: (text) => {
      seen += text
    },
    seen: () => seen,
  }
}

const NOBODY = { asker: undefined, environment: {}, file: undefined, fresh: true }
const GOOD = 'four words and a stone'

describe('the passphrase', () => {
  it('is asked for twice when it is chosen, and again when the two differ or it is short', async () => {
    const person = typing('short', GOOD, 'other than that', GOOD, GOOD)
    await expect(passphraseFrom({ ...NOBODY, asker: person })).resolves.toBe(GOOD)
    expect(person.seen()).toContain('They differ')
    expect(person.seen()).not.toContain(GOOD)
  })

  it('is given up after three attempts', async () => {
    const person = typing(GOOD, '1', GOOD, '2', GOOD, '3')
    await expect(passphraseFrom({ ...NOBODY, asker: person })).rejects.toMatchObject({
      code: 'PASSPHRASES_DIFFER',
    })
  })

  it('is asked for once when the key file is there', async () => {
    await expect(passphraseFrom({ ...NOBODY, fresh: false, asker: typing('old') })).resolves.toBe('old')
  })

  it('comes from the first line of a file before the environment', async () => {
    const file = join(folder, 'passphrase')
    await writeFile(file, `${GOOD}\r\nnot this\n`)
    const environment = { ISLET_PASSPHRASE: 'not this either' }
    await expect(passphraseFrom({ ...NOBODY, environment, file })).resolves.toBe(GOOD)
    await expect(passphraseFrom({ ...NOBODY, environment })).resolves.toBe('not this either')
  })
})

describe('the recovery code', () => {
  it('is shown once and taken back in any spacing and case', async () => {
    const code = 'ABCDE-FGHJK'
    const person = typing('no', 'abcde fghjk')
    await expect(confirmRecovery({ asker: person, file: undefined }, code)).resolves.toBe('abcde fghjk')
    expect(person.seen().split(code)).toHaveLength(2)
  })

  it('that is never typed back stops everything', async () => {
    const sink = { asker: typing('a', 'b', 'c'), file: undefined }
    await expect(confirmRecovery(sink, 'ABCDE')).rejects.toMatchObject({
      code: 'RECOVERY_CODE_NOT_CONFIRMED',
    })
  })

  it('goes to a file for its owner alone, never over another', async () => {
    const file = join(folder, 'code')
    const sink = { asker: undefined, file }
    await checkRecoverySink(sink)
    await confirmRecovery(sink, 'ABCDE-FGHJK')
    expect([(await stat(file)).mode & 0o777, await readFile(file, 'utf8')]).toEqual([0o600, 'ABCDE-FGHJK\n'])
    await expect(checkRecoverySink(sink)).rejects.toMatchObject({ code: 'FILE_EXISTS' })
  })

  it('and the passphrase lead to one root before data are taken in; a wrong code does not', async () => {
    const directory = join(folder, 'person')
    let shown = ''
    const confirm = async (code: string): Promise<string> => {
      shown = code
      return code.toLowerCase()
    }
    const root = await setUpOwnPerson({ directory, passphrase: GOOD, confirm })
    expect(root).toHaveLength(32)
    for (const name of ['keys.json', 'recovery.json']) {
      const text = await readFile(join(directory, name), 'utf8')
      expect(text).not.toContain(shown)
      expect(text).not.toContain(GOOD)
      expect((await stat(join(directory, name))).mode & 0o777).toBe(0o600)
    }
    const another = setUpOwnPerson({
      directory: join(folder, 'other'),
      passphrase: GOOD,
      confirm: async () => shown,
    })
    await expect(another).rejects.toMatchObject({ code: 'RECOVERY_CODE_WRONG' })
    const typo = setUpOwnPerson({
      directory: join(folder, 'typo'),
      passphrase: GOOD,
      confirm: async (code) => (code.startsWith('0') ? `1${code.slice(1)}` : `0${code.slice(1)}`),
    })
    await expect(typo).rejects.toMatchObject({ code: 'RECOVERY_CODE_MISTYPED' })
  })
})
