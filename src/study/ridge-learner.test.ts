import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { memoryShelf } from '../consent/browser.door.ts'
import { joinWindows, normalEquations, solveRidge } from '../learning/site.door.ts'
import { nodeMaskSuite } from '../learning/worker.door.ts'
import { founderOf, signerOf } from '../ledger/testing/fixtures.ts'
import { nodeHasher } from '../vault/node-cipher.door.ts'
import type { Bytes, InstitutionId } from '../vocabulary/index.ts'
import { openNextRound } from './conduct.ts'
import type { ForecastData } from './forecast-data.ts'
import { readSheet, sheetHash } from './information-sheet.ts'
import { modelBeside, modelError } from './judge-model.ts'
import type { SitePart } from './learner.ts'
import { readPlan } from './plan.ts'
import { ridgeLearner } from './ridge-learner.ts'
import { equationsOf, limbBytes, limbsOf, SUM_LIMBS, totalOf, totalOfMean } from './ridge-sums.ts'
import { studyLearner } from './study-learner.ts'
import { maskedStages, secretOf } from './testing/masked-stages.ts'
import { type RoundTown, roundTown, takeTurns, tinyPlan, traceOf } from './testing/round-town.ts'

const RIDGE = {
  model: { ...tinyPlan().model, name: 'ridge' },
  strategy: { name: 'ridge' },
} as const
const plan = tinyPlan(RIDGE)
const masked = tinyPlan({ ...RIDGE, privacy: { ...plan.privacy, aggregation: 'masked' } })
const means = { hasher: nodeHasher, suite: nodeMaskSuite }
const learner = ridgeLearner(plan, means)
const sites = ['north', 'south', 'east', 'west'].map((name) => founderOf(name).id)
const PEOPLE = ['ann', 'ben', 'cyd', 'dan', 'eve', 'fay'].flatMap(
  (name) => learner.prepare(traceOf(name)) ?? [],
)

const taskOf = (site: InstitutionId, people: readonly ForecastData[]) => ({
  base: learner.firstModel(),
  depth: 1,
  site,
  people,
  releases: 0,
  secret: secretOf(site),
})
const partOf = async (site: InstitutionId, people: readonly ForecastData[]): Promise<SitePart> => ({
  site,
  ...(await learner.train(taskOf(site, people))),
})
const weightsIn = (model: Bytes): Float64Array => new Float64Array(model.slice().buffer)
const pooled = (people: readonly ForecastData[]): Float64Array =>
  solveRidge(normalEquations(joinWindows(people.map(({ windows }) => windows.train)))).weights

/** Largest difference over the largest weight. */
function apart(a: Float64Array, b: Float64Array): number {
  const size = b.reduce((most, value) => Math.max(most, Math.abs(value)), 0)
  return a.reduce((most, value, i) => Math.max(most, Math.abs(value - b[i]!)), 0) / size
}

describe('a ridge over sites', () => {
  it('is that of all windows in one place to 1e-9, however people are divided, in whatever order sites come', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.nat(3), { minLength: 6, maxLength: 6 }),
        fc.nat(3),
        async (homes, turn) => {
          const homed = sites.map((site, i) => [site, PEOPLE.filter((_, p) => homes[p] === i)] as const)
          const parts = await Promise.all(
            homed.filter(([, people]) => people.length > 0).map(([site, people]) => partOf(site, people)),
          )
          const { model, metrics } = learner.aggregate(learner.firstModel(), parts)
          expect(apart(weightsIn(model), pooled(PEOPLE))).toBeLessThan(1e-9)
          expect(metrics['windows']).toBe(PEOPLE.reduce((sum, { examples }) => sum + examples, 0))
          const turned = [...parts.slice(turn), ...parts.slice(0, turn)]
          expect(learner.aggregate(model, turned).model).toEqual(model)
        },
      ),
      { numRuns: 8 },
    )
  })

  it('begins as the forecast that glucose stays as it is, and is told by its own row', async () => {
    const judged = PEOPLE.map(({ windows }) => windows)
    const [still] = modelBeside(plan, learner.firstModel(), judged)
    expect(modelError(plan, judged)(learner.firstModel())).toBe(still?.rmse_30_mgdl)
    const { model } = learner.aggregate(learner.firstModel(), [await partOf(sites[0]!, PEOPLE)])
    const rows = modelBeside(plan, model, judged)
    expect(rows.map((row) => row.model)).toEqual(['persistence', 'ridge'])
    expect(rows[1]?.rmse_30_mgdl).toBe(modelError(plan, judged)(model))
    expect(rows[1]?.rmse_30_mgdl).toBeLessThan(still?.rmse_30_mgdl ?? 0)
  })

  it('under masks is the open one bit for bit, also of those who are left when a site falls silent', async () => {
    const { masked: way } = ridgeLearner(masked, means)
    const homes = sites.map((site, i) => [site, PEOPLE.filter((_, p) => p % 4 === i)] as const)
    for (const silent of [[], [sites[2]]]) {
      const tasks = homes.map(([site, people]) => taskOf(site, people))
      const given = await maskedStages(way!, tasks, { silent })
      const open = await Promise.all(
        homes.flatMap(([site, people]) => (silent.includes(site) ? [] : [partOf(site, people)])),
      )
      expect(given.model).toEqual(learner.aggregate(learner.firstModel(), open).model)
    }
  })
})

