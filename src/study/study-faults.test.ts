/** Ten sites of one study on a real ledger, and what befalls them: silence, a ledger that stands, a full disk, a liar. */
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { memoryShelf, type Shelf } from '../consent/browser.door.ts'
import { type FailingDisk, failingDisk } from '../ledger/testing/failing-disk.ts'
import { hashOf, signerOf } from '../ledger/testing/fixtures.ts'
import { fromUtf8, type Hash32, IsletError, quantity, type UnixSeconds } from '../vocabulary/index.ts'
import { auditRound } from './audit-site.ts'
import { openNextRound } from './conduct.ts'
import type { ForecastData } from './forecast-data.ts'
import type { SitePoint, SitePorts } from './site-ports.ts'
import type { StudySite } from './study-site.ts'
import { heldError, poisonedLearner } from './testing/poisoned-learner.ts'
import { type RoundTown, roundTown, takeTurns } from './testing/round-town.ts'

type Site = StudySite<ForecastData>

const SITES = 10
const FULL = new IsletError('DISK_FULL', 'no space is left on the device')

let town: RoundTown
let disk: FailingDisk
let now = 1_790_000_000
/** What the first round gives when nothing happens. */
let undisturbed: Hash32 | undefined

beforeAll(async () => {
  disk = failingDisk()
  town = await roundTown({
    sites: SITES,
    people: (site) => [`${site} ann`],
    plan: { deadlines: { step_seconds: 60 }, rounds: 4 },
    clock: () => quantity<UnixSeconds>(now),
    disk,
  })
  await nextRound()
  await takeTurns(opened())
  undisturbed = await model()
})
afterAll(() => town?.close())
afterEach(() => {
  disk.fail = undefined
})

/** All sites on disks that hold nothing yet, as those differ that a test names. */
function opened(
  differs: (name: string, i: number) => Partial<SitePorts<ForecastData>> = () => ({}),
): readonly Site[] {
  return town.names.map((name, i) => town.openSite(name, memoryShelf(), differs(name, i)))
}

async function nextRound(): Promise<number> {
  await openNextRound(town.chain, town.chain.as(signerOf(town.names[0] ?? '')), town.study)
  return town.chain.latestRound(town.study)
}

async function model(): Promise<Hash32 | undefined> {
  return (await town.chain.headVersion(town.study))?.model
}

/** The next round builds on the plan's first model again. */
async function beginAgain(): Promise<number> {
  const { chain, study, names } = town
  const head = await chain.headVersion(study)
  let first = head
  for (let at = head; at !== undefined && at.base !== 0; at = first)
    first = await chain.version(study, at.base)
  if (first !== undefined)
    await chain.as(signerOf(names[0] ?? '')).withdrawVersion(study, first.number, hashOf('again'))
  return nextRound()
}

async function reportOf(): Promise<{ readonly is_partial: boolean; readonly survivors: readonly string[] }> {
  const version = await town.chain.headVersion(town.study)
  return JSON.parse(fromUtf8((await town.objects.get(version!.report))!))
}

test('of ten sites three fall silent from the second round on: rounds end a second after the deadline, with seven', async () => {
  const { chain, study, names, idOf } = town
  const present = names.slice(0, 7).map(idOf)
  const awake = opened().slice(0, 7)
  for (let i = 0; i < 2; i++) {
    const round = await nextRound()
    await takeTurns(awake)
    const { deadline, phase, cohorts } = (await chain.round(study, round))!
    expect([phase, cohorts]).toEqual(['COHORTS', present])
    // The instant of the deadline still counts; a second later whoever looks ends the step.
    now = deadline
    await takeTurns(awake)
    expect((await chain.round(study, round))?.phase).toBe('COHORTS')
    now = deadline + 1
    await takeTurns(awake)
    const ended = (await chain.round(study, round))!
    expect(ended).toMatchObject({ phase: 'FINAL', survivors: present, attested: present })
    expect(ended.expected).toEqual(names.map(idOf))
    expect((await chain.head()).timestamp - deadline).toBe(1)
    expect(await reportOf()).toMatchObject({ is_partial: true, survivors: present })
  }
})

test('a ledger that cannot write halts the round with a code; what was trained waits, and nothing is told', async () => {
  const { chain, study, names, idOf, objects } = town
  const round = await beginAgain()
  const trained: string[] = []
  const sites = opened((name) => ({
    notice: (point) => {
      if (point === 'TRAINED') trained.push(name)
      // The ledger's disk is full from the moment on that the first update is kept.
      if (point === 'UPDATE_KEPT') disk.fail = { at: 'append', error: FULL }
    },
  }))
  const before = (await objects.list('')).length
  await expect(takeTurns(sites)).rejects.toMatchObject({
    code: 'LEDGER_HALTED',
    facts: { because: 'DISK_FULL' },
  })
  await expect(takeTurns(sites)).rejects.toMatchObject({ code: 'LEDGER_HALTED' })
  expect(await chain.round(study, round)).toMatchObject({ phase: 'COMMITMENTS', committed: [] })
  for (const name of names)
    expect((await chain.contribution(study, round, idOf(name))).commitment).toBeUndefined()
  expect((await objects.list('')).length).toBe(before)
  disk.fail = undefined
  await takeTurns(sites)
  expect(await model()).toBe(undisturbed)
  // The work of before the halt was not done twice.
  expect(trained.toSorted()).toEqual([...names].sort())
})

