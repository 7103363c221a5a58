import { afterAll, beforeAll, expect, test } from 'vitest'
import { memoryShelf } from '../consent/browser.door.ts'
import { hashOf, signerOf } from '../ledger/testing/fixtures.ts'
import { nodeHasher } from '../vault/node-cipher.door.ts'
import { fromHex, fromUtf8, type Hash32, quantity, type UnixSeconds } from '../vocabulary/index.ts'
import { checkCohortProof, cohortMark } from './cohort-tree.ts'
import { openNextRound } from './conduct.ts'
import { withdrawFor } from './erasure.ts'
import { exclusionReceipt, roundsWithout } from './exclusion-receipt.ts'
import type { ForecastData } from './forecast-data.ts'
import { SITE_POINTS } from './site-ports.ts'
import type { StudySite } from './study-site.ts'
import { cutEverywhere, memoryShelves, type RoundTown, roundTown, takeTurns } from './testing/round-town.ts'
import { readUpdate } from './update-document.ts'

type Site = StudySite<ForecastData>
const REASON = hashOf('somebody asked to be forgotten')
const START = 1_790_000_000

/** Three sites of two people each; the chain's clock and the sites' is `now`. */
let town: RoundTown
let now = START
const moveClock = (seconds: number): void => {
  now += seconds
}
const diskOf = memoryShelves()

beforeAll(async () => {
  town = await roundTown({
    sites: 3,
    people: (site) => [`${site} ann`, `${site} ben`],
    plan: { deadlines: { step_seconds: 60 } },
    clock: () => quantity<UnixSeconds>(now),
  })
})
afterAll(() => town?.close())

const site = (i: number): string => town.names[i] ?? ''
const open = (names: readonly string[] = town.names): readonly Site[] =>
  names.map((name) => town.openSite(name, diskOf(name)))
async function nextRound(by = site(1)): Promise<number> {
  await openNextRound(town.chain, town.chain.as(signerOf(by)), town.study)
  return town.chain.latestRound(town.study)
}
async function withdrawAll(): Promise<void> {
  const { chain, study } = town
  const head = await chain.headVersion(study)
  if (head === undefined) return
  let first = head
  for (let base = (await chain.round(study, first.round))?.base ?? 0; base !== 0; ) {
    const below = await chain.version(study, base)
    if (below === undefined) break
    first = below
    base = below.base
  }
  await chain.as(signerOf(site(0))).withdrawVersion(study, first.number, REASON)
}
async function model(): Promise<Hash32 | undefined> {
  return (await town.chain.headVersion(town.study))?.model
}
async function examplesOf(round: number, name: string): Promise<number> {
  const { update } = await town.chain.contribution(town.study, round, town.idOf(name))
  const bytes = update === undefined ? undefined : await town.objects.get(update)
  if (update === undefined || bytes === undefined) throw new Error('nothing was revealed')
  return readUpdate(bytes, update, { study: town.study, round, site: town.idOf(name) }).part.examples
}

/** What an undisturbed run of two rounds over all six people gives. */
const undisturbed: (Hash32 | undefined)[] = []

test('rounds are trained on the consented people and end in versions that the sites attest', async () => {
  const { chain, study, names, idOf, objects } = town
  const sites = open()
  for (const round of [1, 2]) {
    expect(await nextRound()).toBe(round)
    await takeTurns(sites)
    expect(await chain.round(study, round)).toMatchObject({ phase: 'FINAL', survivors: names.map(idOf) })
    undisturbed.push(await model())
  }
  expect(new Set(undisturbed).size).toBe(2)
  const version = await chain.headVersion(study)
  expect(version).toMatchObject({ number: 2, depth: 2, isWithdrawn: false })
  const report = JSON.parse(fromUtf8((await objects.get(version!.report))!))
  expect(report).toMatchObject({ is_partial: false, model: undisturbed[1], base_model: undisturbed[0] })
  expect(report.metrics.base_rmse_30_mgdl).toBeGreaterThan(0)
  expect(await openNextRound(chain, chain.as(signerOf(site(2))), study)).toEqual({
    code: 'COMPLETE',
    version: 2,
  })
})

test('every site loses its power at every named point, and the model is the one of the undisturbed run', async () => {
  const { chain, study } = town
  await withdrawAll()
  const round = await nextRound()
  const points = SITE_POINTS.filter((point) => point !== 'STEP_ENDED')
  // Two thirds of the sites end a round: the last may be spared what comes after the others' attestations.
  const spared = await cutEverywhere(town, diskOf, points)
  for (const point of points) expect(spared.filter((one) => one === point).length, point).toBeLessThan(2)
  expect(await chain.round(study, round)).toMatchObject({ phase: 'FINAL', voided: [] })
  expect(await model()).toBe(undisturbed[0])
})

test('a site that is silent holds nobody up longer than its deadline and a second, and is on record as absent', async () => {
  const { chain, study, idOf } = town
  await withdrawAll()
  const round = await nextRound()
  const sites = open([site(0), site(1)])
  await takeTurns(sites)
  const { deadline } = (await chain.round(study, round))!
  const [step] = await Promise.all(sites.map((one) => one.step()))
  expect(step).toMatchObject({ did: 'wait', awaited: [idOf(site(2))], until: deadline })
  // At the deadline itself it is still waited for; a second later whoever looks ends the step.
  moveClock(deadline - now)
  expect((await sites[0]!.step()).did).toBe('wait')
  moveClock(1)
  await takeTurns(sites)
  expect((await endOf(round, 'COHORTS')) - deadline).toBeLessThanOrEqual(1)
  expect(await chain.round(study, round)).toMatchObject({
    phase: 'FINAL',
    survivors: [idOf(site(0)), idOf(site(1))],
  })
  const version = await chain.headVersion(study)
  const report = JSON.parse(fromUtf8((await town.objects.get(version!.report))!))
  expect(report).toMatchObject({ is_partial: true, survivors: [idOf(site(0)), idOf(site(1))] })
})

