import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { JournalBlock } from '../journal/index.ts'
import { quantity, type UnixSeconds } from '../vocabulary/index.ts'
import { type Disk, realDisk } from './disk.ts'
import { JournalFile } from './journal-file.ts'
import { hashOf, signerOf, temporaryFolder } from './testing/fixtures.ts'

let folder: Awaited<ReturnType<typeof temporaryFolder>>
beforeEach(async () => {
  folder = await temporaryFolder()
})
afterEach(() => folder.remove())

const genesis = async () => ({
  chainId: 7,
  genesisTimestamp: 1,
  blockGasLimit: 2,
  fork: 'cancun',
  genesisHash: hashOf('genesis'),
  operator: signerOf('operator').address,
})

const blockAt = (height: number): JournalBlock => ({
  height,
  timestamp: quantity<UnixSeconds>(height),
  parentHash: hashOf(height === 1 ? 'genesis' : `parent of ${height}`),
  transactions: [{ keys: [hashOf(`key ${height}`)], raw: '0x0102' }],
})

/** The real disk, whose next sync of an appended file waits for `let go`, and then fails where told to. */
function slowDisk() {
  let held: { wait: Promise<void>; reached: () => void } | undefined
  const disk: Disk = {
    ...realDisk,
    openAppend: async (path) => {
      const file = await realDisk.openAppend(path)
      return {
        get size() {
          return file.size
        },
        append: (bytes) => file.append(bytes),
        sync: async () => {
          const now = held
          held = undefined
          now?.reached()
          await now?.wait
          await file.sync()
        },
        truncate: (size) => file.truncate(size),
        close: () => file.close(),
      }
    },
  }
  const holdNextSync = () => {
    let release = (_?: Error): void => undefined
    const wait = new Promise<void>((resolve, reject) => {
      release = (error) => (error === undefined ? resolve() : reject(error))
    })
    const waiting = new Promise<void>((reached) => {
      held = { wait, reached }
    })
    return { waiting, release }
  }
  return { disk, holdNextSync }
}

describe('the newest block of a journal', () => {
  test.each([
    ['is written to the disk', undefined, 3],
    ['fails on the disk and is taken back', new Error('no'), 2],
  ])('is read to its own end while another %s', async (_, failure, height) => {
    const { disk, holdNextSync } = slowDisk()
    const journal = await JournalFile.open(disk, `${folder.path}/journal`, genesis, () => undefined)
    for (const at of [1, 2]) await journal.append(blockAt(at))
    const { waiting, release } = holdNextSync()
    const appending = journal.append(blockAt(3)).catch((error: unknown) => error)
    await waiting
    expect(await journal.block(2)).toEqual(blockAt(2))
    expect(await journal.block(3)).toBe(undefined)
    release(failure)
    expect(await appending).toBe(failure)
    expect(journal.height).toBe(height)
    expect(await journal.block(height)).toEqual(blockAt(height))
    await journal.close()
  })

  test('is read to its own end after the journal was opened again and went on', async () => {
    const path = `${folder.path}/journal`
    const first = await JournalFile.open(realDisk, path, genesis, () => undefined)
    await first.append(blockAt(1))
    await first.close()
    const again = await JournalFile.open(realDisk, path, genesis, () => undefined)
    expect(await again.block(1)).toEqual(blockAt(1))
    await again.append(blockAt(2))
    expect([await again.block(1), await again.block(2)]).toEqual([blockAt(1), blockAt(2)])
    await again.close()
  })
})
