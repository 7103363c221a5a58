import { expect, it } from 'vitest'
import { nodeMaskSuite } from '../learning/worker.door.ts'
import { founderOf } from '../ledger/testing/fixtures.ts'
import { nodeHasher } from '../vault/node-cipher.door.ts'
import type { Bytes } from '../vocabulary/index.ts'
import { parametersOf } from './model-bytes.ts'
import { networkLearner } from './network-learner.ts'
import { maskedStages, type StageOptions, secretOf } from './testing/masked-stages.ts'
import { tinyPlan, traceOf } from './testing/round-town.ts'

const CLIP = 0.05
const plan = tinyPlan({
  privacy: { aggregation: 'masked', clip_norm: CLIP, differential_privacy: null },
})
const learner = networkLearner(plan, { hasher: nodeHasher, suite: nodeMaskSuite })
const base = learner.firstModel()
const sites = ['north', 'south', 'east', 'west'].map((name) => founderOf(name).id)

/** Four sites that learn from the same person, each far beyond the clip: their mean is as long as it may be. */
const summed = (options?: StageOptions, way = learner.masked!) => {
  const people = [learner.prepare(traceOf('ann'))].flatMap((data) => data ?? [])
  const tasks = sites.map((site) => ({ base, depth: 1, site, people, releases: 0, secret: secretOf(site) }))
  return maskedStages(way, tasks, options)
}

it('a sum of updates that were all cut at the clip is taken', async () => {
  const { model } = await summed()
  const count = base.length / 4
  const [before, after] = [base, model].map((bytes) => parametersOf(bytes, count))
  const length = Math.hypot(...after!.map((value, i) => value - before![i]!))
  expect(length).toBeGreaterThan(0.9 * CLIP)
})

it('a site that shows more than the clip under its mask makes a sum that nobody takes', async () => {
  const [liar] = sites
  // Bits are packed lowest first, 18 to a number for four sites: bit 17 of the first is the largest it can tell.
  const shown = (site: typeof liar, masked: Bytes): Bytes =>
    site === liar ? masked.map((byte, i) => (i === 2 ? byte ^ 0x02 : byte)) : masked
  await expect(summed({ shown })).rejects.toMatchObject({
    code: 'ROUND_NOT_AGGREGATED',
    facts: { because: 'SUM_BEYOND_CLIP' },
  })
})

it('a site that says it has no windows weighs as if it had one, and stops nobody', async () => {
  const firstSays = (windows: number) => {
    let asked = 0
    return summed(undefined, {
      ...learner.masked!,
      weight: (people) => (asked++ === 0 ? windows : learner.masked!.weight(people)),
    })
  }
  const [none, one] = await Promise.all([firstSays(0), firstSays(1)])
  expect(none.model).toEqual(one.model)
  expect(none.model).not.toEqual((await summed()).model)
})
