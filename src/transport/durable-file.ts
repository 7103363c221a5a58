/**
 * A file to which records are appended: whoever waits for an append knows that a power cut no longer loses it.
 *
 * Law: appends that arrive together share one fdatasync; a failed append leaves the file as it was before.
 */
import { writeSync } from 'node:fs'
import { type FileHandle, open, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { concat } from '../vocabulary/index.ts'

interface Waiting {
  readonly bytes: Uint8Array
  readonly done: () => void
  readonly failed: (error: unknown) => void
}

export interface DurableFile {
  /** Resolves once the bytes are on the disk. Rejects with the system's error, nothing appended. */
  readonly append: (bytes: Uint8Array) => Promise<void>
  /** Puts other content in its place, atomically; appends asked for later come after it. */
  readonly replace: (bytes: Uint8Array) => Promise<void>
  readonly close: () => Promise<void>
}

/** Opens or creates a file of records; `keep` bytes of it are sound, the rest is cut off. */
export async function openDurableFile(path: string, keep: number): Promise<DurableFile> {
  let file = await open(path, 'a+', 0o600)
  let length = keep
  await file.truncate(keep)
  let waiting: Waiting[] = []
  let running: Promise<void> | undefined
  /** Held while the file is replaced; appends that come meanwhile wait behind it. */
  let gate: Promise<void> = Promise.resolve()

  async function drain(): Promise<void> {
    while (waiting.length > 0) {
      const batch = waiting
      waiting = []
      const bytes = concat(...batch.map((item) => item.bytes))
      try {
        // Only the flush may wait for the disk; handing the rest to another thread costs more than doing it here.
        for (let at = 0; at < bytes.length; ) at += writeSync(file.fd, bytes, at)
        await file.datasync()
        length += bytes.length
        for (const item of batch) item.done()
      } catch (error) {
        await file.truncate(length).catch(() => undefined)
        for (const item of batch) item.failed(error)
      }
    }
    running = undefined
  }

  return {
    append: (bytes) =>
      new Promise((done, failed) => {
        waiting.push({ bytes, done, failed })
        running ??= gate.then(drain)
      }),
    replace: async (bytes) => {
      const before = running
      const replaced = (async () => {
        await before
        await writeDurably(path, bytes)
        await file.close()
        file = await open(path, 'a+', 0o600)
        length = bytes.length
      })()
      gate = replaced.catch(() => undefined)
      await replaced
    },
    close: async () => {
      await running
      await file.close()
    },
  }
}

/** Writes a whole file beside the old one, then renames: after a crash either is there, whole. */
async function writeDurably(path: string, bytes: Uint8Array): Promise<void> {
  const aside = `${path}.${process.pid}.tmp`
  let handle: FileHandle | undefined
  try {
    handle = await open(aside, 'w', 0o600)
    await handle.writeFile(bytes)
    await handle.datasync()
    await handle.close()
    handle = undefined
    await rename(aside, path)
    const folder = await open(dirname(path), 'r')
    await folder.sync().finally(() => folder.close())
  } catch (error) {
    await handle?.close().catch(() => undefined)
    await rm(aside, { force: true })
    throw error
  }
}
