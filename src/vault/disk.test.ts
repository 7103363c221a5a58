import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import * as nodeSyncFiles from 'node:fs'
import * as nodeFiles from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Cid, cid, utf8 } from '../vocabulary/index.ts'
import { cidOf } from './content-id.ts'
import { type DiskFiles, type DiskStoreOptions, openDiskStore } from './disk.door.ts'
import { encodeBatch } from './disk-batch.ts'
import { type PlacingFiles, placeMany } from './disk-placing.ts'
import { nodeHasher } from './node-cipher.door.ts'
import type { ObjectStore } from './object-store.ts'
import { objectStoreSuite } from './store.suite.ts'

const pathIn = (folder: string, name: Cid): string => join(folder, 'objects', name.slice(-3, -1), name)

objectStoreSuite('disk', async () => {
  const folder = await nodeFiles.mkdtemp(join(tmpdir(), 'islet-store-'))
  const store = await openDiskStore({ folder, hasher: nodeHasher })
  return {
    store,
    tamper: async (name) => {
      const bytes = await nodeFiles.readFile(pathIn(folder, name))
      bytes[3] = (bytes[3] ?? 0) ^ 1
      await nodeFiles.writeFile(pathIn(folder, name), bytes)
    },
    namesContent: true,
    dispose: async () => {
      await store.close()
      await nodeFiles.rm(folder, { recursive: true })
    },
  }
})

