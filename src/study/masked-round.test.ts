import { afterAll, beforeAll, expect, test } from 'vitest'
import { memoryShelf } from '../consent/browser.door.ts'
import { type MaskSuite, nobleMaskSuite } from '../learning/index.ts'
import { hashOf, signerOf } from '../ledger/testing/fixtures.ts'
import { nodeHasher } from '../vault/node-cipher.door.ts'
import { fromBase64Url, type Hash32, quantity, toBase64Url, type UnixSeconds } from '../vocabulary/index.ts'
import { auditRound } from './audit-site.ts'
import { openNextRound } from './conduct.ts'
import { parametersOf } from './model-bytes.ts'
import { networkLearner } from './network-learner.ts'
import { passportEvidence } from './passport-evidence.ts'
import { MASKED_POINTS, SITE_POINTS } from './site-ports.ts'
import type { SiteStep } from './site-step.ts'
import type { SiteWord } from './site-words.ts'
import {
  cutEverywhere,
  memoryShelves,
  type RoundTown,
  roundTown,
  takeTurns,
  tinyPlan,
  traceOf,
} from './testing/round-town.ts'
import { readUpdate } from './update-document.ts'

const STEP = 60
const REASON = hashOf('somebody asked to be forgotten')
const MASKED = { aggregation: 'masked', clip_norm: 10, differential_privacy: null } as const

/** Four sites, so that three open a sum: one may be lost. */
let town: RoundTown
let now = 1_790_000_000
const diskOf = memoryShelves()

beforeAll(async () => {
  town = await roundTown({
    sites: 4,
    people: (site) => (site === 0 ? ['0 ann', '0 ben'] : [`${site} ann`]),
    plan: { privacy: MASKED, quorum: { minimum_sites: 3 }, deadlines: { step_seconds: STEP }, rounds: 9 },
    clock: () => quantity<UnixSeconds>(now),
  })
})
afterAll(() => town?.close())

const site = (i: number): string => town.names[i] ?? ''
const open = (names: readonly string[] = town.names, more = {}) =>
  names.map((name) => town.openSite(name, diskOf(name), more))
async function nextRound(): Promise<number> {
  await openNextRound(town.chain, town.chain.as(signerOf(site(1))), town.study)
  return town.chain.latestRound(town.study)
}
const model = async (): Promise<Hash32 | undefined> => (await town.chain.headVersion(town.study))?.model
/** Back to the plan's first model, where nothing has been revealed yet. */
async function anew(): Promise<void> {
  const first = await lowest()
  if (first > 0) await town.chain.as(signerOf(site(0))).withdrawVersion(town.study, first, REASON)
  for (const name of town.names) await diskOf(name).delete('revealed-0')
}
async function lowest(): Promise<number> {
  let version = await town.chain.headVersion(town.study)
  while (version !== undefined && version.base !== 0)
    version = await town.chain.version(town.study, version.base)
  return version?.number ?? 0
}
const phaseOf = async (round: number) => (await town.chain.round(town.study, round))?.phase

async function expectWithoutTheLast(round: number): Promise<void> {
  const survivors = town.names.slice(0, 3).map(town.idOf)
  expect(await town.chain.round(town.study, round)).toMatchObject({ phase: 'FINAL', survivors })
}
/** A site whose words come out other than they were meant. */
function liar(name: string, lie: (word: SiteWord) => SiteWord) {
  const words = town.wordsOf(town.idOf(name))
  return town.openSite(name, diskOf(name), { words: { ...words, say: (word) => words.say(lie(word)) } })
}

/** The model of one undisturbed round. */
let undisturbed: Hash32 | undefined

