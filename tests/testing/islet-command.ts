/**
 * The `islet` command as a process of its own, as a person runs it, with what it prints at hand.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'

export { ranHere, requireDocument } from '../../src/node/cli/testing/ran-here.ts'

const PROGRAM = fileURLToPath(new URL('../../bin/islet.mjs', import.meta.url))

export interface Running {
  readonly child: ChildProcess
  readonly pid: number
  out(): string
  err(): string
  /** Resolves once the text was printed (stdout or stderr). Throws with all output when the process ends before. */
  said(text: string): Promise<void>
  /** Exit code; a signal as 128 + its number. */
  readonly ended: Promise<number>
}

const SIGNAL_NUMBERS: Readonly<Record<string, number>> = { SIGINT: 2, SIGKILL: 9, SIGTERM: 15 }

/** Starts the command. Its environment has no passphrase unless given. */
export function islet(args: readonly string[], environment: Readonly<Record<string, string>> = {}): Running {
  const { ISLET_PASSPHRASE: _, ISLET_DATA: __, ...inherited } = process.env
  const child = spawn(process.execPath, [PROGRAM, ...args], {
    env: { ...inherited, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let out = ''
  let err = ''
  let over = false
  const listeners = new Set<() => void>()
  const told = (): void => {
    for (const listener of listeners) listener()
  }
  child.stdout.on('data', (chunk: Buffer) => {
    out += chunk.toString()
    told()
  })
  child.stderr.on('data', (chunk: Buffer) => {
    err += chunk.toString()
    told()
  })
  const ended = new Promise<number>((resolve) => {
    child.on('close', (code, signal) => {
      over = true
      told()
      resolve(code ?? 128 + (SIGNAL_NUMBERS[signal ?? ''] ?? 0))
    })
  })
  return {
    child,
    pid: child.pid ?? 0,
    out: () => out,
    err: () => err,
    ended,
    said: (text) =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          if (out.includes(text) || err.includes(text)) resolve()
          else if (over) reject(new Error(`ended before it said '${text}':\n${out}\n${err}`))
          else return
          listeners.delete(look)
        }
        listeners.add(look)
        look()
      }),
  }
}
