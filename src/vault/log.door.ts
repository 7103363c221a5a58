/**
 * The access log on a disk of Node's: fdatasync, atomic replacement, durable directories. Node only.
 *
 * Law: what `replace` and `sync` have returned from survives a power cut: file contents are synced before the rename,
 * and the directory after it (POSIX rename(2), fdatasync(2)).
 */
import { constants, writeSync } from 'node:fs'
import { type FileHandle, mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Bytes } from '../vocabulary/index.ts'
import type { LogDisk, TailFile } from './log-disk.ts'
import { type AccessLogParts, tailPath } from './log-state.ts'
import { readTail } from './log-tail.ts'
import { TILE_WIDTH, tilePath } from './log-tiles.ts'
import { type AccessLog, openLog } from './log-writer.ts'
import { nodeCrypto } from './node-cipher.door.ts'

/** Opens the access log in a directory, making it when there is none. Throws as `openLog`. */
export async function openAccessLog(
  directory: string,
  parts: Omit<AccessLogParts, 'disk' | 'crypto'>,
): Promise<AccessLog> {
  return openLog({ ...parts, crypto: nodeCrypto, disk: nodeLogDisk(directory) })
}

/** The files of a log directory, for `verifyLog` and for export. */
export function logFiles(directory: string): (path: string) => Promise<Bytes | undefined> {
  return nodeLogDisk(directory).read
}

/**
 * How many entries stand in a log directory behind a size: durable and acknowledged, but under no signature yet.
 * Only reads; beside a writer it is of one moment. Throws `LOG_DAMAGED`.
 */
export async function entriesBehind(directory: string, size: number): Promise<number> {
  const read = logFiles(directory)
  let bundle = Math.floor(size / TILE_WIDTH)
  while ((await read(tilePath({ level: -1, index: bundle, width: TILE_WIDTH }))) !== undefined) bundle += 1
  const tail = readTail((await read(tailPath(bundle))) ?? new Uint8Array(0), nodeCrypto.hasher)
  return Math.max(0, bundle * TILE_WIDTH + tail.entries.length - size)
}

/** The log's port over a directory of the file system. */
export function nodeLogDisk(directory: string): LogDisk {
  const at = (path: string): string => join(directory, path)
  return {
    read: async (path) => absent(async () => owned(await readFile(at(path))), undefined),
    list: (folder) => absent(() => readdir(at(folder)), []),
    replace: async (path, bytes) => {
      const target = at(path)
      const beside = `${target}.new`
      await durableFolder(dirname(target))
      const file = await open(beside, 'w', 0o600)
      try {
        await file.writeFile(bytes)
        await file.datasync()
      } finally {
        await file.close()
      }
      await rename(beside, target)
      await syncFolder(dirname(target))
    },
    openTail: async (path) => {
      await durableFolder(dirname(at(path)))
      const file = await open(at(path), constants.O_RDWR | constants.O_CREAT | constants.O_APPEND, 0o600)
      await syncFolder(dirname(at(path)))
      return tailFile(file)
    },
    remove: (path) => rm(at(path), { recursive: true, force: true }),
  }
}

function tailFile(file: FileHandle): TailFile {
  return {
    write: async (bytes) => {
      // Only the flush may wait for the disk; handing this to another thread costs more than doing it here.
      for (let from = 0; from < bytes.length; ) from += writeSync(file.fd, bytes, from)
    },
    sync: () => file.datasync(),
    truncate: async (length) => {
      await file.truncate(length)
      await file.datasync()
    },
    close: () => file.close(),
  }
}

/** Folders known to be there and durable, so that a tile costs no extra calls. */
const known = new Set<string>()

async function durableFolder(folder: string): Promise<void> {
  if (known.has(folder)) return
  const first = await mkdir(folder, { recursive: true })
  if (first !== undefined) {
    for (let made = folder; made.length >= first.length; made = dirname(made)) await syncFolder(dirname(made))
  }
  known.add(folder)
}

async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

async function absent<T>(work: () => Promise<T>, otherwise: T): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return otherwise
    throw error
  }
}

function owned(buffer: Buffer): Bytes {
  return new Uint8Array(buffer)
}
