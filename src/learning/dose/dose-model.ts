/**
 * What meals end in: two boosted models over meals that were observed, one for glucose later, one for how low it gets.
 *
 * Law: learned from outcomes of doses that were given, over one site or many; a model knows nothing of what dose is right:
 * that is chosen inside hard limits (proposal.ts). Doses must vary in the data, or their effect cannot be learned.
 */
import { sha256 } from '@noble/hashes/sha2.js'
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js'
import { cellCounts, cutsFromCounts } from '../boosting/agreed-cuts.ts'
import { sumOfWords } from '../boosting/histogram-words.ts'
import { type BoostingModel, boostingHash } from '../boosting/model.ts'
import type { BoostingSettings } from '../boosting/settings.ts'
import { type Table, tableOf } from '../boosting/table.ts'
import { type AddWords, trainBoostingOverSites } from '../boosting/train.ts'
import { historyOf, MEAL_COLUMNS, MEAL_RANGES, mealRow } from './meal-columns.ts'
import { type ObservedMeal, observedMeals } from './observed-meals.ts'
import type { DoseRecord } from './situation.ts'
import { type DoseLimits, doseRefused } from './therapy.ts'

export interface DoseModel {
  /** Glucose about three hours after, mg/dL above target. */
  readonly later: BoostingModel
  /** Tenth percentile of the lowest glucose until then, mg/dL above target. */
  readonly lowest: BoostingModel
  /** SHA-256 over both models' hashes, hexadecimal. */
  readonly hash: string
}

/** Least number of observed meals, over all sites, to learn from. */
const LEAST_MEALS = 200
const LOW_QUANTILE = 0.1
const SETTINGS: Partial<BoostingSettings> = {
  trees: 150,
  depth: 4,
  bins: 128,
  learningRate: 0.08,
  lambda: 5,
  minChildWeight: 20,
}

/** Learns from sites' records. Throws `TOO_FEW_MEALS`, and what boosting throws. */
export function trainDoseModel(
  sites: readonly (readonly DoseRecord[])[],
  limits: DoseLimits,
  given: Partial<BoostingSettings> = {},
  add: AddWords = sumOfWords,
): DoseModel {
  const rows = sites.map((records) => records.flatMap((record) => mealsOf(record, limits)))
  const meals = rows.reduce((sum, site) => sum + site.length, 0)
  if (meals < LEAST_MEALS)
    throw doseRefused(
      'TOO_FEW_MEALS',
      'too few meals with a known outcome to learn from',
      { meals, least: LEAST_MEALS },
      `record at least ${LEAST_MEALS} meals with dose and sensor glucose`,
    )
  const settings = { ...SETTINGS, ...given }
  const train = (read: (meal: ObservedMeal) => number, extra: Partial<BoostingSettings>): BoostingModel => {
    const tables = rows.map(
      (site): Table =>
        tableOf(
          MEAL_COLUMNS,
          site.map(({ row }) => [...row]),
          site.map(({ meal }) => read(meal) - meal.situation.therapy.target),
        ),
    )
    const counts = add(
      tables.map((table) => cellCounts(table, MEAL_RANGES)),
      'cuts of meals',
    )
    const cuts = cutsFromCounts(counts, MEAL_RANGES, settings.bins ?? 128)
    return trainBoostingOverSites(tables, cuts, { ...settings, ...extra }, add)
  }
  const later = train((meal) => meal.later, { unit: 30 })
  const lowest = train((meal) => meal.lowest, { unit: 30, loss: { quantile: LOW_QUANTILE } })
  return doseModel(later, lowest)
}

/** Two models as one, named by their hashes. Throws `BAD_DOSE_MODEL` when their columns are not those of meals. */
export function doseModel(later: BoostingModel, lowest: BoostingModel): DoseModel {
  for (const { columns } of [later, lowest]) {
    if (columns.length === MEAL_COLUMNS.length && columns.every((name, c) => name === MEAL_COLUMNS[c]))
      continue
    throw doseRefused(
      'BAD_DOSE_MODEL',
      'the model was not trained on the columns of meals',
      { expected: MEAL_COLUMNS.length, found: columns.length },
      'train it with trainDoseModel',
    )
  }
  return {
    later,
    lowest,
    hash: bytesToHex(sha256(utf8ToBytes(`${boostingHash(later)}${boostingHash(lowest)}`))),
  }
}

interface MealOfRecord {
  readonly meal: ObservedMeal
  readonly row: Float32Array
}

/** Each meal beside what was known of earlier ones when it was eaten. */
function mealsOf(record: DoseRecord, limits: DoseLimits): readonly MealOfRecord[] {
  const meals = observedMeals(record, limits)
  return meals.map((meal, i) => {
    const known = meals
      .slice(0, i)
      .filter(({ situation, minutes }) => situation.at + minutes * 60 <= meal.situation.at)
    return { meal, row: mealRow(meal.situation, historyOf(known, meal.situation.at), meal.given) }
  })
}
