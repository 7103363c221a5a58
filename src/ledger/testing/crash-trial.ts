/** One crash: load in a child process, kill -9 of it or of its executor at a random moment, then open and compare. */
import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { expect } from 'vitest'
import { hash32 } from '../../vocabulary/index.ts'
import { deployContracts } from '../deploy.ts'
import { openEmbedded } from '../embedded.door.ts'
import { member } from '../json-rpc.ts'
import { MemoryStore } from '../projection-store.ts'
import { projector } from '../projector.ts'
import { bundledChild } from './bundled-child.ts'
import { founderOf, signerOf, temporaryFolder } from './fixtures.ts'

interface Acknowledged {
  readonly key: string
  readonly transaction: string
  readonly height: number
  readonly hash: string
}

export type Victim = 'sequencer' | 'executor'

/** Runs one trial; `afterMs` is the moment of the kill, counted from the first sign of life. */
export async function crashTrial(victim: Victim, afterMs: number, seed: number): Promise<number> {
  const folder = await temporaryFolder()
  const script = await childScript()
  const child = spawn(process.execPath, [script, folder.path, String(seed)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const gone = new Promise<void>((resolve) => child.once('close', () => resolve()))
  const acknowledged: Acknowledged[] = []
  let executor = 0
  let ready: () => void = () => undefined
  const started = new Promise<void>((resolve) => {
    ready = resolve
  })
  createInterface({ input: child.stdout }).on('line', (line) => {
    const said = parse(line)
    const pid = member(said, 'executor')
    if (typeof pid === 'number') executor = pid
    const [key, transaction, hash] = ['key', 'transaction', 'hash'].map((name) => String(member(said, name)))
    const height = member(said, 'height')
    if (key !== undefined && transaction !== undefined && hash !== undefined && typeof height === 'number') {
      acknowledged.push({ key, transaction, hash, height })
    }
    ready()
  })
  try {
    await started
    await pause(afterMs)
    if (victim === 'executor') {
      // It must heal while the load goes on; then the whole is killed as well.
      const before = acknowledged.length
      const killed = executor
      process.kill(killed, 'SIGKILL')
      await expect
        .poll(() => executor !== killed && acknowledged.length > before + 5, { timeout: 120_000 })
        .toBe(true)
    }
    child.kill('SIGKILL')
    await gone
    await compare(folder.path, acknowledged)
    return acknowledged.length
  } finally {
    child.kill('SIGKILL')
    await gone
    await folder.remove()
  }
}

let bundled: Promise<string> | undefined

/** Bundled once a run. */
function childScript(): Promise<string> {
  bundled ??= bundledChild(new URL('./crash-child.ts', import.meta.url), 'crash-child')
  return bundled
}

/** Nothing acknowledged lost, same block hashes, the same head on every opening, projections rebuilt equal. */
async function compare(directory: string, acknowledged: readonly Acknowledged[]): Promise<void> {
  const open = () => openEmbedded({ directory, operator: signerOf('operator') })
  let ledger = await open()
  try {
    const head = await ledger.head()
    const receipts = await Promise.all(acknowledged.map(({ key }) => ledger.lookup(hash32(key))))
    for (const [i, { transaction, hash, height }] of acknowledged.entries()) {
      expect(receipts[i]).toMatchObject({ transaction, status: 'success', block: { hash, height } })
    }
    const founders = ['north', 'south'].map(founderOf)
    const deployment = await deployContracts(ledger, { by: signerOf('north'), founders, threshold: 1 })
    const store = new MemoryStore()
    const project = projector(ledger, deployment, store)
    await project.catchUp()
    const digest = await store.digest()
    expect((await store.counts()).requests).toBeGreaterThanOrEqual(acknowledged.length)
    await ledger.close()
    ledger = await open()
    expect((await ledger.head()).height).toBeGreaterThanOrEqual(head.height)
    expect(await ledger.block(head.height)).toEqual(head)
    const again = new MemoryStore()
    await projector(ledger, deployment, again).catchUp()
    expect(await again.digest()).toBe(digest)
  } finally {
    await ledger.close()
  }
}

function parse(line: string): unknown {
  try {
    return JSON.parse(line)
  } catch {
    return undefined
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}
