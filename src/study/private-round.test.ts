import { afterAll, beforeAll, expect, test } from 'vitest'
import { memoryShelf } from '../consent/browser.door.ts'
import { hashOf, signerOf } from '../ledger/testing/fixtures.ts'
import { nodeHasher } from '../vault/node-cipher.door.ts'
import { type Bytes, fromUtf8, quantity, type UnixSeconds } from '../vocabulary/index.ts'
import { auditRound } from './audit-site.ts'
import { openNextRound } from './conduct.ts'
import { networkLearner } from './network-learner.ts'
import { privacyTerms } from './privacy-terms.ts'
import {
  memoryShelves,
  type RoundTown,
  roundTown,
  takeTurns,
  tinyPlan,
  traceOf,
} from './testing/round-town.ts'
import { readUpdate } from './update-document.ts'

const STEP = 60
const PRIVACY = {
  aggregation: 'open',
  clip_norm: 0.5,
  differential_privacy: { unit: 'patient', epsilon: 8, delta: 1e-5 },
} as const

let town: RoundTown
let now = 1_790_000_000
const diskOf = memoryShelves()
beforeAll(async () => {
  town = await roundTown({
    sites: 3,
    people: (site) => (site === 0 ? ['0 ann', '0 ben'] : [`${site} ann`]),
    plan: { privacy: PRIVACY, rounds: 3, deadlines: { step_seconds: STEP } },
    clock: () => quantity<UnixSeconds>(now),
  })
})
afterAll(() => town?.close())

const open = (names: readonly string[] = town.names) => names.map((name) => town.openSite(name, diskOf(name)))
async function nextRound(): Promise<number> {
  await openNextRound(town.chain, town.chain.as(signerOf(town.names[1] ?? '')), town.study)
  return town.chain.latestRound(town.study)
}
async function reportOf(
  round: number,
): Promise<{ readonly epsilon: number | null; readonly metrics: object }> {
  for (let number = 1; ; number += 1) {
    const version = await town.chain.version(town.study, number)
    if (version === undefined) throw new Error('no version of the round')
    if (version.round === round) return JSON.parse(fromUtf8((await town.objects.get(version.report))!))
  }
}
async function partOf(round: number, name: string) {
  const { update } = await town.chain.contribution(town.study, round, town.idOf(name))
  const place = { study: town.study, round, site: town.idOf(name) }
  return readUpdate((await town.objects.get(update!))!, update!, place).part
}

test('each report says what every patient has spent, and a site tells no figure that no noise covers', async () => {
  const round = await nextRound()
  await takeTurns(open())
  const { learner } = town.portsOf(town.names[0] ?? '', memoryShelf())
  expect(await reportOf(round)).toMatchObject({
    epsilon: learner.privacy?.spentAfter(1),
    metrics: { sites_counted: 3 },
  })
  expect(Object.keys((await reportOf(round)).metrics)).toEqual(['sites_counted'])
  for (const name of town.names) expect(await partOf(round, name)).toMatchObject({ examples: 1, metrics: {} })
})

test('a round that fails after updates were committed has spent, and a withdrawn version gives nothing back', async () => {
  const failed = await nextRound()
  const sites = open()
  for (const site of sites) await site.step()
  for (const site of sites) expect(await site.step()).toMatchObject({ did: 'commit', round: failed })
  // Nobody reveals.
  now += STEP + 1
  await sites[0]!.step()
  expect((await town.chain.round(town.study, failed))?.phase).toBe('FAILED')
  await town.chain.as(signerOf(town.names[0] ?? '')).withdrawVersion(town.study, 1, hashOf('somebody asked'))
  const again = await nextRound()
  await takeTurns(open())
  const { learner } = town.portsOf(town.names[0] ?? '', memoryShelf())
  expect((await reportOf(again)).epsilon).toBe(learner.privacy?.spentAfter(3))
  // On the same base and the same people: another round is another noise.
  expect((await partOf(again, town.names[1] ?? '')).answer).not.toEqual(
    (await partOf(1, town.names[1] ?? '')).answer,
  )
})

test('an audit draws the same noise again', async () => {
  const [name = ''] = town.names
  const [site] = open()
  const ports = town.portsOf(name, diskOf(name))
  expect(await auditRound(ports, town.siteStudy, 3, await site!.cohort(3))).toMatchObject({
    code: 'REPEATED',
  })
})

test('once the budget is spent no site takes part any more', async () => {
  const round = await nextRound()
  const steps = await takeTurns(open())
  expect(steps).toEqual(town.names.map(() => ({ did: 'void', round, because: 'PRIVACY_BUDGET_SPENT' })))
  expect((await town.chain.round(town.study, round))?.phase).toBe('FAILED')
})

test('the noise on a site’s update has the deviation of the plan’s terms', async () => {
  const plan = tinyPlan({ privacy: PRIVACY, rounds: 3 })
  const learner = networkLearner(plan, { hasher: nodeHasher })
  const base = learner.firstModel()
  const people = ['ann', 'ben'].flatMap((person) => learner.prepare(traceOf(person)) ?? [])
  const updateOf = async (secret: number): Promise<Float64Array> => {
    const task = { base, depth: 1, site: town.idOf(town.names[0] ?? ''), people, releases: 0 }
    const training = await learner.train({ ...task, secret: new Uint8Array(32).fill(secret) })
    const { model } = learner.aggregate(base, [{ site: task.site, ...training }])
    return floats(model).map((value, i) => value - (floats(base)[i] ?? 0))
  }
  // Of two noises on the same sum the difference has √2 of one's deviation; the sum itself is gone from it.
  const [one, two] = [await updateOf(1), await updateOf(2)]
  const { noise, clip } = privacyTerms(plan)!
  const deviation = Math.sqrt(
    one.reduce((sum, value, i) => sum + (value - (two[i] ?? 0)) ** 2, 0) / one.length,
  )
  const expected = (Math.SQRT2 * noise * clip) / people.length
  expect(Math.abs(deviation / expected - 1)).toBeLessThan(0.15)
})

function floats(model: Bytes): Float64Array {
  const view = new DataView(model.buffer, model.byteOffset, model.byteLength)
  return Float64Array.from({ length: model.length / 4 }, (_, i) => view.getFloat32(4 * i, true))
}
