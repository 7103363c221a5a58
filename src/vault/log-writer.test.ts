import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { toHex, utf8 } from '../vocabulary/index.ts'
import { LOG_KEY, MemoryDisk, partsOn, record } from './log.suite.ts'
import { openEntry, readEntry } from './log-entry.ts'
import { readTail } from './log-tail.ts'
import { partialTilesOf, tilePath, tilesOf } from './log-tiles.ts'
import { openLog } from './log-writer.ts'
import { testHasher as hasher, naiveRoot } from './merkle.suite.ts'
import { leafHash } from './merkle-hash.ts'
import { verifyConsistency, verifyInclusion } from './merkle-proof.ts'
import { nodeCrypto } from './node-cipher.door.ts'

/** Entries without sealing, where only the log itself is looked at. */
const raw = (count: number, from = 0): Uint8Array[] =>
  Array.from({ length: count }, (_, i) => utf8(`entry ${from + i}`))

describe('the access log', () => {
  it('returns from an append only when the entry is durable', async () => {
    const disk = new MemoryDisk()
    const log = await openLog(partsOn(disk))
    for (let n = 0; n < 5; n++) {
      const { index } = await log.append(record(n), LOG_KEY)
      const { entries } = readTail(disk.durable.get('tail/0') ?? new Uint8Array(0), hasher)
      expect(entries.length).toBe(index + 1)
      expect(readEntry(entries[index] ?? utf8('')).clear).toEqual(record(n).clear)
    }
  })

  it('makes many appends durable with one fdatasync and keeps their order', async () => {
    const disk = new MemoryDisk()
    const log = await openLog(partsOn(disk))
    const appended = await Promise.all(raw(200).map((entry) => log.appendEntries([entry])))
    expect(appended.flat().map(({ index }) => index)).toEqual(Array.from({ length: 200 }, (_, i) => i))
    expect(disk.syncs).toBeLessThanOrEqual(3)
    expect(await log.entries(0, 200)).toEqual(raw(200))
  })

  it.each([0, 1, 255, 256, 257, 700])(
    'has the root and proofs of its %i entries, also after a restart',
    async (size) => {
      const disk = new MemoryDisk()
      const first = await openLog(partsOn(disk))
      await first.appendEntries(raw(size))
      await first.checkpoint()
      await first.close()
      const log = await openLog(partsOn(disk))
      expect(log.size).toBe(size)
      expect(await log.root(size)).toEqual(naiveRoot(raw(size)))
      expect(await log.entries(0, size)).toEqual(raw(size))
      for (const index of [0, 1, 254, 255, 256, size - 1].filter((i) => i >= 0 && i < size)) {
        const path = await log.inclusion(index, size)
        const leaf = leafHash(utf8(`entry ${index}`), hasher)
        expect(verifyInclusion({ leaf, index, size, path, root: await log.root(size) }, hasher)).toBe(true)
      }
      for (const part of [0, 1, 255, 256, 500, size].filter((n) => n <= size)) {
        const path = await log.consistency(part, size)
        const claim = {
          first: part,
          second: size,
          firstRoot: await log.root(part),
          secondRoot: await log.root(size),
          path,
        }
        expect(verifyConsistency(claim, hasher)).toBe(true)
      }
      await expect(log.inclusion(size, size)).rejects.toMatchObject({ code: 'LEAF_OUT_OF_TREE' })
      await expect(log.entries(0, size + 1)).rejects.toMatchObject({ code: 'LEAF_OUT_OF_TREE' })
    },
  )

  it('grows over two levels of tiles to the root of all its entries', async () => {
    const disk = new MemoryDisk()
    const log = await openLog(partsOn(disk))
    const size = 256 * 256 + 300
    await log.appendEntries(raw(size))
    const reopened = await openLog(partsOn(disk))
    const root = naiveRoot(raw(size))
    expect(await reopened.root(size)).toEqual(root)
    const path = await reopened.inclusion(65_535, size)
    expect(
      verifyInclusion(
        { leaf: leafHash(utf8('entry 65535'), hasher), index: 65_535, size, path, root },
        hasher,
      ),
    ).toBe(true)
    expect(
      [...disk.files.keys()].filter((name) => name.startsWith('tile/2') || name.startsWith('tile/1')),
    ).toEqual(['tile/1/000'])
  })

  it('publishes exactly the tiles of its checkpoint, and drops partial ones when the full one stands', async () => {
    const disk = new MemoryDisk()
    const log = await openLog(partsOn(disk))
    for (const size of [3, 255, 300]) {
      await log.appendEntries(raw(size - log.size, log.size))
      await log.checkpoint()
      for (const tile of tilesOf(size)) expect(disk.files.has(tilePath(tile))).toBe(true)
    }
    const partial = [...disk.files.keys()].filter((name) => name.includes('.p/'))
    expect(partial.toSorted()).toEqual(partialTilesOf(300).map(tilePath).toSorted())
  })

  it('signs the same size once and never signs what is not durable', async () => {
    const disk = new MemoryDisk()
    const log = await openLog(partsOn(disk))
    const pending = log.appendEntries(raw(3))
    const head = await log.checkpoint()
    await pending
    expect(head.size === 0 || head.size === 3).toBe(true)
    const [a, b] = [await log.checkpoint(), await log.checkpoint()]
    expect(a.size).toBe(3)
    expect(b.note).toBe(a.note)
  })

  it('seals for the key holder what it hands back', async () => {
    const log = await openLog(partsOn(new MemoryDisk()))
    await log.append(record(4, { reader: 'x' }), LOG_KEY)
    const [entry] = await log.entries(0, 1)
    expect(await openEntry(entry ?? utf8(''), LOG_KEY, nodeCrypto)).toMatchObject({
      code: 'OPENED',
      sealed: { reader: 'x' },
    })
  })
})

