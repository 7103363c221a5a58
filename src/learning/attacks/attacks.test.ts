import { describe, expect, it } from 'vitest'
import type { Windows } from '../data/windows.ts'
import { runRounds } from '../rounds/run-rounds.ts'
import type { Site } from '../rounds/site.ts'
import { trainingSite } from '../rounds/training-site.ts'
import { quadraticSite } from '../testing/quadratic-site.ts'
import { waves } from '../testing/waves.ts'
import { ATTACKS, type Attack, attacked } from './attack.ts'

const TASK = { round: 1, parameters: Float32Array.of(0, 0) }
const honest = () => quadraticSite('s', [3, 4], { rate: 1 })
const update = async (site: Site) => Array.from((await site.train(TASK)).update)

/** A trainer whose parameters say which windows it saw. */
const seeing = (seen: Windows[]) => ({
  train: (parameters: Float32Array, windows: Windows) => {
    seen.push(windows)
    return { parameters: parameters.map((value) => value + 1), loss: [0], steps: 1 }
  },
})
const onData = (seen: Windows[] = []) =>
  trainingSite({
    id: 's',
    trainer: seeing(seen),
    windows: waves(8, 1),
    training: { passes: 1, batch: 8, learningRate: 1e-3, schedule: 'constant', clip: 1, seed: 1 },
  })

describe('an attack says', () => {
  it('sign-flip: the honest update turned round, three times as long', async () => {
    expect(await update(attacked(honest(), { name: 'sign-flip' }))).toEqual([-9, -12])
  })

  it('scale: the honest update ten times as long', async () => {
    expect(await update(attacked(honest(), { name: 'scale' }))).toEqual([30, 40])
  })

  it('NaN: no numbers at all', async () => {
    expect(await update(attacked(honest(), { name: 'nan' }))).toEqual([Number.NaN, Number.NaN])
  })

  it('free-rider: nothing', async () => {
    expect(await update(attacked(honest(), { name: 'free-rider' }))).toEqual([0, 0])
  })

  it('random: the same noise from the same seed, at ten times the honest length on average', async () => {
    const long = quadraticSite(
      's',
      Array.from({ length: 400 }, () => 1),
      { rate: 1 },
    )
    const said = async (seed: number) =>
      Array.from(
        (
          await attacked(long, { name: 'random', seed }).train({
            round: 1,
            parameters: new Float32Array(400),
          })
        ).update,
      )
    expect(await said(1)).toEqual(await said(1))
    expect(await said(2)).not.toEqual(await said(1))
    expect(Math.hypot(...(await said(1))) / 20).toBeGreaterThan(8)
    expect(Math.hypot(...(await said(1))) / 20).toBeLessThan(12)
  })

  it('label shift: honest training on targets 60 mg/dL lower, no lower than 30', async () => {
    const seen: Windows[] = []
    await attacked(onData(seen), { name: 'label-shift' }).train(TASK)
    const plain = waves(8, 1)
    seen[0]!.targets.forEach((value, i) => {
      expect(value).toBeCloseTo(Math.max(30, plain.targets[i]! - 60), 4)
    })
    expect(seen[0]!.inputs).toEqual(plain.inputs)
  })

  it('backdoor: a quarter of the windows bear the trigger and its target, the update is three times as long', async () => {
    const seen: Windows[] = []
    expect(await update(attacked(onData(seen), { name: 'backdoor' }))).toEqual([3, 3])
    const [windows] = seen
    expect([windows!.last[0], windows!.last[4], windows!.targets[0]]).toEqual([240, 240, 60])
    expect(windows!.targets.slice(12, 48)).toEqual(waves(8, 1).targets.slice(12, 48))
  })

  it.each(['label-shift', 'backdoor'] as const)('%s needs data to change', (name) => {
    expect(() => attacked(honest(), { name })).toThrow(expect.objectContaining({ code: 'NOT_POISONABLE' }))
  })
})

it('the default rule keeps ten sites on their way under every attack by two of them', async () => {
  const target = Array.from({ length: 20 }, (_, i) => i / 10)
  const sites = (bad: (site: Site) => Site) =>
    Array.from({ length: 10 }, (_, i) => {
      const one = quadraticSite(
        `site ${i}`,
        target.map((value) => value + (i - 4.5) / 50),
        { rate: 0.3 },
      )
      return i === 2 || i === 7 ? bad(one) : one
    })
  const distance = (parameters: Float32Array) =>
    Math.hypot(...parameters.map((value, i) => value - target[i]!))
  const run = (bad: (site: Site) => Site) =>
    runRounds({ sites: sites(bad), initial: new Float32Array(20), plan: { rounds: 25 } })
  for (const name of ATTACKS) {
    if (name === 'label-shift' || name === 'backdoor') continue
    const attack: Attack = name === 'random' ? { name, seed: 1 } : { name }
    const { parameters, reports } = await run((site) => attacked(site, attack))
    expect(distance(parameters)).toBeLessThan(0.5)
    if (name === 'nan') expect(reports[0]!.absent).toEqual({ 'site 2': 'NOT_FINITE', 'site 7': 'NOT_FINITE' })
  }
})
