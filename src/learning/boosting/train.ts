/**
 * Trains a boosted model on one table, or on the tables of several sites without moving their rows.
 *
 * Law: with the same cuts, the model trained over sites is the model of all their rows together, bit for bit: `trainBoosting`
 * is `trainBoostingOverSites` with one site.
 */
import { type CutSets, quantileCuts } from './cuts.ts'
import { Grower } from './grower.ts'
import { gradientOf, sumOfWords, weightOf } from './histogram-words.ts'
import { Kernel } from './kernel.ts'
import type { BoostingModel } from './model.ts'
import { refused } from './refusal.ts'
import { type BoostingSettings, boostingSettings, STEPS_PER_UNIT } from './settings.ts'
import { Site } from './site.ts'
import { checkTable, type Table } from './table.ts'
import type { Tree } from './tree.ts'

/** What adds up the sites' words; the plain sum unless masks are wanted. `round` names the step, once each. */
export type AddWords = (parts: readonly BigUint64Array[], round: string) => BigUint64Array

/** Trains on a table with exact quantile cuts. Throws `BAD_TABLE`, `BAD_BOOSTING_SETTINGS`, `NO_ROWS`, `BOOSTING_OVERFLOW`. */
export function trainBoosting(table: Table, given: Partial<BoostingSettings> = {}): BoostingModel {
  const settings = boostingSettings(given)
  checkTable(table, true)
  const kernel = new Kernel()
  const cuts = quantileCuts(kernel, table, settings.bins)
  return trainSites([new Site(table, cuts, settings, 1, kernel)], table.columns, cuts, settings, only)
}

/** Trains over sites with cuts agreed before. Throws as `trainBoosting`. */
export function trainBoostingOverSites(
  tables: readonly Table[],
  cuts: CutSets,
  given: Partial<BoostingSettings> = {},
  add: AddWords = sumOfWords,
): BoostingModel {
  const settings = boostingSettings(given)
  const sites = tables.map((table) => new Site(table, cuts, settings, tables.length))
  return trainSites(sites, tables[0]?.columns ?? [], cuts, settings, add)
}

function only(parts: readonly BigUint64Array[]): BigUint64Array {
  return parts[0] ?? new BigUint64Array()
}

function trainSites(
  sites: readonly Site[],
  columns: readonly string[],
  cuts: CutSets,
  settings: BoostingSettings,
  add: AddWords,
): BoostingModel {
  const opening = add(
    sites.map((site) => BigUint64Array.of(site.opening())),
    'opening',
  )[0]
  const first = firstPrediction(opening ?? 0n)
  for (const site of sites) site.begin(first)
  const grower = new Grower(cuts, settings)
  const trees: Tree[] = []
  for (let tree = 0; tree < settings.trees; tree++) {
    let grown = grower.plant(tree)
    while (grown.finished === undefined) {
      const { step, state } = grown
      const sums = add(
        sites.map((site) => site.answer(step)),
        `tree ${tree} level ${step.level}`,
      )
      grown = grower.grow(state, sums)
    }
    for (const site of sites) site.answer(grown.step)
    trees.push(grown.finished)
  }
  return { columns, base: first * settings.unit, trees }
}

/** Mean target over all sites, in units. Throws `NO_ROWS`. */
function firstPrediction(word: bigint): number {
  const weight = weightOf(word)
  if (weight === 0)
    throw refused('NO_ROWS', 'no site has a row to learn from', { weight }, 'give at least one row')
  return gradientOf(word) / weight / STEPS_PER_UNIT
}