describe('after a crash the access log', () => {
  it('holds everything acknowledged, in order, and nothing half written', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 1, max: 120 }), { minLength: 1, maxLength: 6 }),
        fc.integer({ min: 1, max: 120 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.boolean(),
        async (groups, inFlight, keepShare, garble) => {
          const disk = new MemoryDisk()
          const log = await openLog(partsOn(disk))
          for (const count of groups) await log.appendEntries(raw(count, log.size))
          const acknowledged = log.size
          disk.faults.failSync = true
          await log.appendEntries(raw(inFlight, acknowledged)).catch(() => undefined)
          const after = await openLog(partsOn(disk.afterCrash(keepShare, garble)))
          expect(after.size).toBeGreaterThanOrEqual(acknowledged)
          expect(await after.entries(0, after.size)).toEqual(raw(after.size))
          await after.appendEntries(raw(5, after.size))
          expect(await after.entries(0, after.size)).toEqual(raw(after.size))
        },
      ),
      { numRuns: 60 },
    )
  })

  it('finishes a bundle that was full but not yet written', async () => {
    const disk = new MemoryDisk()
    const log = await openLog(partsOn(disk))
    await log.appendEntries(raw(250))
    disk.faults.failReplace = 'EIO'
    await expect(log.appendEntries(raw(6, 250))).rejects.toMatchObject({ code: 'LOG_DISK_FAILED' })
    const after = await openLog(partsOn(disk.afterCrash(1, false)))
    expect(after.size).toBe(256)
    expect(await after.root(256)).toEqual(naiveRoot(raw(256)))
  })

  it('does not open when it is shorter than its signed checkpoint', async () => {
    const disk = new MemoryDisk()
    const log = await openLog(partsOn(disk))
    await log.appendEntries(raw(10))
    await log.checkpoint()
    const tail = disk.files.get('tail/0') ?? new Uint8Array(0)
    disk.files.set('tail/0', tail.slice(0, tail.length - 30))
    await expect(openLog(partsOn(disk))).rejects.toMatchObject({ code: 'LOG_TRUNCATED' })
  })

  it('does not open when an acknowledged entry is damaged, checkpoint or not', async () => {
    const disk = new MemoryDisk()
    const log = await openLog(partsOn(disk))
    for (let n = 0; n < 6; n++) await log.appendEntries(raw(1, n))
    const tail = disk.files.get('tail/0') ?? new Uint8Array(0)
    for (const at of [0, 3, 8, 25, 40]) {
      disk.files.set(
        'tail/0',
        tail.map((byte, i) => (i === at ? byte ^ 1 : byte)),
      )
      await expect(openLog(partsOn(disk))).rejects.toMatchObject({ code: 'LOG_DAMAGED' })
    }
  })

  it('does not open under a checkpoint that another key signed or another log made', async () => {
    const disk = new MemoryDisk()
    const log = await openLog(partsOn(disk))
    await log.appendEntries(raw(2))
    await log.checkpoint()
    await expect(openLog({ ...partsOn(disk), origin: 'islet.log/0b' })).rejects.toMatchObject({
      code: 'LOG_CHECKPOINT_WRONG',
    })
    const note = new TextDecoder().decode(disk.files.get('checkpoint'))
    disk.files.set('checkpoint', utf8(note.replace('\n2\n', '\n1\n')))
    await expect(openLog(partsOn(disk))).rejects.toMatchObject({ code: 'LOG_CHECKPOINT_WRONG' })
  })

  it('opens under a former key of the institution after a rotation', async () => {
    const disk = new MemoryDisk()
    const log = await openLog(partsOn(disk))
    await log.appendEntries(raw(2))
    await log.checkpoint()
    const parts = partsOn(disk)
    const rotated = { ...parts, signer: { ...parts.signer, publicKey: new Uint8Array(32).fill(1) } }
    await expect(openLog(rotated)).rejects.toMatchObject({ code: 'LOG_CHECKPOINT_WRONG' })
    expect((await openLog({ ...rotated, formerKeys: [parts.signer.publicKey] })).size).toBe(2)
  })
})

