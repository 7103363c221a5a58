/** Counts before a study, days and extracts out of it, thanks after it: real consents, a real ledger, virtual people. */
import { mkdtemp, rename, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { dailyRounds } from '../src/node/study/daily-rounds.ts'
import { openDayShelf, runExchange } from '../src/node/study/exchange-desk.ts'
import { drawExtract } from '../src/node/study/extract-desk.ts'
import { askFeasibility } from '../src/node/study/feasibility-desk.ts'
import { compareModel, contributionOnce, worthHere } from '../src/node/study/judge-desk.ts'
import { issuePassport, runStudy } from '../src/node/study/run-study.ts'
import { openStudySites, type StudySites } from '../src/node/study/study-sites.ts'
import { type PreparedStudy, prepareVirtualStudy } from '../src/node/study/virtual-study.ts'
import { type Consortium, openConsortium } from '../src/node/world/consortium.ts'
import {
  judgedSite,
  meanError,
  modelError,
  passportEvidence,
  presentCohort,
  type StudyPlan,
  sheetHash,
  studyContribution,
  updatesWorth,
  verifyPassport,
} from '../src/study/index.ts'
import { hoursInside, parseInstant, quantity, type UnixSeconds } from '../src/vocabulary/index.ts'

const DAY = 86_400
const SITES = ['north', 'south']
const directory = await mkdtemp(join(tmpdir(), 'islet-exchange-'))
let consortium: Consortium
let prepared: PreparedStudy
let running: StudySites

const open = () => openStudySites(consortium, prepared.desk, prepared.file)
const start = (): UnixSeconds => parseInstant(prepared.plan.data.from)
/** Hours after the window's beginning. */
const after = (days: number, hours = 2): UnixSeconds =>
  quantity<UnixSeconds>(start() + days * DAY + hours * 3_600)
const exchange = (now: UnixSeconds) => runExchange(consortium, prepared.file, running, now)
const came = async (now: UnixSeconds) => {
  const { state, sites } = await exchange(now)
  return [state, ...sites.map((site) => site.now)]
}

beforeAll(async () => {
  consortium = await openConsortium({ directory })
  prepared = await prepareVirtualStudy(consortium, {
    seed: 5,
    sites: SITES,
    days: 4,
    rounds: 1,
    papers: ({ plan, sheet }) => {
      const told = {
        ...sheet,
        sections: [
          ...sheet.sections,
          { id: 'extract', title: 'Records that leave', text: ['De-identified.'] },
        ],
      }
      return {
        sheet: told,
        plan: {
          ...plan,
          outputs: [...plan.outputs, 'extract', 'contribution'],
          extract: { mode: 'shifted', k: 2 },
          exchange: { every: 'day' },
          information_sheet: sheetHash(told),
        },
      }
    },
  })
  running = await open()
  // Nobody of the people's side is at hand from here on.
  await rename(join(directory, 'patients'), join(directory, 'away'))
}, 240_000)
afterAll(async () => {
  await consortium?.close()
  await rm(directory, { recursive: true, force: true })
})

test('sites count what they hold sealed, answer alike when asked again, and stop at the end of the budget', async () => {
  const { plan } = prepared
  const window = hoursInside(parseInstant(plan.data.from), parseInstant(plan.data.until))
  const north = consortium.house('north')
  expect(north.institution.census(['glucose'], window)).toEqual([4, 4])
  expect(north.institution.census(['glucose', 'laboratory'], window)).toEqual([0, 0])
  expect(consortium.house('bridge').institution.census(['glucose'], window)).toEqual([])
  const { key, id } = consortium.house('meadow')
  const sites = [north, consortium.house('south')]
  const ask = (days: number, asker = { key, id }, now = 1_795_000_000) => {
    const cohort = { ...plan.cohort, minimum_days: days }
    return askFeasibility(consortium, { asker, plan: { ...plan, title: `plan ${days}`, cohort }, sites, now })
  }
  const first = await ask(1)
  expect(first.sites.map((site) => [site.key, site.spent])).toEqual([
    ['north', 0.1],
    ['south', 0.1],
  ])
  for (const { people } of first.sites) expect((people ?? 0) % 10).toBe(0)
  expect(await ask(1)).toEqual(first)
  for (let days = 2; days <= 10; days += 1) await ask(days)
  await expect(ask(11)).rejects.toMatchObject({ code: 'FEASIBILITY_BUDGET_SPENT' })
  expect((await ask(1)).sites.map(({ code }) => code)).toEqual(first.sites.map(({ code }) => code))
  // Another asker and another quarter have budgets of their own.
  const bridge = consortium.house('bridge')
  expect((await ask(11, bridge)).sites[0]?.spent).toBe(0.1)
  expect((await ask(11, { key, id }, 1_795_000_000 + 120 * DAY)).sites[0]?.spent).toBe(0.1)
})

test('each complete day comes in once, with the patients away, and again nothing after a restart', async () => {
  const logged = () => consortium.house('north').log.size
  const before = logged()
  expect(await came(after(0, 12))).toEqual(['RUNNING', 0, 0])
  expect(await came(after(1, 0))).toEqual(['RUNNING', 0, 0])
  expect(await came(after(1))).toEqual(['RUNNING', 2, 1])
  expect(logged()).toBe(before + 2)
  expect(await came(after(1))).toEqual(['RUNNING', 0, 0])
  running = await open()
  expect(await came(after(1, 20))).toEqual(['RUNNING', 0, 0])
  expect(logged()).toBe(before + 2)
  // A running node does it by itself, whatever hour it wakes.
  const trouble: unknown[] = []
  const round = dailyRounds(
    consortium,
    () => after(2),
    (error) => void trouble.push(error),
  )
  await round()
  await round()
  expect(trouble).toEqual([])
  expect(logged()).toBe(before + 4)
  expect(await came(after(2))).toEqual(['RUNNING', 0, 0])
  const { sites, next } = await exchange(after(2))
  expect(sites[0]?.days.map(({ day, received }) => [day, received])).toEqual([
    ['2026-01-05', 2],
    ['2026-01-06', 2],
  ])
  expect(next).toBe('2026-01-08T01:00:00Z')
})

test('what was kept is the person’s day and opens for the site alone; a day whose keeping was cut off is fetched again', async () => {
  const [site, other] = running.sites
  if (site === undefined || other === undefined) throw new Error('expected two sites')
  const shelf = await openDayShelf(consortium, prepared.file, site)
  const [one] = await shelf.list()
  if (one === undefined) throw new Error('expected a day')
  const records = await shelf.read(one.day, one.consent)
  expect(records?.length).toBe(one.records)
  expect(records?.every(({ at }) => at >= start() && at < start() + DAY)).toBe(true)
  const stranger = await openDayShelf(consortium, prepared.file, {
    key: site.key,
    ports: { ...site.ports, secret: other.ports.secret },
  })
  await expect(stranger.read(one.day, one.consent)).rejects.toMatchObject({ code: 'EXCHANGE_DAY_DAMAGED' })
  const home = join(consortium.house(site.key).directory, 'studies', prepared.file.study.slice(2), 'exchange')
  await rm(join(home, one.day, one.consent.slice(2)))
  expect(await came(after(2))).toEqual(['RUNNING', 1, 0])
})

test('an extract leaves for those with enough alike, moved in time, under names that say nothing', async () => {
  const { file, sites } = await drawExtract(consortium, prepared.desk, prepared.file, running)
  expect(sites).toEqual([
    expect.objectContaining({ key: 'north', people: 2, left_out: 0, refused: [] }),
    expect.objectContaining({ key: 'south', people: 0, rows: 0, left_out: 1 }),
  ])
  const people = file.sites.flatMap((site) => site.people)
  expect(people.flatMap(({ rows }) => rows).length).toBe(sites[0]?.rows)
  // Each began within hours of the window's beginning: whole days away from it is what the extract moved them by.
  for (const { rows } of people) {
    const times = rows.map(({ at_seconds: at }) => at)
    expect(Math.max(...times) - Math.min(...times)).toBeLessThan(4 * DAY)
    expect(Math.round((Math.min(...times) - start()) / DAY)).not.toBe(0)
  }
  const text = JSON.stringify(file)
  for (const { consent, person } of prepared.participants) {
    expect(text).not.toContain(consent.slice(2))
    expect(text).not.toContain(person.keys.identityKey.slice(2))
  }
})

test('what each site’s updates were worth is computed once, adds up to what the rounds brought, and stands in the passport', async () => {
  const { desk, file, plan, learner } = prepared
  await runStudy(desk, running)
  const compared = await compareModel(desk, file, running)
  expect(compared).toMatchObject({ version: 1, sites: 2, people: 3 })
  expect(compared?.rows.map(({ model }) => model)).toEqual(['persistence', 'ridge', 'network'])
  for (const { rmse_30_mgdl: rmse } of compared?.rows ?? []) expect(rmse).toBeGreaterThan(0)

  const { document, recordedNow } = await contributionOnce(desk, file, running)
  expect([recordedNow, document.method, document.coalitions, document.rounds]).toEqual([
    true,
    'exact',
    4,
    [1],
  ])
  const windows = await Promise.all(
    running.sites.map(({ ports }) => judgedSite(ports, running.study, ports.clock())),
  )
  const judged = windows.filter((one) => one !== undefined)
  const error = meanError(plan, judged)
  const head = await desk.chain.headVersion(file.study)
  const model = await running.objects.get(head?.model ?? '')
  if (model === undefined) throw new Error('expected the model')
  const brought = error(learner.firstModel()) - error(model)
  expect(document.values.reduce((sum, { value }) => sum + value, 0)).toBeCloseTo(brought, 9)
  expect(compared?.rows[2]?.rmse_30_mgdl).toBeCloseTo(modelError(plan, judged)(model), 9)
  // Sites that judge each for itself come to the same: it does not matter where they live.
  const apart = await Promise.all(running.sites.map((site) => worthHere(desk, { ...running, sites: [site] })))
  expect(new Set(apart.map(({ worth }) => worth.values[0]?.value)).size).toBe(2)
  for (const [at, { value }] of studyContribution(file.study, apart).values.entries())
    expect(value).toBeCloseTo(document.values[at]?.value ?? Number.NaN, 9)

  const { height } = await desk.chain.head()
  const again = await contributionOnce(desk, file, running)
  expect(again).toEqual({ document, recordedNow: false })
  expect((await desk.chain.head()).height).toBe(height)
  const { chainId } = consortium.ledger
  const passport = await issuePassport(desk, running, file, { chainId, deployment: desk.deployment })
  expect(passport.results).toContainEqual(document)
  const evidence = await passportEvidence(
    { chain: desk.chain, objects: running.objects, learner },
    file.study,
  )
  expect(verifyPassport(passport, evidence)).toMatchObject({ ok: true, anchored: true })
})

test('contributions are refused where nobody can know them, and where the plan does not name them', async () => {
  const { desk, file, plan, learner } = prepared
  const asked = (changed: Partial<StudyPlan>) =>
    updatesWorth(
      { chain: desk.chain, objects: running.objects, learner, plan: { ...plan, ...changed }, error: () => 1 },
      file.study,
    )
  await expect(asked({ privacy: { ...plan.privacy, aggregation: 'masked' } })).rejects.toMatchObject({
    code: 'MODE_HIDES_SITES',
  })
  const budget = { unit: 'patient', epsilon: 1, delta: 1e-5 } as const
  const covered = { ...plan.privacy, differential_privacy: budget }
  await expect(asked({ privacy: covered })).rejects.toMatchObject({ code: 'FIGURES_NOT_COVERED' })
  const underBudget = { ...running, study: { ...running.study, plan: { ...plan, privacy: covered } } }
  expect(await compareModel(desk, file, underBudget)).toBeNull()
  await expect(asked({ outputs: ['model'] })).rejects.toMatchObject({ code: 'CONTRIBUTION_NOT_PLANNED' })
})

test('days stop coming in at a person’s withdrawal, at the end of the plan, and when the study is closed', async () => {
  const [stopping] = prepared.participants
  if (stopping === undefined) throw new Error('expected people')
  await rename(join(directory, 'away'), join(directory, 'patients'))
  await stopping.person.agent.revoke(stopping.consent)
  const third = await exchange(after(3))
  expect(third.sites.map(({ now, refused }) => [now, refused])).toEqual([
    [1, [{ code: 'CONSENT_REVOKED', count: 1 }]],
    [1, []],
  ])
  const [, south] = running.sites
  if (south === undefined) throw new Error('expected two sites')
  const atTheEnd = await presentCohort(south.ports, running.study, parseInstant(prepared.plan.expires))
  expect(atTheEnd.leftOut.map(({ code }) => code)).toEqual(['CONSENT_EXPIRED'])
  // Of the last day nothing comes in once the plan, and with it every consent, has ended.
  expect(await came(parseInstant(prepared.plan.expires))).toEqual(['ENDED', 0, 0])
  const { desk, file } = prepared
  await desk.chain.as(desk.signerOf('meadow')).close(file.study)
  expect(await came(after(4))).toEqual(['ENDED', 0, 0])
  await expect(drawExtract(consortium, desk, file, running)).rejects.toMatchObject({ code: 'STUDY_NOT_OPEN' })
})
