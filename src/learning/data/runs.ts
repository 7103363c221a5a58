/**
 * The 5-minute runs of one person: what Protocol W calls segments, on a grid that begins with each run's first reading.
 *
 * Law: a silence longer than 45 minutes ends a run; inside a run a cell's truth is the straight line between its two
 * neighbours.
 * Source: Protocol W after GlucoBench (its grid and its 45-minute limit); the scoring window of 2.5 minutes is half a step.
 */
import { type Samples, segments } from '../../series/index.ts'
import { withoutDoubledMinutes } from './trace.ts'

/** Seconds between two cells. */
export const STEP_SECONDS = 300
/** Cells a run needs: one window. */
export const RUN_CELLS = 36
/** A cell is real when a reading lies at most this far away, seconds. */
export const REAL_WITHIN_SECONDS = 150

/** Columns of one length. */
export interface Run {
  /** Instant, seconds since 1970 UTC. */
  readonly at: Float64Array
  /** Wall clock, seconds. */
  readonly local: Float64Array
  /** mg/dL on the line between the neighbours. */
  readonly value: Float64Array
  /** 1 where a reading lies within 2.5 minutes. */
  readonly real: Uint8Array
}

/** The runs of at least 36 cells (3 h), in time order. */
export function runsOf(glucose: Samples): readonly Run[] {
  const clean = withoutDoubledMinutes(glucose)
  return segments(clean)
    .map(({ first, end }) => runOf(clean, first, end))
    .filter(({ at }) => at.length >= RUN_CELLS)
}

function runOf({ at, local, value }: Samples, first: number, end: number): Run {
  const origin = at[first] ?? 0
  const cells = Math.floor(((at[end - 1] ?? 0) - origin) / STEP_SECONDS) + 1
  const run = {
    at: new Float64Array(cells),
    local: new Float64Array(cells),
    value: new Float64Array(cells),
    real: new Uint8Array(cells),
  }
  let i = first
  for (let k = 0; k < cells; k++) {
    const instant = origin + k * STEP_SECONDS
    while (i + 1 < end && (at[i + 1] ?? 0) <= instant) i++
    const from = at[i] ?? 0
    const before = value[i] ?? 0
    const until = i + 1 < end ? (at[i + 1] ?? 0) : from
    const after = i + 1 < end ? (value[i + 1] ?? 0) : before
    const share = until > from ? (instant - from) / (until - from) : 0
    run.at[k] = instant
    run.local[k] = instant + ((local[i] ?? 0) - from)
    run.value[k] = before + (after - before) * share
    const near = Math.min(instant - from, until > from ? until - instant : Number.POSITIVE_INFINITY)
    run.real[k] = near <= REAL_WITHIN_SECONDS ? 1 : 0
  }
  return run
}
