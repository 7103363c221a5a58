/** A trace as a path: where an instant and a value lie in a box, and the line through readings with its gaps. */
import type { Point } from './trend.ts'

const GAP_SECONDS = 16 * 60
/** The lowest value that a box shows, mg/dL. */
const BOTTOM_MGDL = 40

export interface Box {
  readonly width: number
  readonly height: number
  /** Left of the first instant. */
  readonly left?: number
  readonly from: number
  readonly until: number
  /** The highest value shown, mg/dL; what lies above is drawn there. */
  readonly top: number
}

export function scaleOf({ width, height, left = 0, from, until, top }: Box) {
  return {
    x: (at: number): number => left + ((at - from) / (until - from)) * (width - left),
    y: (mgdl: number): number => height * (1 - (Math.min(mgdl, top) - BOTTOM_MGDL) / (top - BOTTOM_MGDL)),
  }
}

/** A gap of more than a quarter of an hour is left open. */
export function linePath(
  points: readonly Point[],
  x: (at: number) => number,
  y: (mgdl: number) => number,
): string {
  return points
    .map(({ at, mgdl }, i) => {
      const before = points[i - 1]
      const move = before === undefined || at - before.at > GAP_SECONDS
      return `${move ? 'M' : 'L'}${x(at).toFixed(1)} ${y(mgdl).toFixed(1)}`
    })
    .join('')
}

/** A band that opens from a point, closed; empty where there is no point. */
export function bandPath(
  start: Point | undefined,
  band: readonly { readonly at: number; readonly low: number; readonly high: number }[],
  x: (at: number) => number,
  y: (mgdl: number) => number,
): string {
  if (start === undefined) return ''
  const corners = [
    start,
    ...band.map(({ at, high }) => ({ at, mgdl: high })),
    ...band.map(({ at, low }) => ({ at, mgdl: low })).reverse(),
  ]
  return `M${corners.map(({ at, mgdl }) => `${x(at).toFixed(1)} ${y(mgdl).toFixed(1)}`).join('L')}Z`
}
