/** Rounds over a ledger that takes nothing for a while: its disk is full in the middle of them. */
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { memoryShelf } from '../../consent/browser.door.ts'
import { failingDisk } from '../../ledger/testing/failing-disk.ts'
import { hashOf, signerOf } from '../../ledger/testing/fixtures.ts'
import type { SitePoint } from '../../study/index.ts'
import { type RoundTown, roundTown } from '../../study/testing/round-town.ts'
import { IsletError } from '../../vocabulary/index.ts'
import { type RunningSites, type RunOptions, runStudy } from './run-study.ts'

const FULL = { at: 'append', error: new IsletError('DISK_FULL', 'no space is left on the device') } as const
const disk = failingDisk()
let town: RoundTown
let told: string[] = []

beforeAll(async () => {
  town = await roundTown({
    sites: 3,
    people: (site) => [`${site} ann`],
    plan: { rounds: 1, deadlines: { step_seconds: 600 } },
    disk,
  })
})
afterAll(() => town?.close())
beforeEach(async () => {
  disk.fail = undefined
  told = []
  const head = await town.chain.headVersion(town.study)
  if (head !== undefined)
    await town.chain
      .as(signerOf(town.names[0] ?? ''))
      .withdrawVersion(town.study, head.number, hashOf('again'))
})

/** The sites of the study; the ledger's disk is full from the first time that one of them gets to a point. */
function running(until?: SitePoint): RunningSites & { readonly points: readonly SitePoint[] } {
  const points: SitePoint[] = []
  const notice = (point: SitePoint): void => {
    if (point === until && !points.includes(point)) disk.fail = FULL
    points.push(point)
  }
  const sites = town.names.map((key) => ({ key, site: town.openSite(key, memoryShelf(), { notice }) }))
  return { study: { id: town.study }, sites, points }
}

function run(sites: RunningSites, options: RunOptions): Promise<void> {
  const watcher = {
    halted: (because: string) => void told.push(because),
    resumed: () => void told.push('resumed'),
    ...options.watcher,
  }
  return runStudy({ chain: town.chain, signerOf }, sites, { ...options, watcher })
}

const count = (points: readonly SitePoint[], point: SitePoint) => points.filter((one) => one === point).length
const phase = async () =>
  (await town.chain.round(town.study, await town.chain.latestRound(town.study)))?.phase

test('without patience a ledger that takes nothing ends the run with its code, and the same run goes on where it stood', async () => {
  const sites = running('UPDATE_KEPT')
  await expect(run(sites, {})).rejects.toMatchObject({
    code: 'LEDGER_HALTED',
    facts: { because: 'DISK_FULL' },
  })
  disk.fail = undefined
  await run(sites, {})
  expect(told).toEqual([])
  expect(count(sites.points, 'TRAINED')).toBe(sites.sites.length)
})

test.each(['COHORT_KEPT', 'UPDATE_KEPT', 'AGGREGATED'] as const)(
  'a ledger whose disk is full at %s is waited for and told of; nothing is done twice, and the round ends',
  async (point) => {
    const sites = running(point)
    const halted = (because: string): void => {
      told.push(because)
      // Somebody makes room while the run waits.
      disk.fail = undefined
    }
    await run(sites, { patience: 60, watcher: { halted } })
    expect(told).toEqual(['DISK_FULL', 'resumed'])
    expect(await phase()).toBe('FINAL')
    for (const once of ['COHORT_READ', 'TRAINED', 'COHORT_KEPT', 'UPDATE_KEPT'] as const)
      expect(count(sites.points, once), once).toBe(sites.sites.length)
  },
)

test('while it is waited for a run can be ended, and patience has an end; nothing has gone out', async () => {
  const ending = new AbortController()
  const sites = running('UPDATE_KEPT')
  const going = run(sites, {
    patience: Number.POSITIVE_INFINITY,
    signal: ending.signal,
    watcher: { halted: () => ending.abort() },
  })
  await expect(going).rejects.toMatchObject({ code: 'INTERRUPTED' })
  await expect(run(sites, { patience: 1 })).rejects.toMatchObject({ code: 'LEDGER_HALTED' })
  expect(told).toEqual(['DISK_FULL'])
  const round = await town.chain.round(town.study, await town.chain.latestRound(town.study))
  expect(round).toMatchObject({ phase: 'COMMITMENTS', committed: [] })
  disk.fail = undefined
  await run(sites, {})
})

test('an error that is not the ledger’s ends the run, and only after every site has ended its step', async () => {
  const sites = running()
  const [first, ...others] = sites.sites
  if (first === undefined) throw new Error('expected a site')
  const broken = { key: first.key, site: { step: () => Promise.reject(FULL.error) } }
  const going = run({ ...sites, sites: [broken, ...others] }, { patience: 60 })
  await expect(going).rejects.toBe(FULL.error)
  expect(told).toEqual([])
  expect(count(sites.points, 'COHORT_COMMITTED')).toBe(others.length)
})
