import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { platform, tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Apart, openApart } from '../src/node/apart/apart.ts'
import { type TestProgram, testProgram } from '../src/node/apart/testing/program.ts'
import { freshHandle, openPerson } from '../src/node/story/person.ts'
import { virtualCast } from '../src/node/story/source.ts'
import { glucoseShared } from '../src/node/story/testing/glucose-shared.ts'
import { CHARTER, OPERATOR } from '../src/node/world/charter.ts'
import { clinicianReads, operatorsSee } from './testing/clinic-apart.ts'
import { goneWithin, runs, storyHoldsOn, suspendedIsRefused } from './testing/institutions-apart.ts'

let program: TestProgram

beforeAll(async () => {
  program = await testProgram()
}, 900_000)
afterAll(() => program.remove())

/** Institution processes that this one started and that still run. */
async function institutionsHere(): Promise<number> {
  const pids = await readFile(`/proc/${process.pid}/task/${process.pid}/children`, 'latin1').catch(() => '')
  const commands = pids
    .split(' ')
    .filter((pid) => pid !== '')
    .map((pid) => readFile(`/proc/${pid}/cmdline`, 'latin1').catch(() => ''))
  return (await Promise.all(commands)).filter((command) => command.includes(program.path)).length
}

test('a Ctrl-C while they start ends every process, and what opening threw is told', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'islet-apart-stopped-'))
  const controller = new AbortController()
  let seen = 0
  const opening = openApart({
    directory,
    program: program.path,
    signal: controller.signal,
    notice: (code) => {
      if (code !== 'PROCESSES_STARTED') return
      void institutionsHere().then((count) => {
        seen = count
        controller.abort('SIGINT')
      })
    },
  })
  await expect(opening).rejects.toThrow()
  expect([seen, await institutionsHere()]).toEqual([platform() === 'linux' ? CHARTER.length : 0, 0])
  await rm(directory, { recursive: true, force: true })
}, 900_000)

