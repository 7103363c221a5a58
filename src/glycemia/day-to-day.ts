/**
 * Differences across a lag: between days (MODD), between hours (CONGA), per hour (MAG), per 15 minutes (rate of change).
 *
 * Law: two cells are compared only when both are there and exactly the lag apart on the grid.
 * Sources: MODD: Molnar et al. 1972, Diabetologia 8:342; CONGA: McDonnell et al. 2005, Diabetes Technol Ther 7:253;
 * MAG: Hermanides et al. 2010, Crit Care Med 38:838, here on hourly cells so that sensor noise is not summed as change;
 * rate of change: Clarke and Kovatchev 2009, Diabetes Technol Ther 11 Suppl 1:S45.
 */
import { forEachLag, type Grid } from '../series/index.ts'
import { standardDeviation } from './distribution.ts'

function differences(grid: Grid, lagSeconds: number): Float64Array {
  const found = new Float64Array(grid.index.length)
  let n = 0
  forEachLag(grid, Math.round(lagSeconds / grid.step), (earlier, later) => {
    found[n++] = (grid.value[later] ?? 0) - (grid.value[earlier] ?? 0)
  })
  return found.subarray(0, n)
}

/** Mean of daily differences, unit of the grid; null when no two cells are a day apart. */
export function modd(grid: Grid): number | null {
  const daily = differences(grid, 86_400)
  if (daily.length === 0) return null
  let sum = 0
  for (let i = 0; i < daily.length; i++) sum += Math.abs(daily[i] ?? 0)
  return sum / daily.length
}

/** Continuous overall net glycemic action over n hours: the SD of differences that far apart. */
export function conga(grid: Grid, hours: number): number | null {
  return standardDeviation(differences(grid, hours * 3600))
}

/** Mean absolute change per hour between cells an hour apart, counted from the first midnight; unit of the grid per hour. */
export function mag(grid: Grid): number | null {
  const perHour = Math.round(3600 / grid.step)
  let sum = 0
  let hours = 0
  forEachLag(grid, perHour, (earlier, later) => {
    if (((grid.index[later] ?? 0) - 1) % perHour !== 0) return
    sum += Math.abs((grid.value[later] ?? 0) - (grid.value[earlier] ?? 0))
    hours++
  })
  return hours === 0 ? null : sum / hours
}

/** SD of the rate of change over 15 minutes, unit of the grid per minute. */
export function rateOfChangeDeviation(grid: Grid): number | null {
  const minutes = Math.max(15, grid.step / 60)
  const deviation = standardDeviation(differences(grid, minutes * 60))
  return deviation === null ? null : deviation / minutes
}
