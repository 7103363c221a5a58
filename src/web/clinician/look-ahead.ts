/**
 * Half an hour ahead by the straight line through the last quarter of an hour: the plainest forecast there is.
 *
 * Limit, stated: it is a trend and no trained model; it is shown only where the last readings are fresh and lie close.
 */
import { type Point, slopeOf } from '../shared/trend.ts'

const FRESH_SECONDS = 15 * 60
const AHEAD_MINUTES = 30

/** mg/dL in half an hour, 40–400; undefined where the readings do not say. */
export function ahead(points: readonly Point[], now: number): number | undefined {
  const last = points.at(-1)
  const slope = slopeOf(points)
  if (last === undefined || slope === undefined || now - last.at > FRESH_SECONDS) return undefined
  return Math.max(40, Math.min(400, last.mgdl + slope * AHEAD_MINUTES))
}
