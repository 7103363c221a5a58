/** Ten institutions apart on their own consortium: each its process and directory, four of them with a validator. */
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { engineIsBuilt } from '../src/ledger/testing/engine-built.ts'
import { type Apart, openApart } from '../src/node/apart/apart.ts'
import { type TestProgram, testProgram } from '../src/node/apart/testing/program.ts'
import { readNetwork } from '../src/node/network/network-file.ts'
import { CHARTER, OPERATOR } from '../src/node/world/charter.ts'
import { quantity, type UnixSeconds } from '../src/vocabulary/index.ts'
import { goneWithin, runs, storyHoldsOn, suspendedIsRefused } from './testing/institutions-apart.ts'

const SEATED = ['north', 'south', 'east', 'west']

describe.skipIf(!engineIsBuilt())('institutions apart on a consortium', { timeout: 900_000 }, () => {
  let program: TestProgram
  let directory: string
  let world: Apart
  const validators: number[] = []
  const homeOf = (key: string): string => join(directory, 'institutions', key)
  const open = (seats?: number): Promise<Apart> =>
    openApart({ directory, program: program.path, ...(seats === undefined ? {} : { seats }) })

  beforeAll(async () => {
    program = await testProgram()
    directory = await mkdtemp(join(tmpdir(), 'islet-consortium-apart-'))
    world = await open(4)
    for (const key of SEATED) validators.push((await readNetwork(homeOf(key))).nodes[0]!.pid!)
  }, 900_000)
  afterAll(async () => {
    const pids = CHARTER.map(({ key }) => world.pid(key))
    await world.close()
    for (const pid of [...pids, ...validators]) expect(await goneWithin(pid, 30_000)).toBe(true)
    await program.remove()
    await rm(directory, { recursive: true, force: true })
  })

  test('each made the genesis for itself, with keys that no other directory holds', async () => {
    expect(world.engine).toBe('consortium')
    const networks = await Promise.all(SEATED.map((key) => readNetwork(homeOf(key))))
    expect(new Set(networks.map(({ genesis }) => genesis)).size).toBe(1)
    for (const [place, { nodes, distant = [] }] of networks.entries()) {
      expect(nodes.map(({ institution }) => institution)).toEqual([SEATED[place]])
      expect(distant.map(({ institution }) => institution).sort()).toEqual(
        SEATED.filter((key) => key !== SEATED[place]).sort(),
      )
      expect(await readdir(join(homeOf(SEATED[place]!), 'network', 'node-1'))).toContain('keys.json')
    }
    const agreements = SEATED.map((key) => readFile(join(homeOf(key), 'network', 'agreement.json'), 'utf8'))
    expect(new Set(await Promise.all(agreements)).size).toBe(1)
    // This process holds what the members signed, and no key of theirs.
    expect((await readdir(directory)).sort()).toEqual(
      expect.arrayContaining(['consortium.json', 'institutions', 'members.json', 'node.key']),
    )
  })

  test('the story is told over HTTPS by ten processes, and every check in it holds', () =>
    storyHoldsOn(world))

  test('a member that the others suspend is refused by each of them from that block on', () =>
    suspendedIsRefused(world, 'lantern'))

  test('kill -9 of an institution leaves its validator signing, and it comes back to the same directory', async () => {
    const before = await world.ledgerHeight('north')
    await world.kill('south')
    expect(await runs(validators[1]!)).toBe(true)
    await world.restart('south')
    expect((await readNetwork(homeOf('south'))).nodes[0]!.pid).toBe(validators[1])
    await world.tick(true)
    expect(await world.ledgerHeight('south')).toBeGreaterThanOrEqual(before)
  })

  test('kill -9 of institution and validator together: three go on, and it comes back level', async () => {
    await world.kill('west')
    process.kill(validators[3]!, 'SIGKILL')
    expect(await goneWithin(validators[3]!, 30_000)).toBe(true)
    const before = await world.ledgerHeight('north')
    const deadline = quantity<UnixSeconds>(Math.floor(Date.now() / 1000) + 3600)
    const vote = { kind: 'SUSPEND', institution: world.party('lantern').id, deadline } as const
    expect(await world.seat('north').judge(vote)).toBeGreaterThan(before)
    await world.restart('west')
    const { nodes } = await readNetwork(homeOf('west'))
    expect(nodes[0]!.pid).not.toBe(validators[3])
    validators.push(nodes[0]!.pid!)
    const goal = await world.ledgerHeight('north')
    await expect.poll(() => world.ledgerHeight('west'), { timeout: 120_000 }).toBeGreaterThanOrEqual(goal)
  })

  test('a second start on the same data is the same consortium', async () => {
    const ids = world.parties.map(({ id }) => id)
    const { chainId } = world
    await world.close()
    world = await open()
    expect([world.engine, world.chainId, world.admissions]).toEqual(['consortium', chainId, []])
    expect(world.parties.map(({ id }) => id)).toEqual(ids)
    for (const key of SEATED) validators.push((await readNetwork(homeOf(key))).nodes[0]!.pid!)
    expect((await world.party(OPERATOR).heads()).rewritten).toEqual([])
  })
})