describe('the disk store and its faults', () => {
  let folder: string
  beforeEach(async () => {
    folder = await nodeFiles.mkdtemp(join(tmpdir(), 'islet-store-'))
  })
  afterEach(() => nodeFiles.rm(folder, { recursive: true, force: true }))

  const open = (means: Pick<DiskStoreOptions, 'files' | 'placing'> = {}): Promise<ObjectStore> =>
    openDiskStore({ folder, hasher: nodeHasher, ...means })
  const everyFile = async (): Promise<readonly string[]> => {
    const entries = await nodeFiles.readdir(folder, { recursive: true, withFileTypes: true })
    return entries.filter((entry) => entry.isFile()).map((entry) => entry.name)
  }
  const some = (count: number): Uint8Array[] => Array.from({ length: count }, () => randomBytes(600))

  it('keeps everything over a restart, and retires its batches on close', async () => {
    const objects = some(50)
    const first = await open()
    const names = await first.putMany(objects)
    expect(await nodeFiles.readdir(join(folder, 'batches'))).toHaveLength(1)
    await first.close()
    expect(await nodeFiles.readdir(join(folder, 'batches'))).toHaveLength(0)
    const second = await open()
    for (const [i, name] of names.entries()) {
      expect(Buffer.from(await second.get(name)).equals(objects[i] ?? Buffer.alloc(0))).toBe(true)
    }
  })

  it('restores from the batch the objects whose own files a power cut emptied', async () => {
    const objects = some(20)
    const names = await (await open()).putMany(objects)
    for (const [i, name] of names.entries()) {
      if (i % 3 === 0) await nodeFiles.writeFile(pathIn(folder, name), '')
      if (i % 3 === 1) await nodeFiles.unlink(pathIn(folder, name))
    }
    const after = await open()
    for (const [i, name] of names.entries()) {
      expect(Buffer.from(await after.get(name)).equals(objects[i] ?? Buffer.alloc(0))).toBe(true)
    }
  })

  it('does not bring back from a batch what was deleted before the crash', async () => {
    const store = await open()
    const [gone, kept] = await store.putMany(some(2))
    if (gone === undefined || kept === undefined) throw new Error('two names expected')
    await store.delete(gone)
    const after = await open()
    expect(await after.has(gone)).toBe(false)
    expect(await after.has(kept)).toBe(true)
  })

  it('clears leftovers of a write that a crash cut short', async () => {
    await (await open()).close()
    await nodeFiles.writeFile(join(folder, 'temp', 'cafe'), 'half an obj')
    const store = await open()
    expect(await nodeFiles.readdir(join(folder, 'temp'))).toHaveLength(0)
    const names: Cid[] = []
    for await (const name of store.list()) names.push(name)
    expect(names).toEqual([])
  })

  it('refuses to start over an acknowledged batch that no longer reads', async () => {
    await (await open()).close()
    const batch = encodeBatch(nodeHasher, some(3))
    const damaged = [
      batch.subarray(0, batch.length - 1),
      batch.with(700, (batch[700] ?? 0) ^ 1),
      new Uint8Array(0),
    ]
    for (const bytes of damaged) {
      await nodeFiles.writeFile(join(folder, 'batches', 'x'), bytes)
      await expect(open()).rejects.toMatchObject({ code: 'STORE_BATCH_DAMAGED' })
    }
  })

  it('passes over files in its folders that are no objects', async () => {
    const store = await open()
    const name = await store.put(utf8('x'))
    await nodeFiles.writeFile(join(folder, 'objects', name.slice(-3, -1), 'README'), 'hello')
    const names: Cid[] = []
    for await (const one of store.list()) names.push(one)
    expect(names).toEqual([name])
  })

  it('gives others a turn while somebody reads much', async () => {
    const store = await open()
    const names = await store.putMany(some(40))
    let turns = 0
    let reading = true
    const other = (): void => {
      turns += 1
      if (reading) setImmediate(other)
    }
    setImmediate(other)
    for (const name of names) await store.get(name)
    reading = false
    expect(turns).toBeGreaterThanOrEqual(4)
    await store.close()
  })

  it('says by its code why an object cannot be read', async () => {
    const error = Object.assign(new Error('EIO'), { code: 'EIO', syscall: 'read' })
    const readFileSync: PlacingFiles['readFileSync'] = () => {
      throw error
    }
    const store = await open({ placing: { ...nodeSyncFiles, readFileSync } })
    const name = await store.put(randomBytes(600))
    await expect(store.get(name)).rejects.toMatchObject({ code: 'STORE_FAILED' })
    await store.close()
  })

  /** A file system that fails like a real one after so many bytes or renames. */
  const failing = (
    errno: string,
    after: { bytes?: number; renames?: number },
  ): { readonly files: DiskFiles; readonly placing: PlacingFiles } => {
    let bytes = after.bytes ?? Number.POSITIVE_INFINITY
    let renames = after.renames ?? Number.POSITIVE_INFINITY
    const error = (syscall: string): Error => Object.assign(new Error(errno), { code: errno, syscall })
    const files: DiskFiles = {
      ...nodeFiles,
      rename: async (from, to) => {
        if (--renames < 0) throw error('rename')
        await nodeFiles.rename(from, to)
      },
      open: async (path, flags, mode) => {
        const handle = await nodeFiles.open(path, flags, mode)
        const write = handle.writeFile.bind(handle)
        handle.writeFile = async (data) => {
          if (!(data instanceof Uint8Array)) throw new Error('bytes expected')
          const room = Math.max(0, bytes)
          bytes -= data.length
          if (bytes < 0) {
            await write(data.subarray(0, room))
            throw error('write')
          }
          await write(data)
        }
        return handle
      },
    }
    const placing: PlacingFiles = {
      ...nodeSyncFiles,
      renameSync: (from, to) => {
        if (--renames < 0) throw error('rename')
        nodeSyncFiles.renameSync(from, to)
      },
      // A system may take fewer bytes than it is given, and says so.
      writeSync: (file: number, data: unknown, at?: unknown) => {
        if (!(data instanceof Uint8Array) || typeof at !== 'number') throw new Error('bytes expected')
        const length = Math.min(250, data.length - at)
        if (length > bytes) throw error('write')
        bytes -= length
        return nodeSyncFiles.writeSync(file, data, at, length)
      },
    }
    return { files, placing }
  }

  const FAULTS = [
    { errno: 'ENOSPC', code: 'DISK_FULL', why: 'no space left' },
    { errno: 'EDQUOT', code: 'DISK_FULL', why: 'the quota of the user is spent' },
    { errno: 'EROFS', code: 'READ_ONLY_DIRECTORY', why: 'the file system went read-only' },
    { errno: 'EACCES', code: 'NO_PERMISSION', why: 'another user owns the folder' },
    { errno: 'EIO', code: 'STORE_FAILED', why: 'the disk breaks' },
  ] as const
  for (const { errno, code, why } of FAULTS) {
    it(`answers ${code} and leaves nothing half-written when ${why}`, async () => {
      const faults = [
        { bytes: 100, alone: true },
        { bytes: 3000, alone: false },
        // The batch itself goes down, 6,078 bytes, and two of its objects; the third breaks off in its middle.
        { bytes: 7_700, alone: false },
        { renames: 0, alone: true },
        { renames: 3, alone: false },
      ]
      for (const { alone, ...after } of faults) {
        await nodeFiles.rm(folder, { recursive: true })
        const store = await open(failing(errno, after))
        const objects = some(10)
        await expect(store.putMany(objects)).rejects.toMatchObject({ code })
        expect(await everyFile()).toEqual([])
        const after2 = await open()
        for (const bytes of objects) expect(await after2.has(cidOf(nodeHasher, bytes))).toBe(false)
        if (alone) {
          const single = await open(failing(errno, after))
          await expect(single.put(objects[0] ?? utf8(''))).rejects.toMatchObject({ code })
          expect(await everyFile()).toEqual([])
        }
      }
    })
  }

  it('keeps the objects it had when a later write finds the disk full', async () => {
    const before = await open()
    const names = await before.putMany(some(5))
    await before.close()
    const full = await open(failing('ENOSPC', { bytes: 1000 }))
    await expect(full.putMany(some(5))).rejects.toMatchObject({ code: 'DISK_FULL' })
    for (const name of names) expect(await full.get(name)).toHaveLength(600)
  })

  it.each([
    { why: 'many small files', count: 200, bytes: 10, turns: 12 },
    { why: 'few large ones', count: 5, bytes: 1024 * 1024, turns: 4 },
  ])('gives others a turn between slices of a batch: $why', async ({ count, bytes, turns }) => {
    const placements = Array.from({ length: count }, (_, i) => ({
      folder: join(folder, 'shard'),
      path: join(folder, 'shard', String(i)),
      draft: join(folder, `draft-${i}`),
      bytes: new Uint8Array(bytes).fill(i),
    }))
    let seen = 0
    let over = false
    const see = (): void => {
      if (over) return
      seen++
      setImmediate(see)
    }
    setImmediate(see)
    await placeMany(nodeSyncFiles, placements, new Set())
    over = true
    expect(seen).toBeGreaterThanOrEqual(turns)
    expect(await nodeFiles.readdir(join(folder, 'shard'))).toHaveLength(count)
  })

  it('loses no acknowledged object to kill -9, and holds no half of one', async () => {
    for (let trial = 0; trial < 3; trial++) {
      const writer = spawn(
        process.execPath,
        ['--import', 'tsx', join(import.meta.dirname, 'testing', 'store-writer.ts'), folder],
        { stdio: ['ignore', 'pipe', 'inherit'] },
      )
      const acknowledged: string[] = []
      let text = ''
      const delay = 40 + Math.floor(Math.random() * 200)
      await new Promise<void>((resolve, reject) => {
        writer.stdout.on('data', (data: Buffer) => {
          if (text === '') setTimeout(() => writer.kill('SIGKILL'), delay)
          text += data.toString()
        })
        writer.on('error', reject)
        writer.on('close', () => resolve())
      })
      acknowledged.push(
        ...text
          .split('\n')
          .slice(0, -1)
          .flatMap((line) => line.split(' ')),
      )
      expect(acknowledged.length, `killed after ${delay} ms`).toBeGreaterThan(0)
      const store = await open()
      for (const name of acknowledged) await store.get(cid(name))
      for await (const name of store.list()) await store.get(name)
      expect(await nodeFiles.readdir(join(folder, 'temp'))).toEqual([])
      await store.close()
    }
  })
})
