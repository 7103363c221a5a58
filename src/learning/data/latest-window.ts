/**
 * The window that ends with a person's latest reading: what a model is asked about now.
 *
 * Law: cells lie every 5 minutes back from the latest reading and hold the last value at or before them; two hours without
 * a silence of more than 45 minutes are needed, else nothing is said.
 */
import { GAP_LIMIT_SECONDS } from '../../series/index.ts'
import { IsletError } from '../../vocabulary/index.ts'
import { CONTEXT_STEPS, cutWindows, HORIZON_STEPS } from './cut-windows.ts'
import { STEP_SECONDS } from './runs.ts'
import { type PersonTrace, withoutDoubledMinutes } from './trace.ts'
import type { Windows } from './windows.ts'

/** One window without targets. Throws `CONTEXT_TOO_SHORT`. */
export function latestWindow(trace: PersonTrace, withEvents: boolean): Windows {
  const { at, local, value } = withoutDoubledMinutes(trace.glucose)
  const anchor = at[at.length - 1] ?? 0
  const offset = (local[local.length - 1] ?? 0) - anchor
  const from = anchor - (CONTEXT_STEPS - 1) * STEP_SECONDS
  const cells = CONTEXT_STEPS + HORIZON_STEPS
  const run = {
    at: Float64Array.from({ length: cells }, (_, k) => from + k * STEP_SECONDS),
    local: Float64Array.from({ length: cells }, (_, k) => from + k * STEP_SECONDS + offset),
    value: new Float64Array(cells),
    held: new Float64Array(cells),
    real: new Uint8Array(cells),
  }
  let i = at.length - 1
  let newer = anchor
  for (let k = CONTEXT_STEPS - 1; k >= 0; k--) {
    while (i >= 0 && (at[i] ?? 0) > (run.at[k] ?? 0)) {
      newer = at[i] ?? 0
      i--
    }
    if (i < 0 || newer - (at[i] ?? 0) > GAP_LIMIT_SECONDS) throw tooShort()
    run.held[k] = value[i] ?? 0
  }
  const stretches = [{ run, first: 0, end: cells }]
  return cutWindows([{ trace, stretches }], { stride: 1, mode: 'online', withEvents })
}

function tooShort(): IsletError {
  return new IsletError(
    'CONTEXT_TOO_SHORT',
    'the two hours before the latest reading are not there without a gap of more than 45 minutes',
    {},
    { remedy: 'give an export that ends with at least two hours of readings' },
  )
}
