/**
 * A node of the consortium as a process of this machine: started, waited for, stopped.
 *
 * Law: a node is ended by its process id and nothing else; whether it answers is asked of itself. It outlives the
 * process that started it: a ledger goes on while a page or a command ends.
 */
import { spawn } from 'node:child_process'
import { closeSync, openSync } from 'node:fs'
import { join } from 'node:path'
import { IsletError } from '../vocabulary/index.ts'
import { type EngineSecrets, secretsForEngine } from './consortium-engine.ts'
import { jsonRpc } from './json-rpc.ts'

export interface ConsortiumProcess {
  readonly pid: number
  /** Resolves when the process is gone, to its exit code where it had one; only where this process started it. */
  readonly gone: Promise<number | undefined>
}

/** Why the engine ended at its start, by its exit code (engines/consortium/exits.go). */
const REFUSALS: Readonly<Record<number, readonly [code: string, message: string, remedy: string]>> = {
  11: [
    'SEAT_RUNS_ALREADY',
    'this seat runs on this machine already',
    'Stop the other process first: one seat runs once.',
  ],
  12: [
    'SEAT_WOULD_SIGN_TWICE',
    'the record of what this seat signed is older than what it signed',
    'Never start a seat from an old copy; docs/operations.md says how a restored seat comes back.',
  ],
  13: [
    'SIGNATURES_UNKNOWN',
    'what this seat signed last is not known',
    'Restore it as docs/operations.md says, so that it signs nothing twice.',
  ],
  14: ['SEAT_KEYS_MISSING', 'the keys of this seat did not arrive', 'Start it with islet network start.'],
}

export interface StartOptions {
  /** The node stops at this height, before it executes the block, so that another engine goes on from there. */
  readonly haltHeight?: number
  /** Words in front of the engine's own, such as a network namespace's. */
  readonly within?: readonly string[]
}

/** Starts a node on its home; its words go to `engine.log` there, its secrets through a pipe and to no disk. */
export function startConsortiumNode(
  binary: string,
  home: string,
  secrets: EngineSecrets,
  { haltHeight, within = [] }: StartOptions = {},
): ConsortiumProcess {
  const log = openSync(join(home, 'engine.log'), 'a', 0o600)
  const halt = haltHeight === undefined ? [] : ['--halt-height', String(haltHeight)]
  const [command = binary, ...args] = [...within, binary, 'start', '--home', home, ...halt]
  const child = spawn(command, args, {
    stdio: ['pipe', log, log],
    detached: true,
    env: { PATH: process.env['PATH'] ?? '', HOME: home },
  })
  closeSync(log)
  child.unref()
  child.stdin?.on('error', () => undefined).end(secretsForEngine(secrets))
  const gone = new Promise<number | undefined>((resolve) => {
    child.once('exit', (code) => resolve(code ?? undefined))
    child.once('error', () => resolve(undefined))
  })
  if (child.pid === undefined) throw new IsletError('ENGINE_FAILED', 'the consortium engine did not start')
  return { pid: child.pid, gone }
}

/**
 * Waits until a node shows a block. Throws `ENGINE_FAILED` when it ends before or the time is over, and where the engine
 * says why it does not start `SEAT_RUNS_ALREADY`, `SEAT_WOULD_SIGN_TWICE`, `SIGNATURES_UNKNOWN`, `SEAT_KEYS_MISSING`.
 */
export async function untilAnswering(
  rpc: string,
  node: Pick<ConsortiumProcess, 'gone'>,
  limitMs = 60_000,
): Promise<void> {
  let ended = false
  let exit: number | undefined
  node.gone.then((code) => {
    ended = true
    exit = code
  })
  const client = jsonRpc(`http://${rpc}/`, { timeoutMs: 2_000 })
  try {
    for (const until = performance.now() + limitMs; performance.now() < until && !ended; ) {
      const height = await client.call('eth_blockNumber', []).catch(() => undefined)
      if (typeof height === 'string' && Number(height) > 0) return
      await new Promise((resolve) => setTimeout(resolve, 100))
    }
  } finally {
    client.close()
  }
  const refusal = exit === undefined ? undefined : REFUSALS[exit]
  if (refusal !== undefined) throw new IsletError(refusal[0], refusal[1], {}, { remedy: refusal[2] })
  throw new IsletError(
    'ENGINE_FAILED',
    ended ? 'a node of the consortium ended while starting' : 'a node of the consortium shows no block',
    {},
    { remedy: 'Read engine.log in the node’s directory.' },
  )
}
