/**
 * `islet start` as a person lives with it: their own data, a second day, a crash, another program on the port.
 */
import { once } from 'node:events'
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Value } from 'typebox/value'
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import { Story } from '../src/api/index.ts'
import { formatRecoveryCode } from '../src/identity/index.ts'
import { MemoryStore, projector } from '../src/ledger/index.ts'
import { openProjection } from '../src/node/service/projection.ts'
import { readModel } from '../src/node/service/read-model.ts'
import { personFolder, readRoot } from '../src/node/story/person.ts'
import { openConsortium } from '../src/node/world/consortium.ts'
import { islet, type Running, ranHere, requireDocument } from './testing/islet-command.ts'

const PASSPHRASE = 'four words and a stone'
const RENEWED = 'five other words and a river'

/** Two days of a person who does not exist, as a plain table. */
function exportOf(days: number): string {
  const rows = Array.from({ length: days * 96 }, (_, i) => {
    const at = new Date(Date.UTC(2025, 2, 1) + i * 900_000).toISOString().slice(0, 19).replace('T', ' ')
    return `p1,${at},${90 + Math.round(60 * (1 + Math.sin(i / 9)))}`
  })
  return `id,time,gl\n${rows.join('\n')}\n`
}

async function processesOf(parent: number): Promise<number> {
  let count = 0
  for (const name of await readdir('/proc').catch(() => [])) {
    const text = await readFile(`/proc/${name}/stat`, 'latin1').catch(() => '')
    if (text.slice(text.lastIndexOf(')') + 2).split(' ')[1] === String(parent)) count += 1
  }
  return count
}

function addressOf(running: Running): string {
  return /http:\/\/127\.0\.0\.1:\d+/.exec(running.out())?.[0] ?? ''
}

async function storyAt(address: string): Promise<Story> {
  const story: unknown = await (await fetch(`${address}/story`)).json()
  if (!Value.Check(Story, story)) throw new Error('the story does not fit the contract')
  return story
}