test('an executor that stands still holds up the round and nothing else: local work waits and goes on with it', async () => {
  const { chain, ledger, study, objects } = town
  const round = await beginAgain()
  const kept = new Set<string>()
  let standing: () => void = () => undefined
  const stopped = new Promise<void>((resolve) => {
    standing = resolve
  })
  const sites = opened((name) => ({
    notice: (point) => {
      if (point !== 'UPDATE_KEPT') return
      if (kept.size === 0) process.kill(ledger.executorPid, 'SIGSTOP')
      kept.add(name)
      if (kept.size === SITES) standing()
    },
  }))
  const before = (await objects.list('')).length
  const going = takeTurns(sites)
  try {
    await stopped
    // Everybody has trained and kept what it will say; the ledger has it from nobody, and nobody else can see it.
    expect((await objects.list('')).length).toBe(before)
    expect((await ledger.head()).height).toBe((await chain.head()).height)
    expect(await Promise.race([going.then(() => 'over'), Promise.resolve('waiting')])).toBe('waiting')
  } finally {
    process.kill(ledger.executorPid, 'SIGCONT')
  }
  await going
  expect(await chain.round(study, round)).toMatchObject({ phase: 'FINAL', voided: [] })
  expect(await model()).toBe(undisturbed)
})

test('a site whose disk is full says so wherever it keeps something, tells nobody, and goes on when there is room', async () => {
  const { chain, study, names, idOf } = town
  const round = await beginAgain()
  const [name = ''] = names
  const told: { readonly name: string; readonly after: SitePoint | undefined }[] = []
  let last: SitePoint | undefined
  /** Each name fails once. */
  const full = (shelf: Shelf): Shelf => ({
    ...shelf,
    put: async (entry, bytes) => {
      if (!told.some((one) => one.name === entry)) {
        told.push({ name: entry, after: last })
        throw FULL
      }
      await shelf.put(entry, bytes)
    },
  })
  const journal = full(memoryShelf())
  const objects = full(town.objects)
  const notice = (point: SitePoint): void => {
    last = point
  }
  const poor = town.openSite(name, journal, { objects, notice })
  const others = opened().slice(1)
  let failures = 0
  for (let isOver = false; !isOver; ) {
    // The others wait for this one, or the round would end without what it had to say.
    const own = await poor.step().then(
      ({ did }) => did,
      (error: unknown) => {
        expect(error).toMatchObject({ code: 'DISK_FULL' })
        failures++
        return 'failed'
      },
    )
    const { cohorts, committed, survivors, attested } = (await chain.round(study, round))!
    const steps = { COHORT_READ: cohorts, TRAINED: committed, AGGREGATED: attested } as const
    // Where it could not keep something it has told the ledger nothing either.
    if (own === 'failed' && last !== undefined && last in steps)
      expect(steps[last as keyof typeof steps], last).not.toContain(idOf(name))
    if (own === 'failed' && last === 'UPDATE_COMMITTED') expect(survivors).not.toContain(idOf(name))
    if (own !== 'failed') await Promise.all(others.map((one) => one.step()))
    isOver = (await chain.round(study, round))?.phase === 'FINAL'
  }
  expect(told.map(({ after }) => after)).toEqual(
    expect.arrayContaining(['COHORT_READ', 'TRAINED', 'UPDATE_COMMITTED', 'AGGREGATED']),
  )
  expect(failures).toBe(told.length)
  expect(await model()).toBe(undisturbed)
})

test('a site with another code than the plan names takes itself out with a code, and judges no model', async () => {
  const { chain, study, names, idOf } = town
  const other = { code: hashOf('another version') }
  const round = await beginAgain()
  // One has it from the start; another is changed between its cohort and its training, a third after its reveal.
  const sites = [...opened((_, i) => (i === 0 ? other : {}))]
  expect(await sites[0]!.step()).toMatchObject({ did: 'void', because: 'CODE_NOT_THE_PLANS' })
  await Promise.all(sites.slice(1).map((site) => site.step()))
  const changed = (i: number) => town.openSite(names[i]!, memoryShelf(), other)
  sites[1] = changed(1)
  expect(await sites[1].step()).toMatchObject({ did: 'void', because: 'CODE_NOT_THE_PLANS' })
  while ((await chain.round(study, round))?.phase !== 'ATTESTATIONS')
    await Promise.all(sites.slice(2).map((site) => site.step()))
  sites[2] = changed(2)
  expect(await sites[2].step()).toMatchObject({ did: 'wait', because: 'CODE_NOT_THE_PLANS' })
  await takeTurns(sites)
  const ended = (await chain.round(study, round))!
  expect(ended).toMatchObject({ phase: 'FINAL', survivors: names.slice(2).map(idOf) })
  expect(ended.attested).not.toContain(idOf(names[2]!))
  const audited = await auditRound(town.portsOf(names[3]!, memoryShelf(), other), town.siteStudy, round, {
    schema: 'islet.study.cohort/1',
    study,
    round,
    opened_block: ended.openedBlock,
    root: hashOf('root'),
    included: [],
    left_out: [],
  })
  expect(audited).toMatchObject({ code: 'CODE_NOT_THE_PLANS', people: null })
})

test('two of ten sites that turn their updates round are left out by all, and the model is hardly worse', async () => {
  const { plan, objects, names } = town
  const people = names.map((name) => `${names.indexOf(name)} ann`)
  const errorOf = async (): Promise<number> => heldError(plan, (await objects.get((await model())!))!, people)
  const liars = [2, 7]
  const error = async (isLying: boolean): Promise<number> => {
    await beginAgain()
    const sites = opened((_, i) =>
      isLying && liars.includes(i) ? { learner: poisonedLearner(plan, { name: 'sign-flip' }) } : {},
    )
    await takeTurns(sites)
    await nextRound()
    await takeTurns(sites)
    return errorOf()
  }
  const clean = await error(false)
  expect(await error(true)).toBeLessThan(1.05 * clean)
  const { metrics } = JSON.parse(
    fromUtf8((await objects.get((await town.chain.headVersion(town.study))!.report))!),
  )
  expect(metrics.sites_counted).toBe(8)
})
