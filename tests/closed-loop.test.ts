/**
 * Learned doses in closed loop on a few virtual patients that the model has not seen: no group fares worse than with the
 * formula, and where ratio and factor are mis-set it fares better. The whole check is benches/closed-loop.ts.
 */
import { beforeAll, describe, expect, test } from 'vitest'
import { live, ranges } from '../benches/support/closed-loop.ts'
import { formula, GROUPS, halfOf, learned, modelOf, recordsOf } from '../benches/support/dose-policies.ts'
import type { DoseModel } from '../src/learning/index.ts'

const SEED = 401
let model: DoseModel

beforeAll(() => {
  model = modelOf(
    recordsOf(
      GROUPS.flatMap((group) => halfOf(group, 1)),
      2,
      8,
    ),
  )
})

/** Both arms over the patients that the model was not trained on, all groups together or one. */
function both(setting: number, group: (typeof GROUPS)[number]) {
  const [plain, helped] = [formula, learned(model)].map((policy) =>
    ranges(
      halfOf(group, 0)
        .slice(0, 3)
        .flatMap((patient) => live({ patient, seed: SEED, days: 6, runIn: 4, setting, policy }).truth),
    ),
  )
  return { plain: plain!, helped: helped! }
}

describe.each(GROUPS)('three simulated %ss, two judged days', (group) => {
  test('with settings 30 % too weak the proposals bring more time in range and no more below 70', () => {
    const { plain, helped } = both(1.3, group)
    expect(plain.readings).toBe(3 * 2 * 288)
    expect(helped.tir).toBeGreaterThan(plain.tir)
    expect(helped.below70).toBeLessThanOrEqual(plain.below70)
  })
  test('with settings 30 % too strong they bring no more time below 70', () => {
    const { plain, helped } = both(0.7, group)
    expect(helped.below70).toBeLessThanOrEqual(plain.below70)
  })
})