/** Timestamp of the block that ended a step. */
async function endOf(round: number, phase: string): Promise<number> {
  const opened = (await town.chain.round(town.study, round))?.openedBlock ?? 0
  const order = ['NONE', 'COHORTS', 'COMMITMENTS', 'REVEALS', 'ATTESTATIONS']
  for await (const event of town.chain.events(opened)) {
    if (event.name === 'StepEnded' && order[event.args.phase] === phase) return event.block.timestamp
  }
  throw new Error('the step did not end')
}

test('who revokes between two rounds is in no later one: receipt, proof of absence and fewer windows', async () => {
  const { chain, study, idOf, claims, history } = town
  await withdrawAll()
  const before = await nextRound()
  await takeTurns(open())
  await town.revoke('0 ann')
  const after = await nextRound()
  await takeTurns(open())
  const claim = claims.get('0 ann')!
  const revoked = (await history((await chain.head()).height)).revokedIn(claim.consentId)!
  const block = (await chain.block(revoked))!
  const receipt = exclusionReceipt(study, claim.consentId, block)
  const rounds = await Promise.all([before, after].map(async (one) => (await chain.round(study, one))!))
  expect(roundsWithout(receipt, rounds).map(({ round }) => round)).toEqual([after])
  const [here] = open()
  for (const [round, says] of [
    [before, 'PRESENT'],
    [after, 'ABSENT'],
  ] as const) {
    const { cohortRoot } = await chain.contribution(study, round, idOf(site(0)))
    const mark = cohortMark(fromHex(claim.opening.salt), { study, round }, nodeHasher)
    const proof = await here!.prove(round, mark)
    expect(
      checkCohortProof(proof, mark, { study, round, site: idOf(site(0)) }, cohortRoot!, nodeHasher),
    ).toBe(says)
  }
  expect(await examplesOf(after, site(0))).toBe((await examplesOf(before, site(0))) / 2)
  expect(await here!.cohort(after)).toMatchObject({
    included: [claims.get('0 ben')!.consentId],
    left_out: [{ consent: claim.consentId, code: 'CONSENT_REVOKED' }],
  })
})

test('a model retrained after an erasure is bit for bit that of a run that never had the person', async () => {
  const { chain, study } = town
  // Ann of site 0 was in the first version that stands and has revoked since: what learned from her is taken back.
  const [here] = open()
  const { consentId } = town.claims.get('0 ann')!
  const acts = chain.as(signerOf(site(0)))
  const head = await chain.headVersion(study)
  const first = await withdrawFor(chain, acts, study, here!, [consentId], REASON)
  expect(first).toMatchObject({ depth: 1 })
  expect(await chain.version(study, head!.number)).toMatchObject({ depth: 2, isWithdrawn: true })
  expect(await chain.headVersion(study)).toBeUndefined()
  expect(await withdrawFor(chain, acts, study, here!, [consentId], REASON)).toBeUndefined()
  for (let i = 0; i < 2; i++) {
    await nextRound()
    await takeTurns(open())
  }
  const retrained = await model()
  const elsewhere = await roundTown({
    sites: 3,
    people: (i) => (i === 0 ? ['0 ben'] : [`${i} ann`, `${i} ben`]),
    plan: { deadlines: { step_seconds: 60 } },
  })
  try {
    const sites = elsewhere.names.map((name) => elsewhere.openSite(name, memoryShelf()))
    for (let i = 0; i < 2; i++) {
      await openNextRound(elsewhere.chain, elsewhere.chain.as(signerOf(site(1))), elsewhere.study)
      await takeTurns(sites)
    }
    const never = (await elsewhere.chain.headVersion(elsewhere.study))?.model
    expect(never).toBe(retrained)
    expect(retrained).not.toBe(undisturbed[1])
  } finally {
    await elsewhere.close()
  }
})

test('who revokes during a round is left out before the root, and takes the contribution out after it', async () => {
  const { chain, study, idOf, claims } = town
  await withdrawAll()
  const early = await nextRound()
  await town.revoke('1 ann')
  await takeTurns(open())
  expect(await open()[1]!.cohort(early)).toMatchObject({
    included: [claims.get('1 ben')!.consentId],
    left_out: [{ consent: claims.get('1 ann')!.consentId, code: 'CONSENT_REVOKED' }],
  })
  expect(await chain.round(study, early)).toMatchObject({ phase: 'FINAL', voided: [] })

  const late = await nextRound()
  const sites = open()
  const stopping = town.openSite(site(2), diskOf(site(2)), {
    notice: () => undefined,
  })
  await stopping.step()
  await town.revoke('2 ann')
  const steps = await takeTurns([sites[0]!, sites[1]!, stopping])
  expect(steps).toContainEqual({ did: 'void', round: late, because: 'CONSENT_REVOKED' })
  expect(await chain.round(study, late)).toMatchObject({
    phase: 'FINAL',
    voided: [idOf(site(2))],
    survivors: [idOf(site(0)), idOf(site(1))],
  })
})

test('nobody is opened whose consent does not hold: the gate was asked for those in a round alone', () => {
  const revokedAt = town.opened.lastIndexOf('0 ann')
  expect(revokedAt).toBeGreaterThan(-1)
  // After her revoke Ann of site 0 was never opened again, though rounds went on.
  expect(town.opened.slice(revokedAt + 1).filter((person) => person === '0 ben').length).toBeGreaterThan(3)
})
