/**
 * The curve that is drawn for a usual day: the profile in one-hour bins, smoothed. Figures never come from here.
 *
 * Laws: smoothing is cyclic, each hour weighted 1–4–1 with its neighbours (4–1 beside an empty hour), so midnight has no
 * seam; an hour in which too few days speak stays empty: five, or half of the days of a trace shorter than ten days.
 * Source: the open display conventions gathered in peers-data-platforms 7; percentiles as in Battelino et al. 2019.
 */
import type { Grid } from '../series/index.ts'
import { quantile } from './distribution.ts'

export const CURVE_PERCENTILES = [0.05, 0.25, 0.5, 0.75, 0.95] as const
const ENOUGH_DAYS = 5

export interface CurvePoint {
  /** Middle of the hour, minute of the local day: 30, 90, … 1410. */
  readonly minute: number
  /** Local days that speak in this hour. */
  readonly days: number
  /** Smoothed percentiles 5, 25, 50, 75, 95, unit of the grid; null where too few days speak. */
  readonly levels: readonly [number, number, number, number, number] | null
}

/** The 24 points of the curve. */
export function profileCurve(grid: Grid): readonly CurvePoint[] {
  const perHour = 3600 / grid.step
  // Slot s ends s + 1 steps after midnight, and midnight itself opens the first hour.
  const hourOf = (i: number): number => Math.floor(((grid.slot[i] ?? 0) + 1) / perHour) % 24
  const starts = new Int32Array(25)
  const days = Array.from({ length: 24 }, () => new Set<number>())
  const all = new Set<number>()
  let today = Number.NaN
  let thisHour = -1
  for (let i = 0; i < grid.index.length; i++) {
    const hour = hourOf(i)
    const day = grid.day[i] ?? 0
    starts[hour + 1] = (starts[hour + 1] ?? 0) + 1
    if (hour === thisHour && day === today) continue
    days[hour]?.add(day)
    all.add(day)
    thisHour = hour
    today = day
  }
  for (let hour = 0; hour < 24; hour++) starts[hour + 1] = (starts[hour + 1] ?? 0) + (starts[hour] ?? 0)
  const values = new Float64Array(grid.index.length)
  const places = starts.slice()
  for (let i = 0; i < grid.index.length; i++) {
    const hour = hourOf(i)
    const place = places[hour] ?? 0
    values[place] = grid.value[i] ?? 0
    places[hour] = place + 1
  }
  const enough = Math.min(ENOUGH_DAYS, Math.max(1, Math.ceil(all.size / 2)))
  const raw = days.map((heard, h) =>
    heard.size < enough ? null : percentilesOf(values.subarray(starts[h] ?? 0, starts[h + 1] ?? 0).sort()),
  )
  return raw.map((levels, h) => ({
    minute: h * 60 + 30,
    days: days[h]?.size ?? 0,
    levels: levels === null ? null : smoothed(levels, raw[(h + 23) % 24] ?? null, raw[(h + 1) % 24] ?? null),
  }))
}

type Levels = readonly [number, number, number, number, number]

function percentilesOf(ascending: Float64Array): Levels {
  const at = (p: number): number => quantile(ascending, p) ?? Number.NaN
  const [a, b, c, d, e] = CURVE_PERCENTILES
  return [at(a), at(b), at(c), at(d), at(e)]
}

function smoothed(own: Levels, before: Levels | null, after: Levels | null): Levels {
  const mix = (k: 0 | 1 | 2 | 3 | 4): number => {
    const neighbours = [before, after].filter((levels) => levels !== null)
    const sum = neighbours.reduce((total, levels) => total + levels[k], 4 * own[k])
    return sum / (4 + neighbours.length)
  }
  return [mix(0), mix(1), mix(2), mix(3), mix(4)]
}

/** The curve between its points: straight, around midnight too; null where a neighbouring hour is empty. */
export function levelsAt(curve: readonly CurvePoint[], minute: number): Levels | null {
  const place = (minute - 30 + 1440) / 60
  const before = curve[Math.floor(place) % 24]?.levels ?? null
  const after = curve[(Math.floor(place) + 1) % 24]?.levels ?? null
  const t = place - Math.floor(place)
  if (before === null) return t > 0.5 ? after : null
  if (after === null) return t < 0.5 ? before : null
  const mix = (k: 0 | 1 | 2 | 3 | 4): number => before[k] + t * (after[k] - before[k])
  return [mix(0), mix(1), mix(2), mix(3), mix(4)]
}
