/**
 * How a passphrase and a recovery code pass between person and command: typed without echo, or by file.
 *
 * Laws: neither ever stands in an argument, a message or a log; without a terminal the command refuses and says what it
 * needs; a recovery file is made for its owner alone and never overwrites.
 */
import { readFile, stat, writeFile } from 'node:fs/promises'
import { IsletError, isIsletError } from '../../vocabulary/index.ts'

/** Shortest passphrase that is taken. */
const LEAST_LETTERS = 10

/** What asks a person; undefined where nobody can be asked. */
export interface Asker {
  /** One line typed without echo. Throws `INTERRUPTED`. */
  readonly secret: (prompt: string) => Promise<string>
  /** One line, shown as it is typed. */
  readonly line: (prompt: string) => Promise<string>
  readonly tell: (text: string) => void
}

export interface PassphraseSources {
  readonly asker: Asker | undefined
  readonly environment: Readonly<Record<string, string | undefined>>
  /** `--passphrase-file`. */
  readonly file: string | undefined
  /** Whether it is chosen now, and so asked for twice. */
  readonly fresh: boolean
}

/** The passphrase: from the file, the environment, or the terminal. Throws `PASSPHRASE_NEEDED`, `PASSPHRASE_SHORT`, `PASSPHRASES_DIFFER`. */
export async function passphraseFrom({
  asker,
  environment,
  file,
  fresh,
}: PassphraseSources): Promise<string> {
  const given = file === undefined ? environment['ISLET_PASSPHRASE'] : firstLine(await readFile(file, 'utf8'))
  if (given !== undefined && given !== '') return longEnough(given, fresh)
  if (asker === undefined) {
    throw new IsletError(
      'PASSPHRASE_NEEDED',
      'your own data need a passphrase, and nobody can be asked for one here',
      {},
      {
        remedy:
          'set ISLET_PASSPHRASE, give --passphrase-file FILE, run it in a terminal, or add --ephemeral to keep nothing',
      },
    )
  }
  if (!fresh) return asker.secret('Passphrase: ')
  asker.tell(`Your data will be sealed under a passphrase of yours (at least ${LEAST_LETTERS} characters).\n`)
  for (let attempt = 0; attempt < 3; attempt++) {
    try {
      const first = longEnough(await asker.secret('Passphrase: '), true)
      if (first === (await asker.secret('The same again: '))) return first
      asker.tell('They differ. Once more:\n')
    } catch (error) {
      if (!isIsletError(error, 'PASSPHRASE_SHORT')) throw error
      asker.tell(`${error.message}. Once more:\n`)
    }
  }
  throw new IsletError('PASSPHRASES_DIFFER', 'no passphrase was typed twice alike')
}

/** Where a recovery code goes to, or comes from. */
export interface RecoverySinks {
  readonly asker: Asker | undefined
  /** `--recovery-file`. */
  readonly file: string | undefined
}

/** Throws `RECOVERY_FILE_NEEDED`, `FILE_EXISTS`: before anything is made, so that nothing is made in vain. */
export async function checkRecoverySink({ asker, file }: RecoverySinks): Promise<void> {
  if (file !== undefined) {
    const there = await stat(file).catch(() => undefined)
    if (there === undefined) return
    throw new IsletError(
      'FILE_EXISTS',
      'the recovery file is there already and is never overwritten',
      {},
      { at: { file }, remedy: 'choose another name' },
    )
  }
  if (asker !== undefined) return
  throw new IsletError(
    'RECOVERY_FILE_NEEDED',
    'the recovery code has to go somewhere, and nobody can be shown it here',
    {},
    { remedy: 'give --recovery-file FILE, or run it in a terminal' },
  )
}

/** Hands over the code and gives back what was typed, or what lies in the file. Throws `RECOVERY_CODE_NOT_CONFIRMED`. */
export async function confirmRecovery({ asker, file }: RecoverySinks, code: string): Promise<string> {
  if (file !== undefined) {
    await writeFile(file, `${code}\n`, { flag: 'wx', mode: 0o600, flush: true })
    return firstLine(await readFile(file, 'utf8'))
  }
  if (asker === undefined)
    throw new IsletError('RECOVERY_FILE_NEEDED', 'nobody can be shown the recovery code')
  asker.tell(
    `\nYour recovery code, shown once. It opens your data when the passphrase is forgotten.\nWrite it on paper:\n\n    ${code}\n\n`,
  )
  for (let attempt = 0; attempt < 3; attempt++) {
    const typed = await asker.line('Type it back: ')
    if (plain(typed) === plain(code)) return typed
    asker.tell('That is not the code above.\n')
  }
  throw new IsletError(
    'RECOVERY_CODE_NOT_CONFIRMED',
    'the recovery code was not typed back, so no data were taken in',
    {},
    { remedy: 'start again; a new code will be drawn' },
  )
}

/** A recovery code that was kept: from a file's first line, or typed. Throws `RECOVERY_CODE_NEEDED`. */
export async function keptRecoveryCode({ asker, file }: RecoverySinks): Promise<string> {
  if (file !== undefined) return firstLine(await readFile(file, 'utf8'))
  if (asker !== undefined) return asker.line('Recovery code: ')
  throw new IsletError(
    'RECOVERY_CODE_NEEDED',
    'a recovery needs the recovery code, and nobody can be asked for it here',
    {},
    { remedy: 'give --recovery-file FILE, whose first line is the code, or run it in a terminal' },
  )
}

function longEnough(passphrase: string, fresh: boolean): string {
  if (!fresh || [...passphrase].length >= LEAST_LETTERS) return passphrase
  throw new IsletError(
    'PASSPHRASE_SHORT',
    `a passphrase has at least ${LEAST_LETTERS} characters`,
    {},
    { remedy: 'four or five words do well' },
  )
}

function firstLine(text: string): string {
  return text.split(/\r?\n/, 1)[0] ?? ''
}

/** The code without spacing and case: how a person may type it. */
function plain(text: string): string {
  return text.replace(/[\s\-–—_.]/g, '').toUpperCase()
}
