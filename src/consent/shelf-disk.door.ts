/**
 * A shelf as files in a directory. Node only.
 *
 * Laws: a document is written beside its place, flushed, renamed over it, and the directory flushed, so that after a
 * power cut there is the old document or the new one; leftovers of a crash are removed at the start. Files are readable
 * by their owner alone.
 */
import {
  closeSync,
  constants,
  existsSync,
  fdatasync,
  fsync,
  open as openFile,
  openSync,
  writeSync,
} from 'node:fs'
import { mkdir, readdir, readFile, rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { IsletError } from '../vocabulary/index.ts'
import { sharedFlush } from './shared-flush.ts'
import { checkShelfName, type Shelf } from './shelf.ts'

const UNFINISHED = '.unfinished'
const open = promisify<string, number, number, number>(openFile)
const flush = promisify(fsync)
const flushData = promisify(fdatasync)

/** Opens (and makes) the directory. Throws `DISK_FULL`, `READ_ONLY_DIRECTORY`, `NO_PERMISSION`, as every verb does. */
export async function diskShelf(folder: string): Promise<Shelf> {
  await coded(async () => {
    await mkdir(folder, { recursive: true, mode: 0o700 })
    for (const name of await filesUnder(folder, '')) {
      if (name.endsWith(UNFINISHED)) await rm(join(folder, name), { force: true })
    }
  })
  const known = new Set<string>()
  const flushed = sharedFlush(flushDirectory)
  let next = 0
  return {
    get: (name) =>
      coded(async () => {
        const place = join(folder, checkShelfName(name))
        // Most of what is looked for and is not there is asked for again and again: that costs no thread's turn.
        if (!existsSync(place)) return undefined
        try {
          return new Uint8Array(await readFile(place))
        } catch (error) {
          if (codeOf(error) === 'ENOENT') return undefined
          throw error
        }
      }),
    put: (name, bytes) =>
      coded(async () => {
        const place = join(folder, checkShelfName(name))
        const parent = dirname(place)
        if (!known.has(parent)) {
          await makeDurably(folder, parent)
          known.add(parent)
        }
        next += 1
        const beside = `${place}.${next}${UNFINISHED}`
        try {
          await writeFlushed(beside, bytes)
          await rename(beside, place)
        } catch (error) {
          await rm(beside, { force: true }).catch(() => undefined)
          throw error
        }
        await flushed(parent)
      }),
    delete: (name) =>
      coded(async () => {
        const place = join(folder, checkShelfName(name))
        try {
          await rm(place)
        } catch (error) {
          if (codeOf(error) === 'ENOENT') return false
          throw error
        }
        await flushed(dirname(place))
        return true
      }),
    list: (prefix) =>
      coded(async () => {
        const slash = prefix.lastIndexOf('/')
        const names = await filesUnder(folder, slash < 0 ? '' : prefix.slice(0, slash))
        return names.filter((name) => name.startsWith(prefix) && !name.endsWith(UNFINISHED)).sort()
      }),
  }
}

/** Files below a part of the folder, as names with slashes. */
async function filesUnder(folder: string, part: string): Promise<readonly string[]> {
  let entries: Awaited<ReturnType<typeof listing>>
  try {
    entries = await listing(join(folder, part))
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return []
    throw error
  }
  const names: string[] = []
  for (const entry of entries) {
    const name = part === '' ? entry.name : `${part}/${entry.name}`
    if (entry.isDirectory()) names.push(...(await filesUnder(folder, name)))
    else names.push(name)
  }
  return names
}

function listing(path: string) {
  return readdir(path, { withFileTypes: true })
}

/** Makes a directory and flushes every directory between it and the shelf. */
async function makeDurably(folder: string, parent: string): Promise<void> {
  await mkdir(parent, { recursive: true, mode: 0o700 })
  for (let at = parent; at.length > folder.length; at = dirname(at)) await flushDirectory(dirname(at))
}

// What may wait for the disk is left to other threads; each call there and back costs more than these do here.

/** A new file, flushed. */
async function writeFlushed(path: string, bytes: Uint8Array): Promise<void> {
  const file = await open(path, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL, 0o600)
  try {
    for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at)
    await flushData(file)
  } finally {
    closeSync(file)
  }
}

/** Flushes what stands in a directory. */
export async function flushDirectory(path: string): Promise<void> {
  const directory = openSync(path, constants.O_RDONLY)
  try {
    await flush(directory)
  } finally {
    closeSync(directory)
  }
}

const MACHINE_CODES: Readonly<Record<string, string>> = {
  ENOSPC: 'DISK_FULL',
  EDQUOT: 'DISK_FULL',
  EROFS: 'READ_ONLY_DIRECTORY',
  EACCES: 'NO_PERMISSION',
  EPERM: 'NO_PERMISSION',
}

/** Gives the machine's refusals their codes. */
export async function coded<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (cause) {
    const code = MACHINE_CODES[codeOf(cause) ?? '']
    if (code === undefined) throw cause
    throw new IsletError(
      code,
      'the documents of this party cannot be written here',
      {},
      {
        remedy: 'Free space or choose a directory that this user may write to.',
        cause,
      },
    )
  }
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined
}
