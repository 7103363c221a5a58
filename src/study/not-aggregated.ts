/** Why the updates of a round give no model. */
import { IsletError } from '../vocabulary/index.ts'

/** `ROUND_NOT_AGGREGATED` of so many sites. */
export function notAggregated(because: string, sites: number, cause?: unknown): IsletError {
  return new IsletError(
    'ROUND_NOT_AGGREGATED',
    'the updates of this round give no model',
    { because, sites },
    { remedy: 'Open another round; the report of this one names who was missing.', cause },
  )
}
