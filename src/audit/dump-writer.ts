/**
 * Writes a dump: aside first, every file hashed as it goes, then renamed into place as a whole.
 *
 * Law: a dump is there entirely or not at all; a target with anything in it is refused; files are synced before the
 * folder gets its name.
 */
import { createHash, randomBytes } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { type FileHandle, mkdir, open, readdir, rename, rm, rmdir } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import { IsletError } from '../vocabulary/index.ts'
import { MANIFEST, type Manifest } from './dump-format.ts'
import { encodeManifest } from './manifest.ts'

export interface DumpWriter {
  /** Where it is written for now. */
  readonly folder: string
  readonly files: number
  readonly bytes: number
  /** Writes a file of parts; `listed: false` for files whose names are their hashes. */
  file(path: string, parts: Parts, options?: { readonly listed?: boolean }): Promise<void>
  /** Copies a file, or its first `bytes` bytes. */
  copy(
    path: string,
    from: string,
    options?: { readonly bytes?: number; readonly listed?: boolean },
  ): Promise<void>
  /** Writes the manifest and gives the dump its place. */
  finish(manifest: Omit<Manifest, 'files'>): Promise<void>
  /** Leaves nothing behind. */
  discard(): Promise<void>
}

export type Parts = AsyncIterable<string | Uint8Array> | Iterable<string | Uint8Array>

/** Begins a dump. Throws `TARGET_NOT_EMPTY`, `NOT_A_DIRECTORY` and the codes of the disk. */
export async function openDumpWriter(target: string): Promise<DumpWriter> {
  const place = resolve(target)
  await requireEmpty(place)
  const folder = join(dirname(place), `.${basename(place)}.${randomBytes(6).toString('hex')}.part`)
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const made = new Set<string>()
  const hashes: Manifest['files'] = {}
  let files = 0
  let bytes = 0

  const write = async (path: string, parts: Parts, listed: boolean): Promise<void> => {
    const to = join(folder, path)
    if (!made.has(dirname(to))) await mkdir(dirname(to), { recursive: true, mode: 0o700 })
    made.add(dirname(to))
    const handle = await open(to, 'wx', 0o600)
    const hash = createHash('sha256')
    let length = 0
    try {
      for await (const part of parts) {
        const chunk = typeof part === 'string' ? Buffer.from(part, 'utf8') : part
        hash.update(chunk)
        length += chunk.length
        await writeAll(handle, chunk)
      }
      // Objects name their own content: what a power cut spoils of them, verification tells.
      if (listed) await handle.datasync()
    } finally {
      await handle.close()
    }
    files += 1
    bytes += length
    if (listed) hashes[path] = { bytes: length, sha256: hash.digest('hex') }
  }

  return {
    folder,
    get files() {
      return files
    },
    get bytes() {
      return bytes
    },
    file: (path, parts, { listed = true } = {}) => write(path, parts, listed),
    copy: async (path, from, { bytes: until, listed = true } = {}) => {
      if (until === 0) return write(path, [], listed)
      await write(path, createReadStream(from, until === undefined ? {} : { end: until - 1 }), listed)
    },
    finish: async (manifest) => {
      await write(MANIFEST, [encodeManifest({ ...manifest, files: hashes })], false)
      for (const at of [...made, folder]) await syncFolder(at)
      await requireEmpty(place)
      await rmdir(place).catch(() => undefined)
      await rename(folder, place)
      await syncFolder(dirname(place))
    },
    discard: () => rm(folder, { recursive: true, force: true }),
  }
}

/** A missing target and an empty folder are fine. */
async function requireEmpty(place: string): Promise<void> {
  let names: readonly string[]
  try {
    names = await readdir(place)
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined
    if (code === 'ENOENT') return
    if (code === 'ENOTDIR') {
      throw new IsletError(
        'NOT_A_DIRECTORY',
        'the target of the export is a file',
        {},
        { at: { file: place }, remedy: 'Name a folder that does not exist yet.' },
      )
    }
    throw error
  }
  if (names.length > 0) {
    throw new IsletError(
      'TARGET_NOT_EMPTY',
      'an export never writes into a folder that holds something',
      { entries: names.length },
      { at: { file: place }, remedy: 'Name a folder that does not exist yet.' },
    )
  }
}

async function writeAll(handle: FileHandle, chunk: Uint8Array): Promise<void> {
  for (let done = 0; done < chunk.length; ) {
    const { bytesWritten } = await handle.write(chunk, done, chunk.length - done)
    done += bytesWritten
  }
}

async function syncFolder(path: string): Promise<void> {
  if (process.platform === 'win32') return
  const handle = await open(path, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}
