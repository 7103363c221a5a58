/**
 * Learned doses beside the bolus formula in closed loop on virtual patients: time in range and below 70 mg/dL, per age group.
 *
 * Law: both arms live the same days with the same sensor noise and limits; models are trained on the other half of the
 * patients of each group with other seeds; every figure is over all readings of the judged days, and everything is simulated.
 * `boosting` is the model alone, `hybrid` has a network's forecasts among its columns. The scenario stands in support/closed-loop.ts. Seven days, of which the first four are not judged: the same for both arms.
 */
import type { BenchDocument } from '../src/api/documents.door.ts'
import type { Glucose } from '../src/series/index.ts'
import { live, type Policy, ranges } from './support/closed-loop.ts'
import {
  formula,
  GROUPS,
  halfOf,
  hybridOf,
  learned,
  modelOf,
  recordsOf,
  SETTINGS,
} from './support/dose-policies.ts'

type Row = BenchDocument['rows'][number]

const TRAIN_SEED = 1
/** No setting was chosen on these. So many, because where the formula has hardly a low, one event decides a cell. */
const TEST_SEEDS = Array.from({ length: 12 }, (_, i) => 701 + i)
const DAYS = 7
const RUN_IN = 4

/** Rows of `islet.bench/1`. */
export async function bench({ quick }: { readonly quick: boolean }): Promise<readonly Row[]> {
  const days = quick ? 10 : 60
  const seeds = quick ? TEST_SEEDS.slice(0, 1) : TEST_SEEDS
  const models = await Promise.all(
    ([1, 0] as const).map(async (half) => {
      const sites = recordsOf(
        GROUPS.flatMap((group) => halfOf(group, half)),
        TRAIN_SEED,
        days,
      )
      return { boosting: modelOf(sites), hybrid: await hybridOf(sites, days) }
    }),
  )
  const rows: Row[] = []
  for (const setting of SETTINGS) {
    for (const group of GROUPS) {
      const arm = (policyOf: (model: (typeof models)[number]) => Policy): readonly Glucose[] =>
        ([0, 1] as const).flatMap((half) => {
          const model = models[half]
          if (model === undefined) throw new Error('no model')
          return halfOf(group, half).flatMap((patient) =>
            seeds.flatMap((seed) => {
              const policy = policyOf(model)
              return live({ patient, seed, days: DAYS, runIn: RUN_IN, setting, policy }).truth
            }),
          )
        })
      const plain = ranges(arm(() => formula))
      const what = `${group === 'child' ? 'children' : `${group}s`}, ratio and factor × ${setting}`
      for (const kind of ['boosting', 'hybrid'] as const) {
        const helped = ranges(arm((model) => learned(model[kind])))
        const readings = `${helped.readings} simulated readings`
        rows.push(
          figure(`${what}: time in 70–180, ${kind}`, helped.tir, plain.tir, readings, seeds.length),
          figure(`${what}: time below 70, ${kind}`, helped.below70, plain.below70, readings, seeds.length),
          figure(`${what}: time below 54, ${kind}`, helped.below54, plain.below54, readings, seeds.length),
        )
      }
    }
  }
  return rows
}

function figure(name: string, value: number, formulaValue: number, readings: string, runs: number): Row {
  return {
    name,
    value,
    unit: '%',
    against: `the formula’s ${formulaValue.toFixed(2)} %, ${readings}`,
    ratio: formulaValue === 0 ? null : value / formulaValue,
    runs,
  }
}
