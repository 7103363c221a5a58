/**
 * The consortium engine's binary and the answers of its short commands (keys, genesis, configure).
 *
 * Law: the engine is built, not shipped: where it is missing the error says with which command; an answer of another
 * shape than expected is an error, never a guess.
 */
import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { accessSync, constants, existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { type Bytes, type Hash32, hash32, IsletError } from '../vocabulary/index.ts'
import { member } from './json-rpc.ts'

/** A node's secrets: seeds of two Ed25519 keys (RFC 8032), 32 bytes each. At rest they are encrypted by whoever holds them. */
export interface EngineSecrets {
  /** Signs votes. */
  readonly seat: Bytes
  /** The node's name among its peers follows from it. */
  readonly peer: Bytes
}

/** What is public of a node's keys. */
export interface EngineKeys {
  /** Name of the node among its peers: an address of its peer key. */
  readonly nodeId: string
  /** Ed25519 public key that it signs votes with. */
  readonly seatKey: Hash32
}

/** How a node is reached; host:port each. */
export interface EnginePorts {
  readonly peer: string
  readonly comet: string
  readonly rpc: string
  readonly ws: string
  /** The engine's own metrics, for Prometheus. */
  readonly metrics: string
}

export interface EngineSettings {
  readonly home: string
  /** File that holds what the seat signed last; in no backup of the home. */
  readonly signed: string
  readonly name: string
  readonly ports: EnginePorts
  /** ID@HOST:PORT of every other node. */
  readonly peers: readonly string[]
  /** How often an idle chain makes a block, seconds. */
  readonly heartbeatSeconds: number
}

/** Path of the engine's binary: `ISLET_CONSORTIUM_ENGINE`, else where `npm run engine:build` puts it. Throws `ENGINE_MISSING`. */
export function consortiumEngine(): string {
  const path = process.env['ISLET_CONSORTIUM_ENGINE'] ?? builtEngine()
  try {
    accessSync(path, constants.X_OK)
    return path
  } catch (cause) {
    throw new IsletError(
      'ENGINE_MISSING',
      'the consortium engine is not built',
      {},
      {
        cause,
        remedy: 'Run `npm run engine:build` (it needs Go), or set ISLET_CONSORTIUM_ENGINE to its binary.',
      },
    )
  }
}

/** Beside the engine's sources, however deep this file lies in a bundle. */
function builtEngine(): string {
  let folder = dirname(fileURLToPath(import.meta.url))
  while (!existsSync(join(folder, 'engines/consortium/go.mod')) && dirname(folder) !== folder) {
    folder = dirname(folder)
  }
  return join(folder, 'engines/consortium/build/islet-consortium')
}

/** What a binary says it is made of. Throws `ENGINE_FAILED` where it is no engine. */
export async function engineVersion(binary: string): Promise<string> {
  return text(await ask(binary, ['version']), 'cometbft')
}

/** Draws a node's secrets. */
export function drawEngineSecrets(): EngineSecrets {
  return { seat: Uint8Array.from(randomBytes(32)), peer: Uint8Array.from(randomBytes(32)) }
}

/** What the engine reads on its standard input. */
export function secretsForEngine({ seat, peer }: EngineSecrets): string {
  const hex = (bytes: Bytes): string => Buffer.from(bytes).toString('hex')
  return JSON.stringify({ seat: hex(seat), peer: hex(peer) })
}

/** What is public of a node's secrets. Throws `ENGINE_FAILED`. */
export async function engineKeys(binary: string, secrets: EngineSecrets): Promise<EngineKeys> {
  const said = await ask(binary, ['keys'], secretsForEngine(secrets))
  return { nodeId: text(said, 'node_id'), seatKey: hash32(text(said, 'seat_key')) }
}

/** Makes the genesis of an agreement; resolves to its SHA-256. Throws `ENGINE_FAILED`. */
export async function makeGenesis(binary: string, agreement: string, genesis: string): Promise<Hash32> {
  return hash32(`0x${text(await ask(binary, ['genesis', agreement, genesis]), 'sha256')}`)
}

/** Writes a node's configuration. Throws `ENGINE_FAILED`. */
export async function configureEngine(binary: string, settings: EngineSettings): Promise<void> {
  const { home, signed, name, ports, peers, heartbeatSeconds } = settings
  await ask(binary, [
    ...['configure', '--home', home, '--name', name, '--peers', peers.join(',')],
    ...['--listen', `tcp://${ports.peer}`, '--comet', `tcp://${ports.comet}`],
    ...['--rpc', ports.rpc, '--ws', ports.ws, '--metrics', ports.metrics, '--signed', signed],
    ...['--heartbeat', `${heartbeatSeconds}s`],
    // Several nodes on one machine share its address.
    ...(ports.peer.startsWith('127.') ? ['--loopback'] : []),
  ])
}

const run = promisify(execFile)

async function ask(binary: string, args: readonly string[], input = ''): Promise<unknown> {
  try {
    const asked = run(binary, [...args], { maxBuffer: 1 << 20, timeout: 120_000 })
    asked.child.stdin?.on('error', () => undefined).end(input)
    const { stdout } = await asked
    return JSON.parse(stdout)
  } catch (cause) {
    throw new IsletError(
      'ENGINE_FAILED',
      'the consortium engine refused a command',
      { verb: args[0] ?? '' },
      { cause },
    )
  }
}

function text(said: unknown, field: string): string {
  const value = member(said, field)
  if (typeof value !== 'string') {
    throw new IsletError('ENGINE_FAILED', 'the consortium engine answered in another shape', { field })
  }
  return value
}