test('a masked round ends in the very model of the bare sum, and no update is seen bare', async () => {
  const { chain, study, idOf, objects } = town
  const round = await nextRound()
  const steps = await takeTurns(open())
  expect(steps.map(({ did }) => did).filter((did) => did === 'unmask')).toHaveLength(4)
  expect(await chain.round(study, round)).toMatchObject({ phase: 'FINAL', survivors: town.names.map(idOf) })
  undisturbed = await model()

  // The same people at the same sites under a suite whose every mask is nothing: what is summed then is bare.
  const bare: MaskSuite = { ...nobleMaskSuite, stream: (key, length) => bareStream(key, length) }
  const elsewhere = await roundTown({
    sites: 4,
    people: (i) => (i === 0 ? ['0 ann', '0 ben'] : [`${i} ann`]),
    plan: { privacy: MASKED, quorum: { minimum_sites: 3 }, rounds: 9 },
  })
  try {
    const learner = networkLearner(elsewhere.plan, { hasher: nodeHasher, suite: bare })
    const sites = elsewhere.names.map((name) => elsewhere.openSite(name, memoryShelf(), { learner }))
    await openNextRound(elsewhere.chain, elsewhere.chain.as(signerOf(site(1))), elsewhere.study)
    await takeTurns(sites)
    expect((await elsewhere.chain.headVersion(elsewhere.study))?.model).toBe(undisturbed)
    for (const name of town.names) {
      const [masked, plain] = await Promise.all(
        [town, elsewhere].map(async (one) => {
          const { update } = await one.chain.contribution(one.study, 1, one.idOf(name))
          const bytes = await one.objects.get(update!)
          return readUpdate(bytes!, update!, { study: one.study, round: 1, site: one.idOf(name) }).part
        }),
      )
      expect(plain!.examples).toBe(masked!.examples)
      expect(alike(masked!.answer, plain!.answer)).toBeLessThan(0.02)
    }
  } finally {
    await elsewhere.close()
  }
  expect(await objects.get(undisturbed!)).toBeDefined()
})

test('the sum is the mean of the sites’ own updates to within a step of 1/32,767 of the clip', async () => {
  const open = networkLearner(tinyPlan(), { hasher: nodeHasher })
  const base = open.firstModel()
  const count = base.length / 4
  const [first, masked] = [base, await town.objects.get(undisturbed!)].map((model) =>
    parametersOf(model!, count),
  )
  const mean = new Float64Array(count)
  const people = town.names.map((_, i) => (i === 0 ? ['0 ann', '0 ben'] : [`${i} ann`]))
  // Persons have windows alike in number: the first site weighs twice.
  for (const [i, names] of people.entries()) {
    const data = names.flatMap((name) => open.prepare(traceOf(name)) ?? [])
    const place = { base, depth: 1, site: town.idOf(site(i)), releases: 0, secret: new Uint8Array(32) }
    const training = await open.train({ ...place, people: data })
    const alone = parametersOf(open.aggregate(base, [{ site: place.site, ...training }]).model, count)
    for (let k = 0; k < count; k++) mean[k]! += (names.length / 5) * (alone[k]! - first![k]!)
  }
  // Half a step of each site’s value, and half a step of the bytes that the open way codes this one in.
  const step = MASKED.clip_norm / 32_767
  const coded = Math.max(...mean.map(Math.abs)) / 127
  for (let k = 0; k < count; k++)
    expect(Math.abs(masked![k]! - first![k]! - mean[k]!)).toBeLessThan(step * 2 + 2 * coded)
})

/** Nothing where masks are made, and the suite's own where shares are sealed and secrets drawn. */
function bareStream(key: Uint8Array, length: number): Uint8Array {
  return length > 1_000 ? new Uint8Array(length) : nobleMaskSuite.stream(key, length)
}

/** Share of bytes that two texts have alike in the same place: 1/256 by chance. */
function alike(a: Uint8Array, b: Uint8Array): number {
  return a.filter((byte, i) => byte === b[i]).length / a.length
}

test('every site loses its power at every point, and the model is the one of the undisturbed run', async () => {
  await anew()
  const round = await nextRound()
  const points = [...SITE_POINTS, ...MASKED_POINTS].filter((point) => point !== 'STEP_ENDED')
  const spared = await cutEverywhere(town, diskOf, points)
  for (const point of points) expect(spared.filter((one) => one === point).length, point).toBeLessThan(2)
  expect(await town.chain.round(town.study, round)).toMatchObject({ phase: 'FINAL', voided: [] })
  expect(await model()).toBe(undisturbed)
})

