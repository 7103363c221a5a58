/**
 * The object store on a disk.
 *
 *   objects/<two letters>/<cid>   one file per object; the letters are the two before the last of its name
 *   batches/<random>              objects of a `putMany` whose own files are not flushed yet
 *   temp/                         files being written; emptied at start
 *
 * How an object gets there: `put` writes temp/, flushes, renames and flushes the folder. `putMany` writes all objects
 * into one batch file, flushes that, and only then places the single files without flushing each: two flushes for a
 * thousand objects. Batches are retired (their objects flushed, the batch removed) in `close`, before a delete, and
 * when 64 MiB of them wait; a start after a crash places their objects again.
 *
 * Laws: what was acknowledged survives a power cut; a batch is there whole or not at all; a file is renamed into place
 * only when complete, and every read compares the hash; a failed write leaves nothing behind.
 * One process per folder (the node holds the lock). Disk trouble: `DISK_FULL`, `READ_ONLY_DIRECTORY`, `NO_PERMISSION`,
 * else `STORE_FAILED`.
 */
import { randomBytes } from 'node:crypto'
import * as nodeSyncFiles from 'node:fs'
import * as nodeFiles from 'node:fs/promises'
import { join } from 'node:path'
import { setImmediate as turn } from 'node:timers/promises'
import { type Cid, cid, IsletError } from '../vocabulary/index.ts'
import { checked, cidOf, digestOf } from './content-id.ts'
import { decodeBatch, encodeBatch } from './disk-batch.ts'
import { coded, diskError, errnoOf } from './disk-errors.ts'
import { missing, type PlacingFiles, placeMany } from './disk-placing.ts'
import { makeGate } from './gate.ts'
import { inParallel } from './in-parallel.ts'
import { objectMissing } from './memory-store.ts'
import type { ObjectStore } from './object-store.ts'
import type { Hasher } from './suite.ts'

/** The calls of node:fs/promises that the store makes; tests put failing ones in their place. */
export type DiskFiles = Pick<
  typeof nodeFiles,
  'mkdir' | 'open' | 'readdir' | 'readFile' | 'rename' | 'stat' | 'unlink'
>

export interface DiskStoreOptions {
  /** Made if missing. */
  readonly folder: string
  readonly hasher: Hasher
  /** The file system, by default node:fs/promises. */
  readonly files?: DiskFiles
  /** The same for the files of a batch and for reading, by default node:fs. */
  readonly placing?: PlacingFiles
}

/** Bytes of objects to one batch file: small enough that single writes get their turn between batches. */
const BATCH_BYTES = 8 * 1024 * 1024
/** Objects read between two turns for everybody else: a read by promises costs four times the processor time. */
const READS_A_TURN = 8
/** Bytes of batches that wait before they are retired. */
const WAITING_BYTES = 64 * 1024 * 1024

interface Batch {
  readonly path: string
  readonly names: readonly Cid[]
  readonly bytes: number
}

/**
 * Opens the store, clears what a crash left half-written and places the objects of unretired batches.
 * Throws the disk codes above, and `STORE_BATCH_DAMAGED` when an acknowledged batch no longer reads.
 */
