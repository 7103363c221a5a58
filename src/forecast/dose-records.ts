/**
 * A person's records → what dose support looks at: sensor glucose, boluses, meals and the care team's settings.
 *
 * Law: boluses count as known from the first one on:
 * before it nothing says that they were written down.
 */
import type { DoseRecord, Events, Therapy } from '../learning/index.ts'
import type { HealthRecord } from '../series/index.ts'
import { observedIn } from './trace-of-records.ts'

const NONE: Events = { at: new Float64Array(), amount: new Float64Array() }

export function doseRecordOf(records: readonly HealthRecord[], therapy: Therapy): DoseRecord {
  const { glucose, boluses = NONE, meals = NONE } = observedIn(records)
  return {
    glucose,
    boluses,
    meals,
    therapy,
    bolusesKnownSince: boluses.at[0] ?? Number.POSITIVE_INFINITY,
  }
}
