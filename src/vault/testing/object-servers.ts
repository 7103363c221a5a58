/**
 * Real servers of objects on the loopback, for the stores' suites: nodes of a private swarm (kubo), a bucket (Versity's S3
 * gateway over a folder). Each is started from a binary that
 * `npm run objects:build` made, or that an environment variable names, and ended by its process.
 */
import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { base32upper } from 'multiformats/bases/base32'
import { CID } from 'multiformats/cid'
import type { Cid } from '../../vocabulary/index.ts'
import type { S3Credentials } from '../s3-signature.ts'

export const KUBO = process.env['ISLET_TEST_KUBO'] ?? built('ipfs')
export const S3_GATEWAY = process.env['ISLET_TEST_S3'] ?? built('versitygw')

/** What `npm run objects:build` made, where it was run. */
function built(binary: string): string | undefined {
  const path = fileURLToPath(new URL(`../../../engines/object-servers/build/${binary}`, import.meta.url))
  return existsSync(path) ? path : undefined
}

const run = promisify(execFile)
const LIMIT_MS = 60_000

export interface ServedNode {
  /** Its HTTP interface. */
  readonly node: URL
  /** Where its peers reach it. */
  readonly address: string
  /** The file of a block. */
  blockFile(name: Cid): string
  stop(): Promise<void>
}

/** Starts a node of a private swarm; it dials the given peers. */
export async function startKubo(
  binary: string,
  swarmKey: string,
  peers: readonly string[] = [],
): Promise<ServedNode> {
  const repo = await mkdtemp(join(tmpdir(), 'islet-kubo-'))
  const env = { PATH: process.env['PATH'], HOME: repo, IPFS_PATH: repo, LIBP2P_FORCE_PNET: '1' }
  const ipfs = (...words: readonly string[]) => run(binary, [...words], { env })
  await ipfs('init', '--empty-repo')
  await writeFile(join(repo, 'swarm.key'), swarmKey, { mode: 0o600 })
  const path = join(repo, 'config')
  const config: Record<string, unknown> = JSON.parse(await readFile(path, 'utf8'))
  // Nothing that leaves this machine: no bootstrap, no routers, no local discovery, no certificate.
  const own = {
    Addresses: { API: '/ip4/127.0.0.1/tcp/0', Gateway: [], Swarm: ['/ip4/127.0.0.1/tcp/0'] },
    AutoConf: { Enabled: false },
    AutoTLS: { Enabled: false },
    Bootstrap: [],
    DNS: {},
    Discovery: { MDNS: { Enabled: false } },
    Ipns: {},
    Routing: { Type: 'none', DelegatedRouters: [] },
    Swarm: { Transports: { Network: { QUIC: false, WebTransport: false, WebRTCDirect: false } } },
  }
  const flushed = JSON.stringify({ ...config, ...own }, null, 2).replace('"sync": false', '"sync": true')
  await writeFile(path, flushed)
  const child = spawn(binary, ['daemon'], { env, stdio: ['ignore', 'ignore', 'ignore'] })
  const stop = async (): Promise<void> => {
    await ended(child)
    await rm(repo, { recursive: true, force: true })
  }
  try {
    const api = await until(child, async () => await readFile(join(repo, 'api'), 'utf8'))
    const [, , host = '', , port = ''] = api.trim().split('/')
    const node = new URL(`http://${host}:${port}`)
    const ask = (verb: string) => fetch(new URL(`/api/v0/${verb}`, node), { method: 'POST' })
    const id: { readonly Addresses: readonly string[] } = await until(child, async () => {
      const said = await (await ask('id')).json()
      if ((said.Addresses ?? []).length === 0) throw new Error('no address yet')
      return said
    })
    for (const peer of peers) await ask(`swarm/connect?arg=${encodeURIComponent(peer)}`)
    return {
      node,
      address: id.Addresses[0] ?? '',
      blockFile: (name) => {
        const key = base32upper.encode(CID.parse(name).multihash.bytes).slice(1)
        return join(repo, 'blocks', key.slice(-3, -1), `${key}.data`)
      },
      stop,
    }
  } catch (error) {
    await stop()
    throw error
  }
}

/** The key of a private swarm. */
export function drawSwarmKey(): string {
  return `/key/swarm/psk/1.0.0/\n/base16/\n${randomBytes(32).toString('hex')}\n`
}

export interface ServedBucket {
  readonly bucket: URL
  readonly credentials: S3Credentials
  /** The file of an object. */
  objectFile(key: string): string
  stop(): Promise<void>
}

/** Starts a bucket over a folder. */
export async function startBucket(binary: string): Promise<ServedBucket> {
  const folder = await mkdtemp(join(tmpdir(), 'islet-s3-'))
  const root = join(folder, 'root')
  await mkdir(join(root, 'islet'), { recursive: true })
  const sidecar = join(folder, 'sidecar')
  await mkdir(sidecar)
  const credentials = { accessKey: 'islet', secretKey: randomBytes(20).toString('hex'), region: 'us-east-1' }
  const port = await freePort()
  const child = spawn(
    binary,
    ['--port', `127.0.0.1:${port}`, '--quiet', 'posix', '--sidecar', sidecar, root],
    {
      env: {
        PATH: process.env['PATH'],
        ROOT_ACCESS_KEY: credentials.accessKey,
        ROOT_SECRET_KEY: credentials.secretKey,
      },
      stdio: ['ignore', 'ignore', 'ignore'],
    },
  )
  const stop = async (): Promise<void> => {
    await ended(child)
    await rm(folder, { recursive: true, force: true })
  }
  const bucket = new URL(`http://127.0.0.1:${port}/islet`)
  try {
    await until(child, () => fetch(bucket))
    return { bucket, credentials, objectFile: (key) => join(root, 'islet', key), stop }
  } catch (error) {
    await stop()
    throw error
  }
}

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  await new Promise((resolve) => server.close(resolve))
  return typeof address === 'object' && address !== null ? address.port : 0
}

async function until<T>(child: ChildProcess, work: () => Promise<T>): Promise<T> {
  for (const end = performance.now() + LIMIT_MS; ; ) {
    try {
      return await work()
    } catch (error) {
      if (child.exitCode !== null || performance.now() > end) throw error
      await new Promise((resolve) => setTimeout(resolve, 100))
    }
  }
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const gone = new Promise((resolve) => child.once('exit', resolve))
  child.kill('SIGTERM')
  const hard = setTimeout(() => child.kill('SIGKILL'), 10_000)
  await gone
  clearTimeout(hard)
}
