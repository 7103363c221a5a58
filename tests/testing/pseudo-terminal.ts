/**
 * The `islet` command at a real terminal: a pseudo-terminal that Python's standard library opens, since Node has none.
 */
import { spawn, spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const PLAYER = fileURLToPath(new URL('pseudo-terminal.py', import.meta.url))
const PROGRAM = fileURLToPath(new URL('../../bin/islet.mjs', import.meta.url))
const LIMIT_SECONDS = 500

export type TypingStep = { readonly wait: string } | { readonly type: string } | { readonly signal: string }

export interface AtTerminal {
  readonly code: number
  /** Whether the terminal echoes and waits for whole lines again. */
  readonly restored: boolean
  /** All that stood on the screen. */
  readonly seen: string
}

/** Whether a pseudo-terminal can be had here (python3 on Linux or macOS). Throws in CI, where it must be. */
export function hasPseudoTerminal(): boolean {
  const there = process.platform !== 'win32' && spawnSync('python3', ['-c', 'import pty']).status === 0
  if (!there && process.env['CI'] !== undefined) throw new Error('python3 is needed for the terminal tests')
  if (!there) process.stderr.write('no python3 here: what is asked at a terminal is not tested\n')
  return there
}

/** Runs the command at a terminal while somebody types. Throws when it does not say what is waited for, or does not end. */
export async function atTerminal(
  args: readonly string[],
  steps: readonly TypingStep[],
  environment: Readonly<Record<string, string>> = {},
): Promise<AtTerminal> {
  const { ISLET_PASSPHRASE: _, ISLET_DATA: __, ...inherited } = process.env
  const player = spawn('python3', [PLAYER], {
    env: { ...inherited, ...environment },
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  let out = ''
  player.stdout.on('data', (chunk: Buffer) => {
    out += chunk.toString()
  })
  player.stdin.end(
    JSON.stringify({ argv: [process.execPath, PROGRAM, ...args], steps, limit: LIMIT_SECONDS }),
  )
  await new Promise((resolve) => player.on('close', resolve))
  const { code, missed, ...rest } = JSON.parse(out)
  if (code === null)
    throw new Error(`${missed === null ? 'it did not end' : `never said '${missed}'`}:\n${rest.seen}`)
  return { code, ...rest }
}
