/**
 * How a verb ends: exit codes, the one JSON document on stdout, errors in words on stderr.
 *
 * Law: with `--json` stdout holds exactly one document; nobody sees a stack trace without `--debug`.
 */
import { IsletError, isIsletError, type Json, type Place } from '../../vocabulary/index.ts'

/** What the exit status means to a script. */
export const EXIT = {
  done: 0,
  /** Done, and a check in it failed. */
  checkFailed: 1,
  /** Bad usage or bad input. */
  badInput: 2,
  /** This machine cannot: port taken, disk full, engine missing. */
  machine: 3,
  interrupted: 130,
} as const
export type ExitCode = (typeof EXIT)[keyof typeof EXIT]

/** Where a verb writes; tests give their own. */
export interface Terminal {
  readonly out: (text: string) => void
  readonly err: (text: string) => void
  /** Whether stderr is a terminal that understands escape codes. */
  readonly interactive: boolean
  /** Columns of the terminal; 80 when unknown. */
  readonly columns: number
  /** Whether stdout is a terminal that wants colour. */
  readonly colour: boolean
}

/** The process's own terminal; `NO_COLOR` is honoured. */
export function processTerminal(): Terminal {
  const colour = process.stdout.isTTY === true && process.env['NO_COLOR'] === undefined
  return {
    out: (text) => process.stdout.write(text),
    err: (text) => process.stderr.write(text),
    interactive: process.stderr.isTTY === true && process.env['TERM'] !== 'dumb',
    columns: process.stdout.columns ?? process.stderr.columns ?? 80,
    colour,
  }
}

/** The error document of COMMANDS: `islet.error/1`. */
export interface ErrorDocument {
  readonly schema: 'islet.error/1'
  readonly error: {
    readonly code: string
    readonly message: string
    readonly at?: Place
    readonly remedy?: string
  }
}

/** Codes that say that the machine, not the input, is the obstacle. */
const MACHINE_CODES = new Set([
  'PORT_TAKEN',
  'DISK_FULL',
  'DISK_FAILED',
  'READ_ONLY_DIRECTORY',
  'NO_PERMISSION',
  'ENGINE_MISSING',
  'ENGINE_FAILED',
  'DATA_IN_USE',
  'DATABASE_UNREACHABLE',
  'LEDGER_HALTED',
  'CLOCK_UNSOUND',
  'NODE_TOO_OLD',
])

/** System errors of Node in our words. */
const SYSTEM_ERRORS: Readonly<Record<string, readonly [code: string, message: string, remedy: string]>> = {
  ENOENT: ['FILE_NOT_FOUND', 'there is no such file or folder', 'check the path'],
  EISDIR: ['NOT_A_FILE', 'this is a folder, not a file', 'name a file in it'],
  ENOTDIR: ['NOT_A_DIRECTORY', 'a part of the path is a file, not a folder', 'name another folder'],
  EACCES: [
    'NO_PERMISSION',
    'this account may not read or write there',
    'change the permissions or choose another place',
  ],
  EPERM: [
    'NO_PERMISSION',
    'this account may not do that there',
    'change the permissions or choose another place',
  ],
  ENOSPC: ['DISK_FULL', 'the disk is full', 'free some space and start again; nothing acknowledged is lost'],
  EROFS: ['READ_ONLY_DIRECTORY', 'the file system is read-only', 'choose a writable place with --data DIR'],
  EADDRINUSE: ['PORT_TAKEN', 'another program listens on this port', 'choose another with --port N'],
  EMFILE: ['TOO_MANY_OPEN_FILES', 'this account may not open more files', 'raise the limit (ulimit -n)'],
}
const SYSTEM_MACHINE = new Set(['ENOSPC', 'EROFS', 'EADDRINUSE', 'EMFILE', 'EACCES', 'EPERM'])

/** A thrown value as a document and an exit code; unknown errors become `UNEXPECTED`. */
export function describeError(error: unknown): { document: ErrorDocument; exit: ExitCode } {
  if (isIsletError(error)) {
    const { code, message, at, remedy } = error
    return {
      document: {
        schema: 'islet.error/1',
        error: {
          code,
          message,
          ...(at === undefined ? {} : { at }),
          ...(remedy === undefined ? {} : { remedy }),
        },
      },
      exit: exitOf(code),
    }
  }
  const system = systemCode(error)
  const known = system === undefined ? undefined : SYSTEM_ERRORS[system]
  if (system !== undefined && known !== undefined) {
    const [code, message, remedy] = known
    const path = systemPath(error)
    return {
      document: {
        schema: 'islet.error/1',
        error: { code, message, ...(path === undefined ? {} : { at: { file: path } }), remedy },
      },
      exit: SYSTEM_MACHINE.has(system) ? EXIT.machine : EXIT.badInput,
    }
  }
  return {
    document: {
      schema: 'islet.error/1',
      error: {
        code: 'UNEXPECTED',
        message: 'something happened that should not have',
        remedy: 'run again with --debug and report what it prints',
      },
    },
    exit: EXIT.machine,
  }
}

function exitOf(code: string): ExitCode {
  if (code === 'INTERRUPTED') return EXIT.interrupted
  return MACHINE_CODES.has(code) ? EXIT.machine : EXIT.badInput
}

function systemCode(error: unknown): string | undefined {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  return typeof code === 'string' ? code : undefined
}

function systemPath(error: unknown): string | undefined {
  const path = error instanceof Error && 'path' in error ? error.path : undefined
  return typeof path === 'string' ? path : undefined
}

/** Prints an error as COMMANDS says and returns the exit code. */
export function reportError(
  error: unknown,
  terminal: Terminal,
  options: { readonly json: boolean; readonly debug: boolean },
): ExitCode {
  const { document, exit } = describeError(error)
  if (options.json) terminal.out(`${JSON.stringify(document)}\n`)
  else {
    const { code, message, at, remedy } = document.error
    const place = [at?.file, at?.line === undefined ? undefined : `line ${at.line}`, at?.field].filter(
      (part) => part !== undefined,
    )
    terminal.err(`${place.length > 0 ? `${place.join(', ')}: ` : ''}${message} (${code})\n`)
    if (remedy !== undefined) terminal.err(`  → ${remedy}\n`)
  }
  if (options.debug) terminal.err(`${error instanceof Error ? error.stack : String(error)}\n`)
  return exit
}

/** Says that Ctrl-C ended a verb: one document with `--json`, else a word on stderr. */
export function reportInterrupted(
  terminal: Terminal,
  { json }: { readonly json: boolean },
  left = '',
): ExitCode {
  const message = `interrupted${left}`
  if (json) printDocument({ schema: 'islet.error/1', error: { code: 'INTERRUPTED', message } }, terminal)
  else terminal.err(`${message}\n`)
  return EXIT.interrupted
}

/** Writes the one JSON document of a verb. */
export function printDocument(document: unknown, terminal: Terminal): void {
  terminal.out(`${JSON.stringify(document, null, 2)}\n`)
}

/** The usage error of a verb. */
export function usage(message: string, remedy: string): IsletError {
  return new IsletError('BAD_USAGE', message, {}, { remedy })
}

export type { Json }
