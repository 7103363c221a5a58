/**
 * What every verb of the command gets, and the options that all verbs share.
 */
import { homedir, platform } from 'node:os'
import { join } from 'node:path'
import type { Command } from 'commander'
import type { ExitCode, Terminal } from './outcome.ts'

export interface SharedOptions {
  readonly json: boolean
  readonly debug: boolean
  /** The data directory: `--data`, else `ISLET_DATA`, else the platform's own place. */
  readonly data: string
  /** Where chance plays a part in simulation; never feeds keys, nonces, salts or masks (PROTOCOL 17). */
  readonly seed: number
}

export interface VerbContext extends SharedOptions {
  readonly terminal: Terminal
  /** Aborted by the first Ctrl-C; a second one ends the process at once. */
  readonly signal: AbortSignal
}

export type VerbOutcome = Promise<ExitCode>

/** The work of a verb. */
export type Action = (
  context: VerbContext,
  positional: readonly string[],
  options: Readonly<Record<string, unknown>>,
) => VerbOutcome

/** Makes one verb of `parent`; its work is loaded when it is called. */
export type MakeVerb = (
  usageLine: string,
  description: string,
  example: string,
  action: () => Promise<Action>,
  parent: Command,
) => Command

/** The platform's own place for application data. */
export function defaultDataDirectory(environment: NodeJS.ProcessEnv = process.env): string {
  const chosen = environment['ISLET_DATA']
  if (chosen !== undefined && chosen !== '') return chosen
  switch (platform()) {
    case 'win32':
      return join(environment['LOCALAPPDATA'] ?? join(homedir(), 'AppData', 'Local'), 'Islet')
    case 'darwin':
      return join(homedir(), 'Library', 'Application Support', 'Islet')
    default:
      return join(environment['XDG_DATA_HOME'] ?? join(homedir(), '.local', 'share'), 'islet')
  }
}
