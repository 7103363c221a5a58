import { execFileSync } from 'node:child_process'
import { cp, mkdir, mkdtemp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import { readings } from '../benches/support/readings.ts'
import { asked, settle } from '../benches/support/town.ts'
import { describeError } from '../src/node/cli/outcome.ts'
import { type Consortium, openConsortium, openPerson } from '../src/node/world.door.ts'
import {
  type ConsentId,
  hourOf,
  isIsletError,
  quantity,
  startOfHour,
  type UnixSeconds,
} from '../src/vocabulary/index.ts'
import { ranHere } from './testing/islet-command.ts'

/** Exit codes of the command: bad input, and this machine cannot. */
const [BAD_INPUT, MACHINE] = [2, 3]
const READINGS = 2 * 288

let folder: string
let founded: string
let consent: ConsentId
let copies = 0
let towns: Consortium[] = []

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'islet-faults-'))
  founded = join(folder, 'founded')
  const town = await openConsortium({ directory: founded })
  const anna = await settle(town, 'anna', town.house('south'))
  const now = Math.floor(Date.now() / 1000)
  await anna.agent.add(readings(READINGS, now))
  await town.tick(true)
  consent = await shared(town, 86_400)
  await town.close()
})
afterAll(() => rm(folder, { recursive: true, force: true }))
afterEach(async () => {
  vi.useRealTimers()
  for (const town of towns) await town.close().catch(() => undefined)
  towns = []
})

/** Grants north the last two days for some seconds. */
async function shared(town: Consortium, seconds: number): Promise<ConsentId> {
  const anna = await openPerson(town, 'anna', town.unlock)
  const [south, north] = [town.house('south'), town.house('north')]
  const end = startOfHour(hourOf(quantity<UnixSeconds>(Math.floor(Date.now() / 1000))))
  const window = { from: quantity<UnixSeconds>(end - 2 * 86_400), until: quantity<UnixSeconds>(end) }
  const { id, request } = await asked(anna, south, north, window)
  const expiresAt = quantity<UnixSeconds>(Math.max(window.until, Math.floor(Date.now() / 1000)) + seconds)
  const { handOver } = await anna.agent.grant(request, { expiresAt }, { requestId: id })
  return handOver.consentId
}

async function copy(to = join(folder, `copy-${++copies}`)): Promise<string> {
  await cp(founded, to, { recursive: true })
  return to
}

async function open(directory: string): Promise<Consortium> {
  const town = await openConsortium({ directory })
  towns.push(town)
  return town
}

/** What the command would print and exit with. */
async function refusal(work: Promise<unknown>) {
  try {
    await work
  } catch (error) {
    const { document, exit } = describeError(error)
    return { ...document.error, exit }
  }
  return { code: 'NOT_REFUSED', message: '', exit: 0 }
}

const islet = (...argv: readonly string[]) => ranHere(argv)

const read = (town: Consortium, id: ConsentId) => town.house('north').institution.reader.read(id)
async function codeOf(work: Promise<unknown>): Promise<string> {
  try {
    await work
    return 'NOT_REFUSED'
  } catch (error) {
    return isIsletError(error) ? error.code : String(error)
  }
}

