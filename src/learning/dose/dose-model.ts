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
import { type BoostingModel, boostingHash, predictRow } from '../boosting/model.ts'
import type { BoostingSettings } from '../boosting/settings.ts'
import { type Table, tableOf } from '../boosting/table.ts'
import { type AddWords, trainBoostingOverSites } from '../boosting/train.ts'
import { type ForecastModel, modelDigest } from '../evaluate/forecast-model.ts'
import { HYBRID_COLUMNS, MEAL_COLUMNS, MEAL_RANGES } from './meal-columns.ts'
import { mealsOf } from './meal-rows.ts'
import type { ObservedMeal } from './observed-meals.ts'
import type { DoseRecord } from './situation.ts'
import { type DoseLimits, doseRefused } from './therapy.ts'

export interface DoseModel {
  /** Glucose about three hours after, mg/dL above target. */
  readonly later: BoostingModel
  /** Tenth percentile of the lowest glucose until then, mg/dL above target. */
  readonly lowest: BoostingModel
  /** The hybrid: the network whose forecasts stand among the columns. */
  readonly forecaster?: ForecastModel
  /** Whether it learned from virtual patients. */
  readonly simulated: boolean
  /** SHA-256 over the hashes of its parts and the mark of simulation, hexadecimal. */
  readonly hash: string
}

/** Least number of observed meals, over all sites, to learn from. */
const LEAST_MEALS = 200
/** The share of meals that may end lower than what `lowest` says. */
export const LOW_QUANTILE = 0.1
const SETTINGS: Partial<BoostingSettings> = {
  trees: 150,
  depth: 4,
  bins: 128,
  learningRate: 0.08,
  lambda: 5,
  minChildWeight: 20,
}

export interface DoseTraining {
  readonly settings?: Partial<BoostingSettings>
  readonly add?: AddWords
  /** Makes the hybrid: a forecaster that all sites hold, trained before. */
  readonly forecaster?: ForecastModel
  /** Whether the records are of virtual patients. */
  readonly simulated?: boolean
}

/** Learns from sites' records. Throws `TOO_FEW_MEALS`, `EFFECT_NOT_LEARNED`, and what boosting throws. */
export function trainDoseModel(
  sites: readonly (readonly DoseRecord[])[],
  limits: DoseLimits,
  { settings: given = {}, add = sumOfWords, forecaster, simulated = false }: DoseTraining = {},
): DoseModel {
  const rows = sites.map((records) => records.flatMap((record) => mealsOf(record, limits, forecaster)))
  const columns = columnsWith(forecaster)
  const ranges = MEAL_RANGES.slice(0, columns.length)
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
          columns,
          site.map(({ row }) => [...row]),
          site.map(({ meal }) => read(meal) - meal.situation.therapy.target),
        ),
    )
    const counts = add(
      tables.map((table) => cellCounts(table, ranges)),
      'cuts of meals',
    )
    const cuts = cutsFromCounts(counts, ranges, settings.bins ?? 128)
    return trainBoostingOverSites(tables, cuts, { ...settings, ...extra }, add)
  }
  const later = train((meal) => meal.later, { unit: 30 })
  requireEffect(
    later,
    rows.flatMap((site) => site.map(({ row }) => row)),
  )
  const lowest = train((meal) => meal.lowest, { unit: 30, loss: { quantile: LOW_QUANTILE } })
  return doseModel(later, lowest, forecaster, simulated)
}

/** Insulin must be seen to lower glucose by at least this share of what the correction factor says. */
const LEAST_EFFECT = 0.1
/** Doses compared: a quarter more and a quarter less than the formula. */
const SPREAD = 0.25

/** Refuses a model to which insulin does not lower glucose: doses in its records hung together with something else. */
function requireEffect(later: BoostingModel, rows: readonly Float32Array[]): void {
  const beyond = MEAL_COLUMNS.indexOf('dose beyond the formula')
  const rise = MEAL_COLUMNS.indexOf('rise expected of the meal')
  let fall = 0
  let expected = 0
  for (const row of rows) {
    const effect = SPREAD * (row[rise] ?? 0)
    const said = (sign: 1 | -1): number => predictRow(later, row.with(beyond, sign * effect))
    fall += said(-1) - said(1)
    expected += 2 * effect
  }
  if (fall >= LEAST_EFFECT * expected) return
  throw doseRefused(
    'EFFECT_NOT_LEARNED',
    'by these records more insulin would not lower glucose, so no dose may rest on them',
    { share: expected === 0 ? 0 : fall / expected, least: LEAST_EFFECT },
    'give records in which doses for like meals differ',
  )
}

/** Two models as one, named by their hashes. Throws `BAD_DOSE_MODEL` when their columns are not those of meals. */
export function doseModel(
  later: BoostingModel,
  lowest: BoostingModel,
  forecaster?: ForecastModel,
  simulated = false,
): DoseModel {
  const expected = columnsWith(forecaster)
  for (const { columns } of [later, lowest]) {
    if (columns.length === expected.length && columns.every((name, c) => name === expected[c])) continue
    throw doseRefused(
      'BAD_DOSE_MODEL',
      'the model was not trained on the columns of meals',
      { expected: expected.length, found: columns.length },
      'train it with trainDoseModel',
    )
  }
  const parts = [boostingHash(later), boostingHash(lowest)]
  if (forecaster !== undefined) parts.push(modelDigest(forecaster))
  if (simulated) parts.push('simulated')
  return {
    later,
    lowest,
    ...(forecaster === undefined ? {} : { forecaster }),
    simulated,
    hash: bytesToHex(sha256(utf8ToBytes(parts.join('')))),
  }
}

function columnsWith(forecaster: ForecastModel | undefined): readonly string[] {
  return forecaster === undefined ? MEAL_COLUMNS : HYBRID_COLUMNS
}
