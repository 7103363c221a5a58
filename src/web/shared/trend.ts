/**
 * Which way glucose goes: the slope of a straight line through the last quarter of an hour.
 *
 * Source of the steps: arrows of common sensors change at 1 and 2 mg/dL per minute (Klonoff & Kerr 2017, table 1).
 * Law: with fewer than three readings, or a gap before the last, there is no arrow.
 */
export interface Point {
  /** Seconds since 1970. */
  readonly at: number
  readonly mgdl: number
}

export type Trend = 'rising' | 'falling' | 'rising-fast' | 'falling-fast' | 'steady'

const SPAN_SECONDS = 16 * 60

/** The trend at the last point, or undefined; points in order of time. */
export function trendOf(points: readonly Point[]): Trend | undefined {
  const perMinute = slopeOf(points)
  if (perMinute === undefined) return undefined
  if (Math.abs(perMinute) < 1) return 'steady'
  const fast = Math.abs(perMinute) >= 2
  if (perMinute > 0) return fast ? 'rising-fast' : 'rising'
  return fast ? 'falling-fast' : 'falling'
}

/** The slope at the last point, mg/dL per minute, or undefined as for the trend. */
function slopeOf(points: readonly Point[]): number | undefined {
  const last = points.at(-1)
  if (last === undefined) return undefined
  const recent = points.filter(({ at }) => at > last.at - SPAN_SECONDS)
  if (recent.length < 3) return undefined
  const mean = (pick: (point: Point) => number): number =>
    recent.reduce((sum, point) => sum + pick(point), 0) / recent.length
  const [middle, level] = [mean(({ at }) => at), mean(({ mgdl }) => mgdl)]
  const spread = recent.reduce((sum, { at }) => sum + (at - middle) ** 2, 0)
  if (spread === 0) return undefined
  return (60 * recent.reduce((sum, { at, mgdl }) => sum + (at - middle) * (mgdl - level), 0)) / spread
}

export const ARROWS: Readonly<Record<Trend, string>> = {
  'rising-fast': '↑',
  rising: '↗',
  steady: '→',
  falling: '↘',
  'falling-fast': '↓',
}
