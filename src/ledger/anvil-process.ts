/**
 * anvil as a child process: a pure executor that makes no block by itself and keeps nothing on disk.
 *
 * Law: every switch that enters a block hash is fixed here. It listens on loopback only, on a port nobody is told, and
 * dies with us: a reaper on a pipe ends it when this process is killed.
 *
 * What remains open: any program on this machine that finds the port may call anvil's test methods. A block it makes is
 * noticed at once and undone by replay. A state it writes enters the hashes of later blocks; the next replay then stops
 * with `REPLAY_MISMATCH` rather than accept them. What it cannot do is change a journaled transaction.
 */

import { type ChildProcess, spawn } from 'node:child_process'
import { randomInt } from 'node:crypto'
import type { ChainParameters } from '../journal/index.ts'
import { IsletError } from '../vocabulary/index.ts'
import { type JsonRpc, jsonRpcOver, RPC_LIMITS } from './json-rpc.ts'
import { keptSockets } from './kept-sockets.ts'
import { readBatch } from './read-batch.ts'

export interface AnvilProcess {
  readonly rpc: JsonRpc
  /** One view; those that are asked for together go in one request. Throws as `rpc.call`. */
  readonly view: JsonRpc['call']
  readonly pid: number
  /** Resolves when the process is gone, whoever ended it. */
  readonly gone: Promise<void>
  kill(): Promise<void>
}

const START_LIMIT_MS = 20_000
/** States of the last blocks that stay readable. All of them would cost half a megabyte a block. */
const STATES_KEPT = 16

/** Starts anvil on an empty chain. Throws `ENGINE_FAILED` when it does not come up. */
export async function startAnvil(binary: string, chain: ChainParameters): Promise<AnvilProcess> {
  // Every address of 127/8 is this machine on Linux; a random one keeps web pages from guessing the port.
  const host =
    process.platform === 'linux'
      ? `127.${randomInt(1, 255)}.${randomInt(256)}.${randomInt(1, 255)}`
      : '127.0.0.1'
  const child = spawn(binary, anvilArguments(chain, host), {
    stdio: ['ignore', 'pipe', 'ignore'],
    // A Ctrl-C at the terminal goes to the whole group of this process: the executor must outlive the orderly end.
    detached: process.platform !== 'win32',
    env: { PATH: process.env['PATH'] ?? '', HOME: process.env['HOME'] ?? '' },
  })
  const gone = new Promise<void>((resolve) => {
    child.once('exit', () => resolve())
    child.once('error', () => resolve())
  })
  const reaper = startReaper(child)
  gone.then(() => reaper?.stdin?.end('done\n'))
  try {
    const port = await listeningPort(child)
    const rpc = jsonRpcOver(keptSockets({ host, port }, RPC_LIMITS))
    gone.then(() => rpc.close())
    return {
      rpc,
      view: readBatch(rpc),
      pid: child.pid ?? 0,
      gone,
      kill: async () => {
        child.kill('SIGKILL')
        await gone
      },
    }
  } catch (cause) {
    child.kill('SIGKILL')
    throw new IsletError('ENGINE_FAILED', 'the ledger executor did not start', {}, { cause })
  }
}

/** The fixed switches. No dev accounts, a short history of states, blocks only when told. */
function anvilArguments(chain: ChainParameters, host: string): readonly string[] {
  return [
    ...['--host', host, '--port', '0', '--no-cors', '--no-request-size-limit'],
    ...['--accounts', '0', '--disable-default-create2-deployer', '--disable-console-log'],
    ...['--no-mining', '--order', 'fifo', '--prune-history', String(STATES_KEPT), '--threads', '2'],
    ...['--hardfork', chain.fork, '--chain-id', String(chain.chainId)],
    ...['--timestamp', String(chain.genesisTimestamp), '--gas-limit', String(chain.blockGasLimit)],
    ...['--base-fee', '0', '--gas-price', '0', '--disable-min-priority-fee'],
  ]
}

function listeningPort(child: ChildProcess): Promise<number> {
  return new Promise((resolve, reject) => {
    const limit = setTimeout(() => reject(new Error('no port within 20 s')), START_LIMIT_MS)
    let said = ''
    const listen = (chunk: Buffer): void => {
      said += chunk.toString('utf8')
      const match = /Listening on [\d.]+:(\d+)/.exec(said)
      if (match === null) return
      clearTimeout(limit)
      child.stdout?.off('data', listen)
      // What it prints from now on (a line a call) is read and forgotten, or the pipe would fill up.
      child.stdout?.resume()
      resolve(Number(match[1]))
    }
    child.stdout?.on('data', listen)
    child.once('error', reject)
    child.once('exit', (code) => reject(new Error(`it ended with ${code ?? 'a signal'}`)))
  })
}

/**
 * A shell that waits for a line on its standard input: the line says that anvil is gone; the end of input without a
 * line says that this process is, and anvil goes too. POSIX only; elsewhere an orphan stays until it is found.
 */
function startReaper(child: ChildProcess): ChildProcess | undefined {
  if (process.platform === 'win32' || child.pid === undefined) return undefined
  const script = 'read -r line || kill -9 "$1"'
  const reaper = spawn('/bin/sh', ['-c', script, 'reaper', String(child.pid)], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
  })
  reaper.on('error', () => undefined)
  reaper.stdin?.on('error', () => undefined)
  reaper.unref()
  return reaper
}