it('a total under masks that no glucose can have made is taken by nobody', async () => {
  const { masked: way } = ridgeLearner(masked, means)
  const tasks = sites.map((site, i) => taskOf(site, PEOPLE.slice(i, i + 1)))
  // 18 bits to a number for four sites, lowest first: a large one in the top limb of the first square.
  const shown = (site: InstitutionId, bytes: Bytes): Bytes =>
    site === sites[0] ? bytes.map((byte, i) => (i === 15 ? byte ^ 0x10 : byte)) : bytes
  await expect(maskedStages(way!, tasks, { shown })).rejects.toMatchObject({
    code: 'ROUND_NOT_AGGREGATED',
    facts: { because: 'SUM_IMPOSSIBLE' },
  })
})

describe('sums of a ridge', () => {
  it('of up to 256 sites come back whole from the mean that a masked sum tells', () => {
    const sites = fc.integer({ min: 1, max: 256 })
    fc.assert(
      fc.property(sites, fc.double({ min: -0.5, max: 1, noNaN: true }), (count, share) => {
        const total = Math.trunc(share * count * 8_191) || 0
        const mean = Float32Array.of((total * 32_768) / 32_767 / count)
        expect(totalOfMean(mean, count)[0]).toBe(total)
      }),
      { numRuns: 500 },
    )
  })

  it('come back to 2⁻⁴¹ from their limbs, those below zero too', () => {
    const equations = normalEquations(joinWindows(PEOPLE.map(({ windows }) => windows.train)))
    const back = equationsOf(totalOf([limbsOf(equations)]))
    expect(back?.count).toBe(equations.count)
    for (const name of ['gram', 'cross'] as const)
      for (const [i, value] of equations[name].entries())
        expect(Math.abs(value - (back?.[name][i] ?? Number.NaN))).toBeLessThanOrEqual(2 ** -41)
    expect(equations.cross.some((value) => value < 0)).toBe(true)
  })

  const own = limbsOf(normalEquations(PEOPLE[0]!.windows.train))
  const limbAt = (i: number, value: number): Int16Array => own.map((limb, k) => (k === i ? value : limb))
  it.each([
    ['nothing', new Uint8Array()],
    ['a byte too many', new Uint8Array(2 * SUM_LIMBS + 1)],
    ['zeros: no window at all', new Uint8Array(2 * SUM_LIMBS)],
    ['all ones', new Uint8Array(2 * SUM_LIMBS).fill(255)],
    ['a limb beyond its bits', limbBytes(limbAt(0, 8_192))],
    ['a square below zero', limbBytes(limbAt(6, -1))],
    ['a square that no glucose makes', limbBytes(limbAt(6, 4_095))],
    ['a product that its squares do not allow', limbBytes(limbAt(7 + 6, 4_095))],
    ['a change that no glucose makes', limbBytes(limbAt(7 * 325 + 6, 4_095))],
    ['more windows than it says', limbBytes(limbAt(SUM_LIMBS - 7 + 3, 4_095))],
  ])('that are %s leave only their site out', async (_why, answer) => {
    const honest = await partOf(sites[0]!, PEOPLE.slice(1))
    const lie = { ...(await partOf(sites[1]!, PEOPLE.slice(0, 1))), answer }
    const { model, excluded, metrics } = learner.aggregate(learner.firstModel(), [honest, lie])
    expect(excluded).toEqual([sites[1]])
    expect(metrics['sites_counted']).toBe(1)
    expect(apart(weightsIn(model), pooled(PEOPLE.slice(1)))).toBeLessThan(1e-9)
    expect(() => learner.aggregate(learner.firstModel(), [lie])).toThrow(
      expect.objectContaining({ code: 'ROUND_NOT_AGGREGATED' }),
    )
  })
})

describe('a plan with a ridge', () => {
  it.each([
    ['MODEL_UNKNOWN', 'model.name', { model: { ...plan.model, name: 'gru-8' } }],
    [
      'PRIVACY_UNSUPPORTED',
      'privacy.differential_privacy',
      { privacy: { ...plan.privacy, differential_privacy: { unit: 'patient', epsilon: 8, delta: 1e-5 } } },
    ],
  ] as const)('is refused with %s at %s', (code, field, differs) => {
    expect(() => studyLearner({ ...plan, ...differs }, means)).toThrow(
      expect.objectContaining({ code, at: { field } }),
    )
  })

  it('is there as an example, with its sheet and the hash of its first model', () => {
    const example = readPlan(readFileSync('examples/study-ridge.yaml', 'utf8'))
    const sheet = readSheet(readFileSync('examples/sheet-ridge.yaml', 'utf8'))
    expect(example.information_sheet).toBe(sheetHash(sheet))
    const made = studyLearner(example, means)
    expect(example.model.initial_hash).toBe(made.modelHash(made.firstModel()))
  })
})

describe('on a ledger', () => {
  const people = (site: number) => [`${site} ann`, `${site} ben`]
  let town: RoundTown
  beforeAll(async () => {
    town = await roundTown({ sites: 3, people, plan: { ...RIDGE, rounds: 2 } })
  })
  afterAll(() => town?.close())

  const round = async (): Promise<Float64Array> => {
    const { chain, study, names, objects } = town
    await openNextRound(chain, chain.as(signerOf(names[0] ?? '')), study)
    await takeTurns(names.map((name) => town.openSite(name, memoryShelf())))
    return weightsIn((await objects.get((await chain.headVersion(study))!.model))!)
  }
  const everybody = [0, 1, 2].flatMap(people)
  const dataOf = (names: readonly string[]) => names.flatMap((name) => learner.prepare(traceOf(name)) ?? [])

  it('a round makes the ridge of exactly those who consent, and after a revoke one that never had the person', async () => {
    expect(apart(await round(), pooled(dataOf(everybody)))).toBeLessThan(1e-9)
    await town.revoke('1 ben')
    const left = everybody.filter((name) => name !== '1 ben')
    expect(apart(await round(), pooled(dataOf(left)))).toBeLessThan(1e-9)
  })
})