describe('on a failing disk the access log', () => {
  it('refuses an append that does not fit, leaves nothing of it, and goes on when there is room', async () => {
    const disk = new MemoryDisk()
    const log = await openLog(partsOn(disk))
    await log.appendEntries(raw(3))
    disk.faults.room = 20
    await expect(log.appendEntries(raw(4, 3))).rejects.toMatchObject({ code: 'DISK_FULL' })
    expect(log.size).toBe(3)
    disk.faults.room = undefined
    await log.appendEntries(raw(2, 3))
    const after = await openLog(partsOn(disk.afterCrash(0, false)))
    expect(await after.entries(0, after.size)).toEqual(raw(5))
  })

  it('halts after a failed sync: nothing more is acknowledged until it is opened anew', async () => {
    const disk = new MemoryDisk()
    const log = await openLog(partsOn(disk))
    await log.appendEntries(raw(1))
    disk.faults.failSync = true
    await expect(log.appendEntries(raw(1, 1))).rejects.toMatchObject({ code: 'LOG_DISK_FAILED' })
    disk.faults.failSync = undefined
    await expect(log.appendEntries(raw(1, 1))).rejects.toMatchObject({ code: 'LOG_HALTED' })
    const after = await openLog(partsOn(disk.afterCrash(0, false)))
    expect(await after.entries(0, after.size)).toEqual(raw(1))
  })

  it.each([
    ['ENOSPC', 'DISK_FULL'],
    ['EROFS', 'READ_ONLY_DIRECTORY'],
    ['EACCES', 'NO_PERMISSION'],
    ['EIO', 'LOG_DISK_FAILED'],
  ])('says what the machine refused: %s is %s', async (system, code) => {
    const disk = new MemoryDisk()
    const log = await openLog(partsOn(disk))
    disk.faults.failReplace = system
    await expect(log.appendEntries(raw(1))).rejects.toMatchObject({ code, facts: { system } })
    await expect(log.checkpoint()).rejects.toMatchObject({ code })
  })

  it('refuses an entry that its format cannot hold and stays usable', async () => {
    const log = await openLog(partsOn(new MemoryDisk()))
    await expect(log.appendEntries([new Uint8Array(65_536)])).rejects.toMatchObject({
      code: 'LOG_ENTRY_TOO_LARGE',
    })
    await log.appendEntries(raw(1))
    expect(log.size).toBe(1)
    expect(toHex(await log.root(1))).toBe(toHex(leafHash(utf8('entry 0'), hasher)))
  })
})
