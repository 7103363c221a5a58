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
import { jsonRpc } from './json-rpc.ts'

export interface ConsortiumProcess {
  readonly pid: number
  /** Resolves when the process is gone, whoever ended it; only where this process started it. */
  readonly gone: Promise<void>
}

/** Starts a node on its home; its words go to `engine.log` there. */
export function startConsortiumNode(binary: string, home: string): ConsortiumProcess {
  const log = openSync(join(home, 'engine.log'), 'a', 0o600)
  const child = spawn(binary, ['start', '--home', home], {
    stdio: ['ignore', log, log],
    detached: true,
    env: { PATH: process.env['PATH'] ?? '', HOME: home },
  })
  closeSync(log)
  child.unref()
  const gone = new Promise<void>((resolve) => {
    child.once('exit', () => resolve())
    child.once('error', () => resolve())
  })
  if (child.pid === undefined) throw new IsletError('ENGINE_FAILED', 'the consortium engine did not start')
  return { pid: child.pid, gone }
}

/** Waits until a node shows a block. Throws `ENGINE_FAILED` when it ends before or the time is over. */
export async function untilAnswering(
  rpc: string,
  node: Pick<ConsortiumProcess, 'gone'>,
  limitMs = 60_000,
): Promise<void> {
  let ended = false
  node.gone.then(() => {
    ended = true
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
  throw new IsletError(
    'ENGINE_FAILED',
    ended ? 'a node of the consortium ended while starting' : 'a node of the consortium shows no block',
    {},
    { remedy: 'Read engine.log in the node’s directory.' },
  )
}