/** A file system of so many MiB under a directory, where this account may mount one. */
function mounted(directory: string, mib: number): (() => void) | undefined {
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${mib}m,mode=0700`, 'tmpfs', directory], {
      stdio: 'pipe',
    })
  } catch {
    console.log('left out: this account may not mount a small file system')
    return undefined
  }
  return () => void execFileSync('umount', ['-l', directory], { stdio: 'pipe' })
}

describe('the machine', () => {
  test('a taken port is refused by name before anything is made', async () => {
    const server = createServer().listen(0, '127.0.0.1')
    await new Promise((resolve) => server.once('listening', resolve))
    const address = server.address()
    const port = typeof address === 'object' && address !== null ? address.port : 0
    const data = join(folder, 'never')
    const { code, out } = await islet('start', '--port', String(port), '--data', data, '--json')
    server.close()
    expect([code, JSON.parse(out).error.code]).toEqual([MACHINE, 'PORT_TAKEN'])
    expect(JSON.parse(out).error.remedy).toContain('--port')
    const made = await readdir(data).catch(() => [])
    expect(made).toEqual([])
  })

  test('a second process on a data directory is refused, and the first goes on', async () => {
    const directory = await copy()
    const town = await open(directory)
    const { code, err } = await islet('start', '--port', '0', '--data', directory)
    expect([code, /DATA_IN_USE/.test(err)]).toEqual([MACHINE, true])
    expect((await read(town, consent)).records).not.toHaveLength(0)
  })

  test('a full disk refuses in words, and all that was acknowledged is there when there is room again', async () => {
    const place = join(folder, 'small')
    await mkdir(place)
    const unmount = mounted(place, 3)
    if (unmount === undefined) return
    try {
      const directory = await copy(join(place, 'data'))
      const town = await openConsortium({ directory })
      const anna = await openPerson(town, 'anna', town.unlock)
      const until = Math.floor(Date.now() / 1000) - 30 * 86_400
      const taken: number[] = []
      let code = 'NOT_REFUSED'
      for (let week = 0; week < 400 && code === 'NOT_REFUSED'; week++) {
        code = await codeOf(anna.agent.add(readings(7 * 288, until - week * 7 * 86_400, week)))
        if (code === 'NOT_REFUSED') taken.push(week)
      }
      expect(code).toBe('DISK_FULL')
      expect(taken.length).toBeGreaterThan(0)
      const head = await town.ledger.head()
      await town.close().catch(() => undefined)
      const roomy = join(folder, 'roomy')
      await cp(directory, roomy, { recursive: true })
      const again = await open(roomy)
      expect(await again.ledger.block(head.height)).toEqual(head)
      const there = await openPerson(again, 'anna', again.unlock)
      for (const week of taken) {
        const same = readings(7 * 288, until - week * 7 * 86_400, week)
        expect((await there.agent.add(same)).added, `week ${week}`).toBe(0)
      }
      const next = readings(7 * 288, until - 500 * 7 * 86_400)
      expect((await there.agent.add(next)).added).toBe(next.length)
    } finally {
      unmount()
    }
  })

  test('a read-only directory is refused by name', async () => {
    const place = join(folder, 'sealed')
    await mkdir(place)
    const unmount = mounted(place, 8)
    if (unmount === undefined) return
    try {
      const directory = await copy(join(place, 'data'))
      execFileSync('mount', ['-o', 'remount,ro', place], { stdio: 'pipe' })
      expect(await refusal(openConsortium({ directory }))).toMatchObject({
        code: 'READ_ONLY_DIRECTORY',
        exit: MACHINE,
        remedy: expect.any(String),
      })
      // One that is not there yet cannot be made, and Node says that it does not exist.
      const absent = join(place, 'not', 'there')
      expect(await refusal(openConsortium({ directory: absent }))).toMatchObject({
        code: 'READ_ONLY_DIRECTORY',
        exit: MACHINE,
      })
    } finally {
      unmount()
    }
  })
})

describe('the clock', () => {
  test('set back it revives no consent that ended, set forward it ends those whose time has come', async () => {
    const town = await open(await copy())
    const now = Date.now()
    vi.useFakeTimers({ toFake: ['Date'], now })
    const short = await shared(town, 120)
    expect(await codeOf(read(town, short))).toBe('NOT_REFUSED')
    vi.setSystemTime(now + 180_000)
    expect(await codeOf(read(town, short))).toBe('CONSENT_EXPIRED')
    await town.tick(true)
    vi.setSystemTime(now - 3_600_000)
    expect(await codeOf(read(town, short))).toBe('CONSENT_EXPIRED')
    expect((await town.ledger.head()).timestamp).toBeGreaterThan(now / 1000)
  })

  test('days ahead and back again: the ledger goes on, its time never runs backwards, grants are still made', async () => {
    const directory = await copy()
    const town = await open(directory)
    const now = Date.now()
    const times: number[] = []
    vi.useFakeTimers({ toFake: ['Date'], now })
    for (const days of [2, 0, -1]) {
      vi.setSystemTime(now + days * 86_400_000)
      expect(await codeOf(shared(town, 5 * 86_400)), `${days} days`).toBe('NOT_REFUSED')
      times.push((await town.ledger.head()).timestamp)
    }
    expect(times).toEqual(times.toSorted((a, b) => a - b))
    const head = await town.ledger.head()
    await town.close()
    expect(await (await open(directory)).ledger.block(head.height)).toEqual(head)
  })
})

describe('what lies on the disk', () => {
  test('a byte changed in the middle of the journal is refused with its place, and nothing is written', async () => {
    const directory = await copy()
    const path = join(directory, 'ledger', 'journal')
    const journal = await readFile(path)
    const middle = journal.length >> 1
    journal[middle] = (journal[middle] ?? 0) ^ 1
    await writeFile(path, journal)
    expect(await refusal(openConsortium({ directory }))).toMatchObject({
      code: 'RECORDS_CORRUPT',
      exit: BAD_INPUT,
    })
    expect((await readFile(path)).equals(journal)).toBe(true)
  })

  test('a byte changed in a stored object is refused by name, and its neighbours are read', async () => {
    const directory = await copy()
    const town = await open(directory)
    const objects = join(directory, 'institutions', 'south', 'objects', 'objects')
    const [shard = ''] = await readdir(objects)
    const [name = ''] = await readdir(join(objects, shard))
    const whole = await readFile(join(objects, shard, name))
    const bitten = Buffer.from(whole)
    bitten[whole.length - 9] = (bitten[whole.length - 9] ?? 0) ^ 1
    await writeFile(join(objects, shard, name), bitten)
    const { store } = town.house('south')
    const codes = new Map<string, string>()
    for await (const cid of store.list()) codes.set(cid, await codeOf(store.get(cid)))
    expect(codes.get(name)).toBe('OBJECT_TAMPERED')
    expect([...codes.values()].filter((code) => code === 'NOT_REFUSED')).toHaveLength(codes.size - 1)
    await writeFile(join(objects, shard, name), whole)
    expect((await read(town, consent)).records.length).toBeGreaterThan(0)
  })

  const damaged: readonly { readonly file: string; readonly code: string; readonly why: string }[] = [
    {
      file: 'institutions/south/keys.json',
      code: 'KEY_FILE_DAMAGED',
      why: 'the keys of an institution cut short',
    },
    { file: 'node.key', code: 'KEY_FILE_DAMAGED', why: 'the key of the node cut short' },
    {
      file: 'consortium.json',
      code: 'CONSORTIUM_FILE_DAMAGED',
      why: 'the file that names the institutions cut short',
    },
  ]
  test.each(damaged)(
    '$why is refused by name and place, never replaced by new ones',
    async ({ file, code }) => {
      const directory = await copy()
      const path = join(directory, file)
      const { length } = await readFile(path)
      await truncate(path, length >> 1)
      const before = await readFile(path)
      const refused = await refusal(openConsortium({ directory }))
      expect(refused).toMatchObject({ code, exit: BAD_INPUT, remedy: expect.any(String) })
      expect(refused.message).not.toMatch(/at .*\.ts/)
      expect((await readFile(path)).equals(before)).toBe(true)
    },
  )
})
