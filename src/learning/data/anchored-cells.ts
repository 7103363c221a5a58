/**
 * The cells around one reading: 2 h back and 1 h on, every 5 minutes from that reading.
 *
 * Law: a cell at or before the anchor lies on the line between readings that had come by then, so nothing of the context
 * comes from after it, however unsteady the clock of the sensor is; the anchor itself is a reading as it was measured.
 */
import type { Samples } from '../../series/index.ts'
import { REAL_WITHIN_SECONDS, type Run, STEP_SECONDS } from './runs.ts'

/** A run of `cells` empty cells, to be filled again and again. */
export function emptyCells(cells: number): Run {
  return {
    at: new Float64Array(cells),
    local: new Float64Array(cells),
    value: new Float64Array(cells),
    real: new Uint8Array(cells),
  }
}

/**
 * Fills the cells around reading `anchor`: `context` of them end with it, the others follow. Readings must lie on both
 * sides of every cell; after the last reading its value stays.
 */
export function fillCells(run: Run, { at, local, value }: Samples, anchor: number, context: number): void {
  const instant = at[anchor] ?? 0
  const cells = run.at.length
  let i = anchor
  for (let k = context - 1; k >= 0; k--) {
    const own = instant - (context - 1 - k) * STEP_SECONDS
    while (i > 0 && (at[i] ?? 0) > own) i--
    fillCell(k, own)
  }
  i = anchor
  for (let k = context; k < cells; k++) {
    const own = instant + (k - context + 1) * STEP_SECONDS
    while (i + 1 < at.length && (at[i + 1] ?? 0) <= own) i++
    fillCell(k, own)
  }

  function fillCell(k: number, own: number): void {
    const from = at[i] ?? 0
    const before = value[i] ?? 0
    const until = at[i + 1] ?? from
    const after = value[i + 1] ?? before
    const share = own > from && until > from ? (own - from) / (until - from) : 0
    run.at[k] = own
    run.local[k] = own + ((local[i] ?? 0) - from)
    run.value[k] = before + (after - before) * share
    const near = Math.min(
      Math.abs(own - from),
      until > from ? Math.abs(until - own) : Number.POSITIVE_INFINITY,
    )
    run.real[k] = near <= REAL_WITHIN_SECONDS ? 1 : 0
  }
}
