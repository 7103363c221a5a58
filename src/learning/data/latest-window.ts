/**
 * The window that ends with a person's latest reading: what a model is asked about now.
 *
 * Law: the window is the one that `online` cutting makes at this reading; two hours without a silence of more than 45
 * minutes are needed, else nothing is said.
 */
import { GAP_LIMIT_SECONDS } from '../../series/index.ts'
import { IsletError } from '../../vocabulary/index.ts'
import { CONTEXT_STEPS, windowBefore } from './cut-windows.ts'
import { STEP_SECONDS } from './runs.ts'
import { type PersonTrace, withoutDoubledMinutes } from './trace.ts'
import type { Windows } from './windows.ts'

/** One window without targets. Throws `CONTEXT_TOO_SHORT`. */
export function latestWindow(trace: PersonTrace, withEvents: boolean): Windows {
  const glucose = withoutDoubledMinutes(trace.glucose)
  const { at } = glucose
  const anchor = at.length - 1
  const from = (at[anchor] ?? 0) - (CONTEXT_STEPS - 1) * STEP_SECONDS
  let i = anchor
  while (i > 0 && (at[i] ?? 0) > from) {
    if ((at[i] ?? 0) - (at[i - 1] ?? 0) > GAP_LIMIT_SECONDS) throw tooShort()
    i--
  }
  if (anchor < 0 || (at[i] ?? 0) > from) throw tooShort()
  return windowBefore(trace, glucose, anchor, withEvents)
}

function tooShort(): IsletError {
  return new IsletError(
    'CONTEXT_TOO_SHORT',
    'the two hours before the latest reading are not there without a gap of more than 45 minutes',
    {},
    { remedy: 'give an export that ends with at least two hours of readings' },
  )
}