describe('a node with a person’s own data', { timeout: 900_000 }, () => {
  let home: string
  let data: string
  let file: string
  let recovery: string
  const started: Running[] = []
  const begin = (args: readonly string[], environment: Readonly<Record<string, string>> = {}): Running => {
    const running = islet(['start', '--port', '0', ...args], environment)
    started.push(running)
    return running
  }

  /** The root key of the person, by a passphrase. */
  const openedBy = async (passphrase: string) => {
    const { person } = JSON.parse(await readFile(join(data, 'story.json'), 'utf8'))
    return readRoot(personFolder(data, person), { passphrase })
  }

  beforeAll(async () => {
    home = await mkdtemp(join(tmpdir(), 'islet-start-'))
    data = join(home, 'data')
    file = join(home, 'export.csv')
    recovery = join(home, 'recovery.txt')
    await writeFile(file, exportOf(2))
  })
  afterAll(async () => {
    for (const { child, ended } of started) {
      child.kill('SIGKILL')
      await ended
    }
    await rm(home, { recursive: true, force: true })
  })

  afterEach(() => vi.unstubAllEnvs())

  const refusals: readonly (readonly [
    code: string,
    more: readonly string[],
    passphrase: string | undefined,
    why: string,
  ])[] = [
    ['PASSPHRASE_NEEDED', [], undefined, 'nobody can be asked for a passphrase here'],
    ['PASSPHRASE_SHORT', ['--recovery-file', 'RECOVERY'], 'short', 'it guards real data'],
    ['RECOVERY_FILE_NEEDED', [], PASSPHRASE, 'the code has to go somewhere'],
    ['FILE_EXISTS', ['--recovery-file', 'EXPORT'], PASSPHRASE, 'nothing is overwritten'],
    ['HOST_NEEDS_OWN_PEOPLE', ['--host', '0.0.0.0'], undefined, 'personas work on this machine only'],
    ['BAD_USAGE', ['--apart'], undefined, 'institutions apart begin with virtual people'],
  ]
  test.each(refusals)('refuses with %s before anything is made', async (code, more, passphrase) => {
    vi.stubEnv('ISLET_PASSPHRASE', passphrase)
    const args = more.map((arg) => (arg === 'RECOVERY' ? recovery : arg === 'EXPORT' ? file : arg))
    const refused = await ranHere([
      ...['start', '--port', '0', '--data', data, '--import', file, '--json'],
      ...args,
    ])
    expect([refused.code, JSON.parse(refused.out).error.code]).toEqual([2, code])
    expect(await readdir(data).catch(() => [])).toEqual([])
    expect(refused.err).not.toContain(PASSPHRASE)
  })

  test('tells the story on the file, shows it on the page, and prints one line when it is ready', async () => {
    const node = begin(['--data', data, '--import', file, '--recovery-file', recovery], {
      ISLET_PASSPHRASE: PASSPHRASE,
    })
    await node.said('Islet is ready at ')
    expect(node.out()).toMatch(/^Islet is ready at http:\/\/127\.0\.0\.1:\d+\n$/)
    const address = addressOf(node)
    const page = await fetch(address)
    expect([page.status, (await page.text()).startsWith('<!doctype html>')]).toEqual([200, true])
    const story = await storyAt(address)
    expect(story.steps.flatMap(({ checks }) => checks.filter(({ ok }) => !ok))).toEqual([])
    expect([story.state, story.simulated, story.opened?.readings]).toEqual([
      'passed',
      false,
      expect.any(Number),
    ])
    const ready = await (await fetch(`${address}/readyz`)).json()
    expect(ready).toMatchObject({ status: 'ready' })
    // Shown once the read model stands, which is opened beside the story.
    await expect.poll(async () => (await storyAt(address)).institutions.length, { timeout: 240_000 }).toBe(10)

    const second = await ranHere(['start', '--port', '0', '--data', data, '--json'])
    expect([second.code, JSON.parse(second.out).error.code]).toEqual([3, 'DATA_IN_USE'])

    node.child.kill('SIGTERM')
    expect(await node.ended).toBe(0)
    expect(await processesOf(node.pid)).toBe(0)
    expect(await readdir(data)).not.toContain('lock')
  }, 900_000)

  test('keeps nothing that was opened in clear, and the keys under the passphrase', async () => {
    const record = JSON.parse(await readFile(join(data, 'story.json'), 'utf8'))
    expect([record.state, record.own, record.story.opened]).toEqual(['finished', true, null])
    const keys = JSON.parse(await readFile(join(data, 'patients', record.person, 'keys.json'), 'utf8'))
    expect(keys).toMatchObject({ persona: false, derivation: { name: 'argon2id' } })
    expect((await stat(recovery)).mode & 0o777).toBe(0o600)
    expect(await readFile(recovery, 'utf8')).toMatch(/^(?:[0-9A-Z]{5}-){7}[0-9A-Z]{5}\n$/)
    const log = await readFile(join(data, 'logs', 'node.log'), 'utf8')
    expect(log).not.toContain(PASSPHRASE)
  })

  test('refuses a wrong passphrase', async () => {
    vi.stubEnv('ISLET_PASSPHRASE', 'another passphrase')
    const refused = await ranHere(['start', '--port', '0', '--data', data, '--import', file, '--json'])
    expect([refused.code, JSON.parse(refused.out).error.code]).toEqual([2, 'KEY_FILE_LOCKED'])
  })

  test('at the second start adds nothing of the same file, and only what is new of a longer one', async () => {
    await writeFile(join(home, 'longer.csv'), exportOf(3))
    for (const [name, words] of [
      ['export.csv', 'nothing new in the files'],
      ['longer.csv', '96 new records taken in'],
    ] as const) {
      const began = performance.now()
      const node = begin(['--data', data, '--import', join(home, name), '--json'], {
        ISLET_PASSPHRASE: PASSPHRASE,
      })
      await node.said('islet.start/1')
      await node.said('Ctrl-C stops it')
      expect(requireDocument(node.out(), 'islet start')).toBe('islet.start/1')
      process.stdout.write(`second start with ${name}: ${Math.round(performance.now() - began)} ms\n`)
      expect(node.err()).toContain(words)
      const story = await storyAt(addressOf(node))
      expect([story.state, story.opened]).toEqual(['passed', null])
      node.child.kill('SIGINT')
      expect(await node.ended).toBe(130)
    }
  }, 900_000)

  test('a dropped or damaged read model is read again from the ledger, to the same content', async () => {
    const consortium = await openConsortium({ directory: data })
    try {
      const { ledger, deployment } = consortium
      const directory = join(data, 'projection')
      const parts = { directory, ledger, deployment }
      const digests: string[] = []
      const before = await openProjection(parts)
      digests.push(await before.digest())
      expect((await (await before.reads()).counts()).consents).toBeGreaterThan(0)
      await before.close()
      await rm(directory, { recursive: true })
      const errors: unknown[] = []
      const model = readModel({ ...parts, signal: new AbortController().signal }, (error) =>
        errors.push(error),
      )
      // Made anew: what is asked meanwhile is answered all the same.
      const meanwhile = await (await model.reads()).counts()
      digests.push(await (await model.database()).digest())
      expect(await (await model.reads()).counts()).toEqual(meanwhile)
      expect(errors).toEqual([])
      await model.close()
      const memory = new MemoryStore()
      await projector(ledger, deployment, memory).catchUp()
      digests.push(await memory.digest())
      expect(new Set(digests).size).toBe(1)
    } finally {
      await consortium.close()
    }
  }, 900_000)

  test('while the read model’s database does not open for the first time, its rows are read from the ledger', async () => {
    const consortium = await openConsortium({ directory: data })
    try {
      const { ledger, deployment } = consortium
      const directory = join(data, 'node.key', 'no folder')
      const errors: unknown[] = []
      const { signal } = new AbortController()
      const model = readModel({ directory, ledger, deployment, signal }, (error) => errors.push(error))
      const rows = await model.reads()
      expect((await rows.institutions()).length).toBe(consortium.hosted.size)
      expect((await rows.counts()).consents).toBeGreaterThan(0)
      await expect(model.database()).rejects.toMatchObject({ code: 'ENOTDIR' })
      expect(errors.length).toBeGreaterThan(0)
      await model.close()
    } finally {
      await consortium.close()
    }
  }, 900_000)

  test('every verb that looks at the data prints one document of its schema', async () => {
    const dump = join(home, 'dump')
    const backup = join(home, 'backup.tar.gz')
    for (const [args, name] of [
      [['export', dump, '--data', data], 'islet.export/1'],
      [['verify', dump], 'islet.verify/1'],
      [['backup', backup, '--data', data], 'islet.backup/1'],
      [['restore', backup, '--data', join(home, 'restored')], 'islet.restore/1'],
      [['doctor', '--data', join(home, 'restored')], 'islet.doctor/1'],
    ] as const) {
      const { out } = await ranHere([...args, '--json'])
      expect(JSON.parse(out)).toMatchObject({ schema: name })
    }
  }, 900_000)

  test('a forgotten passphrase is replaced with the recovery code, and with no other', async () => {
    const before = await openedBy(PASSPHRASE)
    const typed = (await readFile(recovery, 'utf8')).trim()
    const recover = async (code: string, passphrase: string | undefined) => {
      await writeFile(join(home, 'kept.txt'), `${code}\n`)
      vi.stubEnv('ISLET_PASSPHRASE', passphrase)
      const { code: exit, out } = await ranHere([
        ...['recover', '--data', data, '--recovery-file', join(home, 'kept.txt'), '--json'],
      ])
      return [exit, JSON.parse(out).error?.code ?? JSON.parse(out).schema]
    }
    const other = formatRecoveryCode(new Uint8Array(20).fill(7))
    expect(await recover(other, RENEWED)).toEqual([2, 'RECOVERY_CODE_WRONG'])
    expect(await recover(typed.slice(0, -3), RENEWED)).toEqual([2, 'RECOVERY_CODE_INCOMPLETE'])
    expect(await recover(typed, undefined)).toEqual([2, 'PASSPHRASE_NEEDED'])
    expect(await recover(typed, 'short')).toEqual([2, 'PASSPHRASE_SHORT'])
    expect(await openedBy(PASSPHRASE)).toEqual(before)
    expect(await recover(typed.toLowerCase(), RENEWED)).toEqual([0, 'islet.recover/1'])
    expect(await openedBy(RENEWED)).toEqual(before)

    vi.stubEnv('ISLET_PASSPHRASE', PASSPHRASE)
    const refused = await ranHere(['start', '--port', '0', '--data', data, '--import', file, '--json'])
    const { error } = JSON.parse(refused.out)
    expect([refused.code, error.code]).toEqual([2, 'KEY_FILE_LOCKED'])
    expect(error.remedy).toContain('islet recover')
    const node = begin(['--data', data, '--import', file], { ISLET_PASSPHRASE: RENEWED })
    await node.said('Islet is ready at ')
    expect(node.err()).toContain('nothing new in the files')
    node.child.kill('SIGTERM')
    expect(await node.ended).toBe(0)
  }, 900_000)
})