export async function openDiskStore(options: DiskStoreOptions): Promise<ObjectStore> {
  const { hasher, files = nodeFiles, placing = nodeSyncFiles } = options
  const objects = join(options.folder, 'objects')
  const batches = join(options.folder, 'batches')
  const temp = join(options.folder, 'temp')
  const gate = makeGate()
  const waiting = new Set<Batch>()
  let reads = 0
  const shards = new Map<string, 'made' | 'flushed'>()

  const shardOf = (name: Cid): string => join(objects, name.slice(-3, -1))
  const pathOf = (name: Cid): string => join(shardOf(name), name)
  const freshTemp = (): string => join(temp, randomBytes(12).toString('hex'))

  const flushFolder = async (path: string): Promise<void> => {
    const handle = await files.open(path, 'r')
    try {
      await handle.sync()
    } finally {
      await handle.close()
    }
  }

  const flushFile = async (path: string): Promise<void> => {
    const handle = await files.open(path, 'r')
    try {
      await handle.datasync()
    } finally {
      await handle.close()
    }
  }

  /** Writes a complete file, flushes it and renames it into place; on failure nothing of it remains. */
  const place = async (path: string, bytes: Uint8Array): Promise<void> => {
    const draft = freshTemp()
    try {
      const handle = await files.open(draft, 'wx', 0o600)
      try {
        await handle.writeFile(bytes)
        await handle.datasync()
      } finally {
        await handle.close()
      }
      await files.rename(draft, path)
    } catch (error) {
      await files.unlink(draft).catch(() => {})
      throw error
    }
  }

  /** Makes the folder of a name, durably: no batch stands for what goes in there. */
  const makeShard = async (name: Cid): Promise<void> => {
    const shard = shardOf(name)
    if (!shards.has(shard)) await files.mkdir(shard, { recursive: true, mode: 0o700 })
    if (shards.get(shard) !== 'flushed') await flushFolder(objects)
    shards.set(shard, 'flushed')
  }

  /** Flushes the files and folders of batches, then forgets the batches. */
  const retire = async (old: readonly Batch[]): Promise<void> => {
    if (old.length === 0) return
    const names = [...new Set(old.flatMap((batch) => batch.names))]
    await inParallel(names, (name) => flushFile(pathOf(name)))
    await inParallel([...new Set(names.map(shardOf))], flushFolder)
    await flushFolder(objects)
    for (const batch of old) {
      await files.unlink(batch.path)
      waiting.delete(batch)
    }
    await flushFolder(batches)
  }

  const placeAll = (names: readonly Cid[], many: readonly Uint8Array[]): Promise<void> =>
    placeMany(
      placing,
      names.map((name, i) => ({
        folder: shardOf(name),
        path: pathOf(name),
        draft: freshTemp(),
        bytes: many[i] ?? new Uint8Array(0),
      })),
      { has: (shard) => shards.has(shard), add: (shard) => shards.set(shard, 'made') },
    )

  const putBatch = async (many: readonly Uint8Array[]): Promise<readonly Cid[]> => {
    const names = many.map((bytes) => cidOf(hasher, bytes))
    const bytes = encodeBatch(hasher, many)
    const batch = { path: join(batches, randomBytes(12).toString('hex')), names, bytes: bytes.length }
    const fresh = missing(placing, names.map(pathOf))
    try {
      await place(batch.path, bytes)
      await flushFolder(batches)
      await placeAll(names, many)
    } catch (error) {
      // Not acknowledged: take back the batch first, so that no restart brings half of it.
      await files.unlink(batch.path).catch(() => {})
      await Promise.all(fresh.map((path) => files.unlink(path).catch(() => {})))
      throw error
    }
    waiting.add(batch)
    return names
  }

  const put = async (bytes: Uint8Array): Promise<Cid> => {
    const name = cidOf(hasher, bytes)
    await makeShard(name)
    await place(pathOf(name), bytes)
    await flushFolder(shardOf(name))
    return name
  }

  const recover = async (): Promise<void> => {
    for (const folder of [options.folder, objects, batches, temp]) {
      await files.mkdir(folder, { recursive: true, mode: 0o700 })
    }
    await flushFolder(options.folder)
    for (const name of await files.readdir(temp)) await files.unlink(join(temp, name))
    const old: Batch[] = []
    for (const file of await files.readdir(batches)) {
      const path = join(batches, file)
      const bytes = await files.readFile(path)
      const many = decodeBatch(hasher, bytes)
      if (many === undefined) throw batchDamaged(bytes.length)
      const names = many.map((one) => cidOf(hasher, one))
      await placeAll(names, many)
      old.push({ path, names, bytes: bytes.length })
    }
    await retire(old)
  }

  await coded(recover)
  return {
    put: (bytes) => coded(() => gate.shared(() => put(bytes))),
    putMany: async (many) => {
      const names: Cid[] = []
      for (const part of splitByBytes(many)) {
        const [only] = part
        if (part.length === 1 && only !== undefined) {
          names.push(await coded(() => gate.shared(() => put(only))))
        } else {
          names.push(...(await coded(() => gate.exclusive(() => putBatch(part)))))
        }
        const bytes = [...waiting].reduce((sum, batch) => sum + batch.bytes, 0)
        if (bytes > WAITING_BYTES) await coded(() => gate.exclusive(() => retire([...waiting])))
      }
      return names
    },
    get: async (name) => {
      const digest = digestOf(name)
      reads = (reads + 1) % READS_A_TURN
      if (reads === 0) await turn()
      try {
        const { buffer, byteOffset, length } = placing.readFileSync(pathOf(name))
        return checked(hasher, name, new Uint8Array(buffer, byteOffset, length), digest)
      } catch (error) {
        if (errnoOf(error) === 'ENOENT') throw objectMissing(name)
        throw diskError(error)
      }
    },
    has: async (name) => {
      digestOf(name)
      return coded(() => exists(files, pathOf(name)))
    },
    delete: (name) =>
      coded(() =>
        gate.exclusive(async () => {
          digestOf(name)
          await retire([...waiting].filter((batch) => batch.names.includes(name)))
          if (!(await exists(files, pathOf(name)))) return false
          await files.unlink(pathOf(name))
          await flushFolder(shardOf(name))
          return true
        }),
      ),
    async *list() {
      for (const shard of await coded(() => files.readdir(objects))) {
        for (const file of await coded(() => files.readdir(join(objects, shard)))) {
          const name = nameOf(file)
          if (name !== undefined) yield name
        }
      }
    },
    close: () => coded(() => gate.exclusive(() => retire([...waiting]))),
  }
}

function splitByBytes(many: readonly Uint8Array[]): readonly (readonly Uint8Array[])[] {
  const parts: Uint8Array[][] = []
  let size = Number.POSITIVE_INFINITY
  for (const one of many) {
    size += one.length
    const part = parts.at(-1)
    if (part === undefined || size > BATCH_BYTES) {
      parts.push([one])
      size = one.length
    } else part.push(one)
  }
  return parts
}

async function exists(files: DiskFiles, path: string): Promise<boolean> {
  try {
    await files.stat(path)
    return true
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return false
    throw error
  }
}

function nameOf(file: string): Cid | undefined {
  try {
    digestOf(file)
    return cid(file)
  } catch {
    return undefined
  }
}

function batchDamaged(length: number): IsletError {
  return new IsletError(
    'STORE_BATCH_DAMAGED',
    'a batch of acknowledged objects no longer reads as it was written',
    { length },
    { remedy: 'The disk lost data: restore the data directory from a backup.' },
  )
}