test('a site that falls silent after it shared is taken out of the sum, and the others go on', async () => {
  await anew()
  const round = await nextRound()
  const sites = open()
  // All freeze and share; then the last one is gone.
  await takeTurnsUntil(sites, 'share')
  const others = sites.slice(0, 3)
  await takeTurns(others)
  expect(await phaseOf(round)).toBe('COMMITMENTS')
  now += STEP + 1
  await takeTurns(others)
  await expectWithoutTheLast(round)
  expect(await model()).not.toBe(undisturbed)
})

/** Turns until every site has done a thing once. */
async function takeTurnsUntil(sites: ReturnType<typeof open>, did: SiteStep['did']): Promise<void> {
  const done = new Set<number>()
  for (let turn = 0; done.size < sites.length; turn++) {
    expect(turn, did).toBeLessThan(20)
    for (const [i, one] of sites.entries()) if (!done.has(i) && (await one.step()).did === did) done.add(i)
  }
}

test('a tampered share is refused by its receiver, who names the sender, and costs the sum nothing', async () => {
  await anew()
  const round = await nextRound()
  const [last = ''] = town.names.slice(3)
  const lying = liar(last, (word) =>
    word.kind === 'shares' ? { ...word, sealed: spoilt(word.sealed) } : word,
  )
  const steps = await takeTurns([...open(town.names.slice(0, 3)), lying])
  const refusals = steps.flatMap((step) => ('refused' in step ? [step] : []))
  // One share of one receiver, found as it masks and again as it reveals.
  expect(refusals.map(({ did, refused }) => [did, refused])).toEqual([
    ['commit', [town.idOf(last)]],
    ['unmask', [town.idOf(last)]],
  ])
  expect(await phaseOf(round)).toBe('FINAL')
  expect(await model()).toBe(undisturbed)
})

function spoilt(text: string): string {
  const bytes = fromBase64Url(text)
  bytes[3] = (bytes[3] ?? 0) ^ 1
  return toBase64Url(bytes)
}

test('a site that lies as it reveals is named, and the sum stands while enough tell the truth', async () => {
  // With four sites and a threshold of three, three truthful ones open the sum whatever the fourth says.
  await anew()
  const round = await nextRound()
  const [first = ''] = town.names
  const lying = liar(first, (word) =>
    word.kind === 'unmask' ? { ...word, shares: spoilt(word.shares) } : word,
  )
  const steps = await takeTurns([lying, ...open(town.names.slice(1))])
  expect(steps).toContainEqual({ did: 'attest', round, refused: [town.idOf(first)] })
  expect(await model()).toBe(undisturbed)
})

test('a site waits for an advert that has not come, names whose it is, and goes on when it is there', async () => {
  await anew()
  const round = await nextRound()
  const sites = open()
  await takeTurnsUntil(sites, 'freeze')
  const name = `${town.study.slice(2)}/${round}/advert-${town.idOf(site(2)).slice(2)}`
  const advert = await town.board.get(name)
  await town.board.delete(name)
  expect(await sites[0]!.step()).toMatchObject({
    did: 'wait',
    because: 'ADVERT_MISSING',
    awaited: [town.idOf(site(2))],
  })
  await town.board.put(name, advert!)
  await takeTurns(sites)
  expect(await model()).toBe(undisturbed)
})

test('fewer sites than open a sum wait and train nobody, and the round fails by its deadline', async () => {
  await anew()
  const round = await nextRound()
  // Two of four freeze; the plan’s three are not there.
  const two = open(town.names.slice(0, 2))
  await takeTurns(two)
  now += STEP + 1
  await takeTurns(two)
  expect(await phaseOf(round)).toBe('FAILED')
  // Three share and one of them is gone before it commits: the two left reveal nothing.
  const again = await nextRound()
  const three = open(town.names.slice(0, 3))
  await takeTurns(three)
  now += STEP + 1
  await takeTurnsUntil(three, 'share')
  await takeTurns(three.slice(0, 2))
  now += STEP + 1
  expect((await takeTurns(three.slice(0, 2))).some(({ did }) => did === 'unmask')).toBe(false)
  expect(await phaseOf(again)).toBe('FAILED')
})

