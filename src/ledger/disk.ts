/**
 * The few things the ledger asks of a disk, as a port, so that a test can make it fail.
 *
 * Law: `sync` returns only when the bytes survive a power cut; `replace` leaves the old file or the new one, never half.
 */
import { constants, writeSync } from 'node:fs'
import { type FileHandle, mkdir, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { type Bytes, IsletError } from '../vocabulary/index.ts'

/** A file that only grows, except that a torn end may be cut off. */
export interface AppendFile {
  readonly size: number
  append(bytes: Uint8Array): Promise<void>
  sync(): Promise<void>
  truncate(size: number): Promise<void>
  close(): Promise<void>
}

/** A small file written in place, where a stale content does no harm. */
export interface MarkFile {
  write(bytes: Uint8Array, offset: number): Promise<void>
  close(): Promise<void>
}

export interface Disk {
  makeDirectory(path: string): Promise<void>
  list(path: string): Promise<readonly string[]>
  /** Undefined when there is no such file. */
  read(path: string): Promise<Bytes | undefined>
  /** A part of a file; shorter than asked at its end. */
  readPart(path: string, offset: number, length: number): Promise<Bytes>
  openAppend(path: string): Promise<AppendFile>
  openMark(path: string): Promise<MarkFile>
  /** Writes aside, syncs, renames over, syncs the folder. */
  replace(path: string, bytes: Uint8Array): Promise<void>
  remove(path: string): Promise<void>
}

/** The real disk. Errors come out as `DISK_FULL`, `READ_ONLY_DIRECTORY`, `NO_PERMISSION` or `DISK_FAILED`. */
export const realDisk: Disk = {
  makeDirectory: (path) => said(() => mkdir(path, { recursive: true, mode: 0o700 })).then(() => undefined),
  list: (path) => said(() => readdir(path)),
  read: (path) =>
    said(async () => {
      try {
        return Uint8Array.from(await readFile(path))
      } catch (error) {
        if (codeOf(error) === 'ENOENT') return undefined
        throw error
      }
    }),
  readPart: (path, offset, length) =>
    said(async () => {
      const handle = await open(path, 'r')
      try {
        const bytes = new Uint8Array(length)
        const { bytesRead } = await handle.read(bytes, 0, length, offset)
        return bytes.subarray(0, bytesRead)
      } finally {
        await handle.close()
      }
    }),
  openAppend: (path) => said(() => openAppend(path)),
  openMark: async (path) => {
    const handle = await said(() => open(path, constants.O_RDWR | constants.O_CREAT, 0o600))
    return {
      write: (bytes, offset) => said(async () => writeAll(handle, bytes, offset)),
      close: () => handle.close(),
    }
  },
  replace: (path, bytes) => said(() => replace(path, bytes)),
  remove: (path) => said(() => rm(path, { force: true })),
}

async function openAppend(path: string): Promise<AppendFile> {
  const handle = await open(path, 'a+', 0o600)
  let size = (await stat(path)).size
  await syncDirectory(dirname(path))
  return {
    get size() {
      return size
    },
    append: (bytes) =>
      said(async () => {
        writeAll(handle, bytes)
        size += bytes.length
      }),
    sync: () => said(() => handle.datasync()),
    truncate: (to) =>
      said(async () => {
        await handle.truncate(to)
        size = to
      }),
    close: () => handle.close(),
  }
}

/** Only flushes may wait for the disk; handing a write to another thread costs more than doing it here. */
function writeAll({ fd }: FileHandle, bytes: Uint8Array, position: number | null = null): void {
  for (let done = 0; done < bytes.length; ) {
    const at = position === null ? null : position + done
    done += writeSync(fd, bytes, done, bytes.length - done, at)
  }
}

async function replace(path: string, bytes: Uint8Array): Promise<void> {
  const aside = `${path}.${process.pid}.tmp`
  try {
    const handle = await open(aside, 'w', 0o600)
    try {
      writeAll(handle, bytes)
      await handle.datasync()
    } finally {
      await handle.close()
    }
    await rename(aside, path)
  } catch (error) {
    await rm(aside, { force: true })
    throw error
  }
  await syncDirectory(dirname(path))
}

async function syncDirectory(path: string): Promise<void> {
  if (process.platform === 'win32') return
  const handle = await open(join(path, '.'), 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

function codeOf(error: unknown): string {
  return typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : ''
}

/** Gives the platform's error codes the words of the house. */
export function diskError(error: unknown): IsletError {
  if (error instanceof IsletError) return error
  const code = codeOf(error)
  const as = (name: string, message: string, remedy: string): IsletError =>
    new IsletError(name, message, { errno: code }, { cause: error, remedy })
  switch (code) {
    case 'ENOSPC':
    case 'EDQUOT':
      return as(
        'DISK_FULL',
        'the disk of the data directory is full',
        'Free some space; work resumes by itself.',
      )
    case 'EROFS':
      return as(
        'READ_ONLY_DIRECTORY',
        'the data directory is read-only',
        'Mount it writable or choose another.',
      )
    case 'EACCES':
    case 'EPERM':
      return as(
        'NO_PERMISSION',
        'the data directory may not be written',
        'Give this user the right to write there.',
      )
    default:
      return as(
        'DISK_FAILED',
        'the disk refused an operation',
        'Look at the health of the disk, then restart.',
      )
  }
}

async function said<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    throw diskError(error)
  }
}