describe('institutions apart', { timeout: 900_000 }, () => {
  let directory: string
  let world: Apart
  let pids: readonly number[]
  const reported: unknown[] = []

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'islet-apart-'))
    world = await openApart({ directory, program: program.path, report: (error) => reported.push(error) })
    pids = CHARTER.map(({ key }) => world.pid(key))
  }, 900_000)
  afterAll(async () => {
    await world.close()
    for (const pid of [...pids, ...CHARTER.map(({ key }) => world.pid(key))]) {
      expect(await goneWithin(pid, 30_000)).toBe(true)
    }
    await rm(directory, { recursive: true, force: true })
  })

  test('the story is told over HTTPS by ten processes, and every check in it holds', async () => {
    expect(new Set([...pids, process.pid]).size).toBe(CHARTER.length + 1)
    await storyHoldsOn(world)
  })

  test('a clinician signs in at her hospital’s own address, and reads who granted to her there', () =>
    clinicianReads(world))

  test('each institution’s operator sees it at its own address, with the members’ names and the blocks', () =>
    operatorsSee(world))

  test('every institution keeps its keys, heads and erasures in a directory that no other reads', async () => {
    for (const { key } of CHARTER) {
      const names = await readdir(join(directory, 'institutions', key))
      expect(names).toEqual(expect.arrayContaining(['heads', 'institution.json', 'keys.json', 'node.key']))
      expect((await world.party(key).heads()).held).toBeGreaterThan(0)
    }
    const erased = await readFile(join(directory, 'institutions', 'south', 'erasures', 'erased'), 'utf8')
    expect(erased).toMatch(/[0-9a-f]{64}/)
  })

  test('kill -9 of the custodian in the middle of an append loses nothing that was acknowledged', async () => {
    const { material } = await virtualCast(6)
    const person = await openPerson(world, freshHandle(), world.unlock)
    const south = world.party('south')
    await person.agent.enrol(south.id)
    const half = material.records.length >> 1
    const acknowledged = await person.agent.add(material.records.slice(0, half), { fill: true })
    expect(acknowledged.added).toBe(half)
    const entries = await south.logSize()
    const underWay = person.agent.add(material.records.slice(half), { fill: true }).then(
      () => 'ACKNOWLEDGED',
      () => 'REFUSED',
    )
    await new Promise((resolve) => setTimeout(resolve, 30))
    await world.kill('south')
    await expect(south.logSize()).rejects.toMatchObject({ code: 'INSTITUTION_GONE' })
    // Meadow is away while South tells the others where it is now, and hears it from them when it comes back.
    await world.kill('meadow')
    await world.restart('south')
    await world.restart('meadow')
    // A courier tries again with the same envelope: either answer is honest, a lost acknowledgement is not.
    await underWay
    expect(await south.logSize()).toBeGreaterThanOrEqual(entries)
    expect(await south.enrolled(person.keys.identityKey)).toBe(true)
    await person.agent.add(material.records, { fill: true })
    await world.tick(true)

    const reading = await glucoseShared(person, south, world.party('meadow'), material)
    const glucose = material.records.filter(({ type }) => type === 'glucose')
    expect(reading.records.length).toBe(glucose.length)
    expect(reading.chunks.every(({ anchor }) => anchor.code === 'ANCHORED')).toBe(true)
  })

  test('kill -9 of the operator: the ledger comes back with the same blocks, and everybody goes on', async () => {
    const before = await world.chain.head()
    const held = await world.party('east').heads()
    await world.kill(OPERATOR)
    await world.restart(OPERATOR)
    await world.tick(true)
    expect((await world.chain.head()).number).toBeGreaterThanOrEqual(before.number)
    const after = await world.party('east').heads()
    expect(after.newest?.height).toBeGreaterThanOrEqual(held.newest?.height ?? 0)
    expect(after.rewritten).toEqual([])
  })

  test('a member that the others suspend is refused by each of them from that block on', () =>
    suspendedIsRefused(world, 'lantern'))

  test('a second start on the same data is the same consortium, and a grant from before is still served', async () => {
    const before = {
      ids: world.parties.map(({ id }) => id),
      head: await world.chain.head(),
      log: await world.party('south').logSize(),
      deployment: world.deployment,
    }
    const [granted] = await world.party('meadow').grants()
    if (granted === undefined) throw new Error('no grant from before')
    await world.close()
    world = await openApart({ directory, program: program.path, report: (error) => reported.push(error) })
    expect(world.parties.map(({ id }) => id)).toEqual(before.ids)
    expect(world.deployment).toEqual(before.deployment)
    expect(world.admissions).toEqual([])
    expect((await world.chain.head()).number).toBeGreaterThanOrEqual(before.head.number)
    expect(await world.party('south').logSize()).toBe(before.log)
    const reading = await world.party('meadow').read(granted.consentId)
    expect(reading.records.length).toBeGreaterThan(0)
    expect(await world.party('south').logSize()).toBeGreaterThan(before.log)
    await world.tick(true)
  })
})

describe('an institution process', { timeout: 900_000 }, () => {
  test('ends by itself when its parent is killed', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'islet-orphan-'))
    try {
      const code = `
        import { fork } from 'node:child_process'
        const child = fork(${JSON.stringify(program.path)}, [], { execArgv: [], stdio: ['ignore', 'ignore', 'ignore', 'ipc'], serialization: 'advanced' })
        child.on('message', () => console.log(child.pid))
        child.send({ call: 1, verb: 'open', values: [{ key: 'north', name: 'North', roles: ['hospital'], directory: ${JSON.stringify(folder)}, slotMinutes: 60 }] })
      `
      const parent = spawn(process.execPath, ['--input-type=module', '-e', code], {
        stdio: ['ignore', 'pipe', 'inherit'],
      })
      const [said] = await once(parent.stdout, 'data')
      const pid = Number(String(said).trim())
      expect(await runs(pid)).toBe(true)
      parent.kill('SIGKILL')
      expect(await goneWithin(pid, 60_000)).toBe(true)
    } finally {
      await rm(folder, { recursive: true, force: true })
    }
  })

  test('that cannot start is told, and nothing else stays behind', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'islet-nostart-'))
    try {
      await expect(
        openApart({ directory: folder, program: join(folder, 'nothing.js') }),
      ).rejects.toMatchObject({ code: 'INSTITUTION_GONE' })
      // The lock is free again.
      await expect(
        openApart({ directory: folder, program: join(folder, 'nothing.js') }),
      ).rejects.toMatchObject({ code: 'INSTITUTION_GONE' })
    } finally {
      await rm(folder, { recursive: true, force: true })
    }
  })
})