test('a site that comes too late with its shares takes itself out, and the others had not waited', async () => {
  await anew()
  const round = await nextRound()
  const sites = open()
  await takeTurnsUntil(sites, 'freeze')
  const [late, others] = [sites.slice(3), sites.slice(0, 3)]
  await takeTurns(others)
  expect(await phaseOf(round)).toBe('COMMITMENTS')
  now += STEP / 2 + 1
  await takeTurns(others)
  expect(await late[0]!.step()).toEqual({ did: 'void', round, because: 'SHARES_LATE' })
  await takeTurns(sites)
  await expectWithoutTheLast(round)
})

test('nobody speaks for another: a word that its site did not sign is not heard', async () => {
  const { board, study, idOf } = town
  const place = { study, round: 1, site: idOf(site(0)) }
  const words = town.wordsOf(idOf(site(1)))
  const heard = await words.heard(place, 'advert')
  expect(heard).toMatchObject({ kind: 'advert', site: idOf(site(0)) })
  const name = `${study.slice(2)}/1/advert-${idOf(site(0)).slice(2)}`
  const kept = await board.get(name)
  await words.say({ ...heard!, examples: heard!.examples + 1 })
  expect(await words.heard(place, 'advert')).toBeUndefined()
  await board.put(name, kept!)
  expect(await words.heard(place, 'advert')).toEqual(heard)
  // Neither in another round.
  await board.put(`${study.slice(2)}/99/advert-${idOf(site(0)).slice(2)}`, kept!)
  expect(await words.heard({ ...place, round: 99 }, 'advert')).toBeUndefined()
})

test('shares are revealed for one set of survivors on one base: two sums would tell what one site said', async () => {
  await anew()
  const failed = await nextRound()
  const sites = open()
  await takeTurnsUntil(sites, 'unmask')
  // All have revealed; nobody attests, the round fails, and the next one builds on the same model.
  now += STEP + 1
  await takeTurns(sites)
  expect(await phaseOf(failed)).toBe('FAILED')
  const again = await nextRound()
  const three = open(town.names.slice(0, 3))
  await takeTurns(three)
  now += STEP + 1
  const steps = await takeTurns(three)
  expect(steps.some(({ did }) => did === 'unmask')).toBe(false)
  expect(await phaseOf(again)).toBe('ATTESTATIONS')
  expect(await three[0]!.step()).toMatchObject({ did: 'wait', because: 'SURVIVORS_CHANGED' })
  now += STEP + 1
  await takeTurns(three)
  // With the same four it goes on.
  await nextRound()
  await takeTurns(open())
  expect(await model()).toBe(undisturbed)
})

test('the passport’s sums are added up again from the words, and an audit masks again to the very bytes', async () => {
  const { chain, study, objects, plan, idOf } = town
  const learner = networkLearner(plan, { hasher: nodeHasher })
  const words = town.wordsOf(idOf(site(1)))
  const head = await chain.headVersion(study)
  const { aggregate } = await passportEvidence({ chain, objects, learner, words }, study)
  expect(aggregate?.(head!.round)).toBe(head!.model)
  expect((await passportEvidence({ chain, objects, learner }, study)).aggregate).toBeUndefined()
  const [here] = open()
  const audited = await auditRound(
    town.portsOf(site(0), diskOf(site(0))),
    town.siteStudy,
    head!.round,
    await here!.cohort(head!.round),
  )
  expect(audited).toMatchObject({ code: 'REPEATED', people: 2 })
})

test('masks are there where the plan asks for them, and nowhere else', () => {
  const plan = tinyPlan({ privacy: MASKED })
  expect(networkLearner(plan, { hasher: nodeHasher }).masked).toBeDefined()
  expect(networkLearner(tinyPlan(), { hasher: nodeHasher }).masked).toBeUndefined()
})
