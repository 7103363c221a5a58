/**
 * One institution process as its parent holds it: started, commanded, ended, and started again.
 *
 * Law: its output goes to a log file in its own directory; when it dies, whoever waits for it hears `INSTITUTION_GONE`.
 */
import { type ChildProcess, fork } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, open, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { IsletError } from '../../vocabulary/index.ts'
import { packageRoot } from '../cli/package-root.ts'
import { Asking, type Remote, type Verbs } from './calls.ts'
import type { InstitutionVerbs } from './verbs.ts'

type HostVerbs = { readonly [Name in keyof InstitutionVerbs]: InstitutionVerbs[Name] } & Verbs

export interface Child {
  readonly pid: number
  readonly call: Remote<HostVerbs>
  /** Resolves when the process has ended, whoever ended it. */
  readonly gone: Promise<void>
  /** Has it close everything; ends it hard when that takes too long. */
  stop(): Promise<void>
  /** kill -9. */
  kill(): Promise<void>
}

export interface ChildOptions {
  readonly directory: string
  /** The program; the one of the bundle when left out. */
  readonly program?: string
}

const STOP_LIMIT_MS = 10_000
/** A log longer than this is begun anew at a start, bytes. */
const LOG_LIMIT = 4 << 20

/** What an institution is told of this process's environment: where its tools and its objects are, and nothing else. */
const PASSED_ON = [
  ...['PATH', 'HOME', 'TMPDIR', 'ISLET_CONSORTIUM_ENGINE'],
  ...['ISLET_OBJECTS_URL', 'AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY'],
] as const

/** The program beside the bundle. Throws `ENGINE_MISSING`. */
function bundledProgram(): string {
  const path = join(packageRoot(), 'dist', 'institution.js')
  if (existsSync(path)) return path
  throw new IsletError(
    'ENGINE_MISSING',
    'the program of an institution process is not built',
    {},
    { at: { file: path }, remedy: 'run npm run build' },
  )
}

/** Starts a process that waits for commands. */
export async function startChild(options: ChildOptions): Promise<Child> {
  await mkdir(options.directory, { recursive: true, mode: 0o700 })
  const logPath = join(options.directory, 'process.log')
  const size = await stat(logPath).then(
    (found) => found.size,
    () => 0,
  )
  const log = await open(logPath, size > LOG_LIMIT ? 'w' : 'a', 0o600)
  let child: ChildProcess
  let gone: Promise<void>
  try {
    child = fork(options.program ?? bundledProgram(), [], {
      stdio: ['ignore', log.fd, log.fd, 'ipc'],
      serialization: 'advanced',
      execArgv: [],
      env: Object.fromEntries(PASSED_ON.map((name) => [name, process.env[name]])),
    })
    // Before anything is waited for: a process may end at once.
    gone = endOf(child)
  } finally {
    await log.close()
  }
  const asking = new Asking((question) => {
    child.send(question, (error) => {
      if (error !== null) asking.end()
    })
  })
  void gone.then(() => asking.end())
  child.on('disconnect', () => asking.end())
  child.on('message', (message) => asking.take(message))
  // The other end is this very program: its answers have the types of its verbs.
  const call = ((verb: string, ...values: unknown[]) => asking.ask(verb, values)) as Remote<HostVerbs>
  return {
    pid: child.pid ?? 0,
    call,
    gone,
    stop: async () => {
      const limit = setTimeout(() => child.kill('SIGKILL'), STOP_LIMIT_MS)
      await call('close').catch(() => undefined)
      if (child.connected) child.disconnect()
      await gone
      clearTimeout(limit)
    },
    kill: async () => {
      child.kill('SIGKILL')
      await gone
    },
  }
}

function endOf(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    child.once('exit', () => resolve())
    child.once('error', () => resolve())
  })
}
