/** The command of this package as a process of its own, and the memory of it with everything it started. */
import { execFileSync, spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

export interface RunningCommand {
  readonly pid: number
  readonly origin: string
  /** Milliseconds from the start of the process to its line on stdout. */
  readonly readyMs: number
  stop(): Promise<void>
}

/** Runs `islet start` on a directory and waits for its address; rejects when it ends before. */
export async function startIslet(directory: string): Promise<RunningCommand> {
  const begun = performance.now()
  const child = spawn(process.execPath, [commandPath(), 'start', '--port', '0', '--data', directory], {
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  const line = new Promise<string>((resolve) =>
    createInterface({ input: child.stdout }).once('line', resolve),
  )
  const said = await Promise.race([line, ended])
  const origin = /http:\/\/\S+/.exec(said ?? '')?.[0]
  if (origin === undefined || child.pid === undefined) throw new Error('the node did not start')
  return {
    pid: child.pid,
    origin,
    readyMs: performance.now() - begun,
    stop: async () => {
      child.kill('SIGTERM')
      await ended
    },
  }
}

/** Resident memory of a process and of all that it started, MiB each, largest first. */
export function residentMiB(root: number): readonly { readonly name: string; readonly mib: number }[] {
  const table = execFileSync('ps', ['-ax', '-o', 'pid=,ppid=,rss=,comm='], { encoding: 'utf8' })
  const rows = table
    .trim()
    .split('\n')
    .map((text) => {
      const [pid, parent, kib, ...name] = text.trim().split(/\s+/)
      return { pid: Number(pid), parent: Number(parent), mib: Number(kib) / 1024, name: name.join(' ') }
    })
  const inside = new Set([root])
  for (let grown = true; grown; ) {
    grown = false
    for (const { pid, parent } of rows) {
      if (!inside.has(parent) || inside.has(pid)) continue
      inside.add(pid)
      grown = true
    }
  }
  return rows.filter(({ pid }) => inside.has(pid)).sort((a, b) => b.mib - a.mib)
}

function commandPath(): string {
  for (let at = dirname(fileURLToPath(import.meta.url)); at !== dirname(at); at = dirname(at)) {
    const path = join(at, 'bin', 'islet.mjs')
    if (existsSync(path)) return path
  }
  throw new Error('the command of this package is not beside the bench')
}
