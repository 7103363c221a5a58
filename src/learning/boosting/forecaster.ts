/**
 * Boosting as a forecaster of windows, over one site or many; with another model's forecasts joined it is the hybrid.
 *
 * Law: cuts come from summed counts over public ranges, so that any division of the windows into sites gives the same
 * model, bit for bit. Cells of the path without a model of their own lie on the line between their neighbours.
 */
import { CHANGE_SCALE, clipped } from '../data/features.ts'
import type { Windows } from '../data/windows.ts'
import { cellCounts, cutsFromCounts } from './agreed-cuts.ts'
import { sumOfWords } from './histogram-words.ts'
import { type BoostingModel, predictBoosting } from './model.ts'
import { refused } from './refusal.ts'
import { type BoostingSettings, boostingSettings } from './settings.ts'
import { type AddWords, trainBoostingOverSites } from './train.ts'
import { windowTable } from './window-table.ts'

export interface BoostingForecaster {
  /** Cells of the path that have a model, ascending from 0 (5 minutes). */
  readonly cells: readonly number[]
  /** One for each cell; predicts the change in units of 30 mg/dL. */
  readonly models: readonly BoostingModel[]
  /** Whether another model's forecasts are joined. */
  readonly hybrid: boolean
}

export interface ForecasterOptions {
  readonly settings?: Partial<BoostingSettings>
  /** Default 5, 15, 30, 45 and 60 minutes. */
  readonly cells?: readonly number[]
  /** The hybrid: for each site, another model's forecasts of its windows, count × horizon, mg/dL. */
  readonly forecasts?: readonly Float32Array[]
  readonly add?: AddWords
}

const USUAL_CELLS = [0, 2, 5, 8, 11] as const
const FORECAST_SETTINGS: Partial<BoostingSettings> = {
  trees: 100,
  depth: 5,
  learningRate: 0.08,
  lambda: 5,
  minChildWeight: 20,
}

/** Trains over the sites' windows. Throws `NO_ROWS`, `BAD_BOOSTING_SETTINGS`, `BAD_TABLE`, `BOOSTING_OVERFLOW`. */
export function trainBoostingForecaster(
  sites: readonly Windows[],
  { settings: given = {}, cells = USUAL_CELLS, forecasts, add = sumOfWords }: ForecasterOptions = {},
): BoostingForecaster {
  const settings = boostingSettings({ ...FORECAST_SETTINGS, ...given })
  const models = cells.map((cell) => {
    const parts = sites.map((windows, s) => windowTable(windows, cell, forecasts?.[s]))
    const ranges = parts[0]?.ranges
    if (ranges === undefined)
      throw refused('NO_ROWS', 'there is no site to learn from', { sites: 0 }, 'give at least one site')
    const tables = parts.map(({ table }) => table)
    const counts = add(
      tables.map((table) => cellCounts(table, ranges)),
      `cuts ${cell}`,
    )
    return trainBoostingOverSites(tables, cutsFromCounts(counts, ranges, settings.bins), settings, add)
  })
  return { cells, models, hybrid: forecasts !== undefined }
}

/** Forecasts of all windows: count × horizon, mg/dL, clipped to 30–450. `forecast`: as joined in training. */
export function boostingForecast(
  { cells, models, hybrid }: BoostingForecaster,
  windows: Windows,
  forecast?: Float32Array,
): Float32Array {
  if (hybrid !== (forecast !== undefined))
    throw refused(
      'BAD_TABLE',
      'the hybrid needs the forecasts it was trained with, and plain boosting none',
      { hybrid },
      'give the same kind of forecasts as in training',
    )
  const { count, horizon, last } = windows
  const path = new Float32Array(count * horizon)
  const changes = models.map((model, k) =>
    predictBoosting(model, windowTable(windows, cells[k] ?? 0, forecast).table),
  )
  for (let w = 0; w < count; w++) {
    const from = (h: number): number => forecast?.[w * horizon + h] ?? last[w] ?? 0
    const known = cells.map((_, k) => CHANGE_SCALE * (changes[k]?.[w] ?? 0))
    for (let h = 0; h < horizon; h++) path[w * horizon + h] = clipped(from(h) + onLine(cells, known, h))
  }
  return path
}

/** The value at h on the broken line through (−1, 0) and the cells; level after the last one. */
function onLine(cells: readonly number[], values: readonly number[], h: number): number {
  let x0 = -1
  let y0 = 0
  for (let k = 0; k < cells.length; k++) {
    const x1 = cells[k] ?? 0
    const y1 = values[k] ?? 0
    if (h <= x1) return y0 + ((y1 - y0) * (h - x0)) / (x1 - x0)
    x0 = x1
    y0 = y1
  }
  return y0
}
