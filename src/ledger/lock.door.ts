/**
 * One process per data directory: a lock that a `kill -9` does not leave behind.
 *
 * Law: the lock names its holder by process id and the instant that process started, so that a number given to another
 * process later is not mistaken for it; of several that find a dead holder's lock exactly one takes it over. A lock
 * written on another machine or in another container cannot be judged and is refused.
 */
import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { access, constants, link, mkdir, readFile, stat, unlink, writeFile } from 'node:fs/promises'
import { hostname } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { IsletError, isIsletError } from '../vocabulary/index.ts'
import { diskError } from './disk.ts'

export interface DirectoryLock {
  release(): Promise<void>
}

interface Holder {
  readonly pid: number
  readonly started: string
  readonly machine: string
  readonly token: string
}

/**
 * Takes a directory for this process, making it where it is absent. Throws `DATA_IN_USE` (facts.pid) while another
 * process, or this one, holds it, and the codes of a failing disk.
 */
export async function lockDataDirectory(directory: string): Promise<DirectoryLock> {
  const path = join(directory, 'lock')
  const mine: Holder = {
    pid: process.pid,
    started: (await startOf(process.pid)) ?? '',
    machine: await machine(),
    token: randomBytes(16).toString('hex'),
  }
  const own = `${path}.${mine.token}`
  try {
    await make(directory)
    await writeFile(own, JSON.stringify(mine), { flag: 'wx', mode: 0o600 })
  } catch (error) {
    throw diskError(error)
  }
  try {
    await take(path, own, mine)
  } finally {
    await unlink(own).catch(() => undefined)
  }
  return {
    release: async () => {
      const holder = await read(path)
      if (holder?.token === mine.token) await unlink(path).catch(() => undefined)
    },
  }
}

/** Makes a directory with its parents; of one that cannot be made the nearest parent's own refusal is thrown. */
async function make(directory: string): Promise<void> {
  try {
    await mkdir(directory, { recursive: true, mode: 0o700 })
  } catch (error) {
    // Node says ENOENT of every parent below a read-only one.
    for (let parent = dirname(directory); parent !== dirname(parent); parent = dirname(parent)) {
      const there = await stat(parent).catch(() => undefined)
      if (there === undefined) continue
      await access(parent, constants.W_OK)
      break
    }
    throw error
  }
}

async function take(path: string, own: string, mine: Holder): Promise<void> {
  for (let attempt = 0; attempt < 64; attempt++) {
    if (await linked(own, path)) return
    const holder = await read(path)
    if (holder === undefined) continue
    if (holder.machine !== mine.machine) throw inUse(holder, true)
    const started = await startOf(holder.pid)
    if (started !== undefined && (started === holder.started || started === '')) throw inUse(holder, false)
    await clear(path, own, holder, mine)
  }
  throw new IsletError('DATA_IN_USE', 'several processes ask for the data directory at once')
}

/**
 * Removes a dead holder's lock. Only who holds the claim on that very lock may, and looks again before: another that saw the
 * same dead holder finds a living one's lock by then and leaves it. A claim is a lock like any other, so that a process
 * that dies while it clears is cleared in turn.
 */
async function clear(path: string, own: string, dead: Holder, mine: Holder): Promise<void> {
  const claim = `${path}.${dead.token}`
  try {
    await take(claim, own, mine)
  } catch (error) {
    if (!isIsletError(error, 'DATA_IN_USE')) throw error
    await new Promise((resolve) => setTimeout(resolve, 5))
    return
  }
  try {
    if ((await read(path))?.token === dead.token) await unlink(path).catch(() => undefined)
  } finally {
    await unlink(claim).catch(() => undefined)
  }
}

async function linked(from: string, to: string): Promise<boolean> {
  try {
    await link(from, to)
    return true
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false
    throw diskError(error)
  }
}

async function read(path: string): Promise<Holder | undefined> {
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch {
    return undefined
  }
  try {
    const { pid, started, machine, token } = JSON.parse(text)
    if (typeof pid === 'number' && [started, machine, token].every((field) => typeof field === 'string')) {
      return { pid, started, machine, token }
    }
  } catch {
    // Not ours: judged below.
  }
  throw new IsletError(
    'DATA_IN_USE',
    'the data directory holds a lock that cannot be read',
    {},
    { remedy: `Make sure that no other process uses the directory, then delete the file "lock" in it.` },
  )
}

function inUse(holder: Holder, elsewhere: boolean): IsletError {
  return new IsletError(
    'DATA_IN_USE',
    elsewhere
      ? 'the data directory is in use on another machine'
      : `process ${holder.pid} uses the data directory`,
    { pid: holder.pid },
    {
      remedy: elsewhere
        ? 'Stop it there. If it is gone for good, delete the file "lock" in the directory.'
        : 'Stop that process, or choose another directory.',
    },
  )
}

/** When a process started, in the platform's own words; undefined when it does not run, '' when nobody can tell. */
export async function startOf(pid: number): Promise<string | undefined> {
  try {
    process.kill(pid, 0)
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ESRCH') return undefined
  }
  try {
    const stat = await readFile(`/proc/${pid}/stat`, 'latin1')
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return fields[0] === 'Z' || fields[0] === 'X' ? undefined : (fields[19] ?? '')
  } catch {
    // Not Linux, or gone between the two looks.
  }
  if (process.platform === 'linux') return undefined
  try {
    const { stdout } = await promisify(execFile)('ps', ['-o', 'lstart=', '-p', String(pid)])
    return stdout.trim()
  } catch {
    return ''
  }
}

/** This machine since its last start: process numbers mean nothing beyond it. */
async function machine(): Promise<string> {
  try {
    return `${hostname()} ${(await readFile('/proc/sys/kernel/random/boot_id', 'latin1')).trim()}`
  } catch {
    return hostname()
  }
}
