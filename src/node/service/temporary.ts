/**
 * Data directories that are meant to vanish: the demo's, and those of `start --ephemeral`.
 *
 * Law: what a killed process left behind is wiped by the next one; a directory in use, or of another account, is never
 * touched.
 */
import { mkdir, mkdtemp, readdir, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { lockDataDirectory } from '../../ledger/lock.door.ts'
import { findNetwork } from '../network/network-file.ts'

const PREFIX = 'islet-passing-'
/** Younger ones may belong to a process that has not taken its lock yet. */
const YOUNG_MS = 60_000

export interface Passing {
  /** Root of the directory; things that stay may lie beside `data`. */
  readonly root: string
  readonly data: string
  /** Removes the data and what else is named, and the root when nothing more lies in it. */
  wipe(more?: readonly string[]): Promise<void>
}

/** Makes a directory that vanishes. Throws the system's codes of a disk that refuses. */
export async function passingDirectory(parent = tmpdir()): Promise<Passing> {
  await mkdir(parent, { recursive: true, mode: 0o700 })
  const root = await mkdtemp(join(parent, PREFIX))
  const data = join(root, 'data')
  return { root, data, wipe: (more = []) => wipe(root, more) }
}

/** Wipes what killed processes left; resolves to how many there were. */
export async function sweepPassing(parent = tmpdir(), now = Date.now()): Promise<number> {
  let swept = 0
  for (const name of await readdir(parent).catch(() => [])) {
    if (!name.startsWith(PREFIX)) continue
    const root = join(parent, name)
    const data = await stat(join(root, 'data')).catch(() => undefined)
    if (data === undefined || data.uid !== (process.getuid?.() ?? data.uid)) continue
    if (now - data.mtimeMs < YOUNG_MS && !(await isLeft(join(root, 'data')))) continue
    try {
      const lock = await lockDataDirectory(join(root, 'data'))
      await lock.release()
    } catch {
      continue
    }
    // Validators outlive the process that started them, and would go on in files that nobody finds.
    await endNodes(join(root, 'data')).catch(() => undefined)
    await wipe(root, ['dump']).catch(() => undefined)
    swept += 1
  }
  return swept
}

/** Ends the nodes of a consortium that was founded there. */
async function endNodes(data: string): Promise<void> {
  if ((await findNetwork(data)) === undefined) return
  const { stopNetwork } = await import('../network/network.ts')
  await stopNetwork(data, () => undefined)
}

/** Whether a process took this directory's lock once, so that a free lock means it is gone. */
async function isLeft(data: string): Promise<boolean> {
  return (await stat(join(data, 'lock')).catch(() => undefined)) !== undefined
}

async function wipe(root: string, more: readonly string[]): Promise<void> {
  for (const name of ['data', ...more]) {
    await rm(join(root, name), { recursive: true, force: true, maxRetries: 3 })
  }
  const rest = await readdir(root).catch(() => [])
  if (rest.length === 0) await rm(root, { recursive: true, force: true })
}