describe.concurrent('a node with simulated people', { timeout: 900_000 }, () => {
  let home: string
  beforeAll(async () => {
    home = await mkdtemp(join(tmpdir(), 'islet-start-'))
  })
  afterAll(() => rm(home, { recursive: true, force: true }))

  test('a story that was cut off by a crash begins again with new people, and Ctrl-C in it ends in order', async () => {
    const args = ['start', '--port', '0', '--data', join(home, 'crashed')]
    const crashed = islet(args)
    await crashed.said('ok An export is read')
    crashed.child.kill('SIGKILL')
    await crashed.ended
    const again = islet(args)
    await again.said('it begins again with new people')
    await again.said('ok An export is read')
    again.child.kill('SIGINT')
    expect(await again.ended).toBe(130)
    expect(await processesOf(again.pid)).toBe(0)
    expect(again.out()).toBe('')
  }, 900_000)

  test('says that the port is taken before it makes anything', async () => {
    const other = createServer().listen(0, '127.0.0.1')
    await once(other, 'listening')
    const address = other.address()
    const port = typeof address === 'object' && address !== null ? address.port : 0
    const data = join(home, 'taken')
    const refused = await ranHere(['start', '--port', String(port), '--data', data, '--json'])
    other.close()
    expect([refused.code, JSON.parse(refused.out).error.code]).toEqual([3, 'PORT_TAKEN'])
    expect(await readdir(data)).toEqual([])
  })

  test('an ephemeral node leaves nothing, also when it is stopped in the middle', async () => {
    const parent = await mkdtemp(join(home, 'ephemeral-'))
    const file = join(home, 'export.csv')
    await writeFile(file, exportOf(2))
    const node = islet(['start', '--port', '0', '--ephemeral', '--data', parent, '--import', file])
    await node.said('ok An export is read')
    expect(await readdir(parent)).toHaveLength(1)
    node.child.kill('SIGINT')
    expect(await node.ended).toBe(130)
    expect(await readdir(parent)).toEqual([])
  }, 900_000)
})
