import { readdirSync } from 'node:fs'
import { appendFile, chmod, readdir, readFile, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { IsletError, quantity, toHex, type UnixSeconds } from '../vocabulary/index.ts'
import { type EmbeddedLedger, type EmbeddedOptions, type Notice, openEmbedded } from './embedded.door.ts'
import { lockDataDirectory } from './lock.door.ts'
import { parseSignedHead, verifyHead } from './signed-head.ts'
import { failingDisk } from './testing/failing-disk.ts'
import { bytesOf, hashOf, PROBE_INIT, signerOf, temporaryFolder } from './testing/fixtures.ts'

const operator = signerOf('operator')
let folder: Awaited<ReturnType<typeof temporaryFolder>>
let opened: EmbeddedLedger[] = []

const open = async (options: Partial<EmbeddedOptions> = {}) => {
  const ledger = await openEmbedded({ directory: folder.path, operator, ...options })
  opened.push(ledger)
  return ledger
}
const put = (ledger: EmbeddedLedger, word: string) =>
  ledger.submit(
    { to: signerOf('nowhere').address, data: toHex(bytesOf(word)), gas: 60_000 },
    { by: signerOf('sender'), keys: [hashOf(word)] },
  )
const fill = async (ledger: EmbeddedLedger, blocks: number, name = 'fill') => {
  for (let i = 0; i < blocks; i++) await put(ledger, `${name} ${i}`)
  return ledger.head()
}
const path = (name: string) => join(folder.path, name)

beforeEach(async () => {
  folder = await temporaryFolder()
})
afterEach(async () => {
  await Promise.all(opened.map((ledger) => ledger.close()))
  opened = []
  await folder.remove()
})

describe('the embedded engine on its disk', () => {
  test('reopens to the identical head from the journal alone, and from snapshot and tail', async () => {
    const notices: Notice[] = []
    const first = await open({ snapshotEvery: 5 })
    await fill(first, 12)
    await first.close()
    expect((await readdir(folder.path)).some((name) => name.startsWith('snapshot-'))).toBe(true)
    const second = await open({ notice: (notice) => notices.push(notice) })
    const head = await second.head()
    expect(head).toEqual(await first.head())
    expect(notices).toMatchObject([{ code: 'REPLAYED', height: 12 }])
    expect(notices[0]).toSatisfy((notice: Notice) => 'replayed' in notice && notice.replayed < 12)
    await second.close()
    for (const name of await readdir(folder.path)) {
      if (name.startsWith('snapshot-')) await writeFile(path(name), 'not a snapshot')
    }
    const third = await open({ notice: (notice) => notices.push(notice) })
    expect(await third.head()).toEqual(head)
    expect(notices.map(({ code }) => code)).toContain('SNAPSHOT_REFUSED')
    expect(notices.at(-1)).toEqual({ code: 'REPLAYED', height: 12, replayed: 12 })
  })

  test('a snapshot waits for a pause in the work, and work goes on after it', async () => {
    const ledger = await open({ snapshotEvery: 5, limits: { quietMs: 50 } })
    // Looked at in the turn in which the last is answered: the pause has not begun to be counted then.
    const snapshots = () => readdirSync(folder.path).filter((name) => name.startsWith('snapshot-')).length
    const load = Array.from({ length: 12 }, (_, i) => put(ledger, `load ${i}`))
    await Promise.all(load)
    expect(snapshots()).toBe(0)
    await expect.poll(snapshots, { timeout: 120_000 }).toBe(1)
    const next = await put(ledger, 'after')
    expect(next.block.height).toBe((await ledger.head()).height)
  })

  test('an append cut short is cut off, and its block was never acknowledged', async () => {
    const ledger = await open()
    const head = await fill(ledger, 3)
    await ledger.close()
    await appendFile(path('journal'), 'ISLR half a record')
    const again = await open()
    expect(await again.head()).toEqual(head)
    expect((await put(again, 'next')).block.height).toBe(4)
  })

  test('damage in the middle is refused with its offset, and the file is left as it is', async () => {
    const ledger = await open()
    await fill(ledger, 4)
    await ledger.close()
    const journal = await readFile(path('journal'))
    const middle = journal.length >> 1
    journal[middle] = (journal[middle] ?? 0) ^ 1
    await writeFile(path('journal'), journal)
    await expect(open()).rejects.toMatchObject({
      code: 'RECORDS_CORRUPT',
      facts: { offset: expect.any(Number) },
    })
    expect(Buffer.compare(await readFile(path('journal')), journal)).toBe(0)
  })

  test('a journal that lost an acknowledged block is refused', async () => {
    const ledger = await open()
    await fill(ledger, 4)
    await ledger.close()
    const { length } = await readFile(path('journal'))
    await truncate(path('journal'), length - 10)
    await expect(open()).rejects.toMatchObject({
      code: 'JOURNAL_CUT_SHORT',
      facts: { acknowledged: 4, found: 3 },
    })
  })

  test('another operator key or another chain is refused', async () => {
    await (await open()).close()
    await expect(open({ operator: signerOf('thief') })).rejects.toMatchObject({ code: 'OTHER_OPERATOR' })
    const chain = { chainId: 5, genesisTimestamp: 1_767_225_600, blockGasLimit: 1_000_000, fork: 'cancun' }
    await expect(open({ chain })).rejects.toMatchObject({ code: 'OTHER_CHAIN' })
  })

  test('a second opening of the same directory is refused while the first holds it', async () => {
    const ledger = await open()
    await expect(open()).rejects.toMatchObject({ code: 'DATA_IN_USE', facts: { pid: process.pid } })
    await ledger.close()
    await open()
  })

  test('a dead holder’s lock is taken over by exactly one of many', async () => {
    const dead = { pid: 4_194_304, started: 'long ago', machine: '', token: 'dead' }
    const probe = await lockDataDirectory(folder.path)
    const { machine } = JSON.parse(await readFile(path('lock'), 'utf8'))
    await probe.release()
    await writeFile(path('lock'), JSON.stringify({ ...dead, machine }))
    const taken = await Promise.allSettled(Array.from({ length: 12 }, () => lockDataDirectory(folder.path)))
    expect(taken.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    await writeFile(path('lock'), JSON.stringify({ ...dead, machine: 'another machine' }))
    await expect(lockDataDirectory(folder.path)).rejects.toMatchObject({ code: 'DATA_IN_USE' })
  })

  test('a write that could not be taken back at once is taken back later, and work resumes', async () => {
    const disk = failingDisk()
    const ledger = await open({ disk })
    await fill(ledger, 2)
    disk.fail = { at: 'everything', halfWritten: true, error: new IsletError('DISK_FULL', 'full') }
    await expect(put(ledger, 'later')).rejects.toMatchObject({ code: 'LEDGER_HALTED' })
    disk.fail = undefined
    expect((await put(ledger, 'later')).block.height).toBe(3)
    await ledger.close()
    expect(await (await open()).head()).toMatchObject({ height: 3 })
  })

  const failures: readonly { readonly at: 'append' | 'sync'; readonly halfWritten: boolean }[] = [
    { at: 'append', halfWritten: false },
    { at: 'append', halfWritten: true },
    { at: 'sync', halfWritten: false },
  ]
  test.each(failures)(
    'a full disk at $at (half written: $halfWritten) refuses, loses nothing, and work resumes',
    async ({ at, halfWritten }) => {
      const disk = failingDisk()
      const ledger = await open({ disk })
      const head = await fill(ledger, 2)
      disk.fail = { at, halfWritten, error: new IsletError('DISK_FULL', 'full') }
      await expect(put(ledger, 'refused')).rejects.toMatchObject({
        code: 'LEDGER_HALTED',
        facts: { because: 'DISK_FULL' },
      })
      expect(ledger.state()).toEqual({ status: 'halted', code: 'DISK_FULL' })
      expect(await ledger.head()).toEqual(head)
      disk.fail = undefined
      expect((await put(ledger, 'refused')).block.height).toBe(3)
      expect(ledger.state()).toEqual({ status: 'running' })
      await ledger.close()
      expect(await (await open()).head()).toMatchObject({ height: 3 })
    },
  )

  test('a disk that cannot even be cut back stops the ledger, and reopening finds what was acknowledged', async () => {
    const disk = failingDisk()
    const ledger = await open({ disk })
    const head = await fill(ledger, 2)
    disk.fail = { at: 'everything', halfWritten: true, error: new IsletError('DISK_FAILED', 'broken') }
    await expect(put(ledger, 'lost')).rejects.toMatchObject({ facts: { because: 'DISK_FAILED' } })
    await expect(put(ledger, 'lost')).rejects.toMatchObject({ facts: { because: 'JOURNAL_BROKEN' } })
    await ledger.close()
    expect(await (await open()).head()).toEqual(head)
  })

  test('nothing is acknowledged before it is synced', async () => {
    const disk = failingDisk()
    const ledger = await open({ disk })
    const before = disk.syncs
    await fill(ledger, 3)
    expect(disk.syncs).toBe(before + 3)
  })

  test.skipIf(process.getuid?.() === 0)(
    'a directory that may not be written is refused in words',
    async () => {
      await chmod(folder.path, 0o500)
      await expect(open()).rejects.toMatchObject({ code: 'NO_PERMISSION' })
      await chmod(folder.path, 0o700)
    },
  )
})

describe('the embedded engine and time', () => {
  test('a clock that jumps back holds the chain’s time, one that jumps ahead moves it, and it never runs ahead', async () => {
    let now = 1_800_000_000
    const notices: Notice[] = []
    const clock = () => quantity<UnixSeconds>(now)
    const ledger = await open({ clock, notice: (notice) => notices.push(notice) })
    const times: number[] = []
    for (const jump of [0, 0, 0, -86_400, 10, 90_000]) {
      now += jump
      times.push((await put(ledger, `time ${times.length}`)).block.timestamp - 1_800_000_000)
    }
    expect(times).toEqual([0, 0, 0, 0, 0, 3_610])
    expect(notices).toContainEqual({ code: 'CLOCK_BEHIND_CHAIN', seconds: 86_400 })
  })
})

describe('the embedded engine and its executor', () => {
  test.runIf(process.platform === 'linux')(
    'a Ctrl-C at the terminal does not reach the executor',
    async () => {
      const groupOf = async (pid: number): Promise<string | undefined> => {
        const stat = await readFile(`/proc/${pid}/stat`, 'latin1')
        return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[2]
      }
      const { executorPid } = await open()
      expect(await groupOf(executorPid)).not.toBe(await groupOf(process.pid))
    },
  )

  test('a killed executor is replaced by itself and submissions under way are answered', async () => {
    const ledger = await open({ snapshotEvery: 10 })
    const load = Array.from({ length: 20 }, (_, i) => put(ledger, `load ${i}`))
    await load[0]
    process.kill(ledger.executorPid, 'SIGKILL')
    for (let i = 20; i < 40; i++) load.push(put(ledger, `load ${i}`))
    const receipts = await Promise.all(load)
    expect(receipts.every(({ status }) => status === 'success')).toBe(true)
    expect(new Set(receipts.map(({ transaction }) => transaction)).size).toBe(40)
    expect(ledger.figures.executorRestarts).toBe(1)
  })

  test('an executor whose state was changed behind our back is found out and replaced', async () => {
    const ledger = await open()
    await fill(ledger, 2)
    await ledger.ask('evm_mine', [])
    const receipt = await put(ledger, 'after the intruder')
    expect(receipt.block.height).toBe(3)
    expect(ledger.figures.executorRestarts).toBe(1)
  })

  test('heads are signed by the operator and one changed field is found', async () => {
    const ledger = await open()
    await ledger.submit({ to: null, data: PROBE_INIT, gas: 200_000 }, { by: signerOf('sender'), keys: [] })
    const head = parseSignedHead(JSON.parse(JSON.stringify(ledger.signedHead())))
    expect(head.hash).toBe((await ledger.head()).hash)
    expect(verifyHead(head, operator.address)).toBe(true)
    expect(verifyHead({ ...head, height: 2 }, operator.address)).toBe(false)
    expect(verifyHead({ ...head, journal: hashOf('other') }, operator.address)).toBe(false)
    expect(verifyHead(head, signerOf('thief').address)).toBe(false)
  })
})
