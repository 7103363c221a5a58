/**
 * A person's records → what dose support looks at: sensor glucose, boluses, meals and the care team's settings.
 *
 * Law: values are converted to mg/dL once, here; finger sticks are left out. Boluses count as known from the first one on:
 * before it nothing says that they were written down.
 */
import type { DoseRecord, Events, Therapy } from '../../learning/index.ts'
import { type HealthRecord, type Insulin, samplesOf } from '../../series/index.ts'
import { type MmolPerL, quantity, toMgPerDl, type UnixSeconds } from '../../vocabulary/index.ts'

/** Deliveries of insulin for a meal or a correction. */
const BOLUSES: ReadonlySet<Insulin['delivery']> = new Set(['bolus', 'rapid-acting', 'correction'])

export function doseRecordOf(records: readonly HealthRecord[], therapy: Therapy): DoseRecord {
  const glucose = records
    .filter((record) => record.type === 'glucose')
    .filter(({ method }) => method !== 'smbg')
  const boluses = eventsOf(
    records.filter((record) => record.type === 'insulin').filter(({ delivery }) => BOLUSES.has(delivery)),
    ({ units }) => units,
  )
  return {
    glucose: samplesOf(glucose, ({ value, unit }) =>
      unit === 'mg/dL' ? value : toMgPerDl(quantity<MmolPerL>(value)),
    ),
    boluses,
    meals: eventsOf(
      records.filter((record) => record.type === 'meal'),
      ({ carbs }) => carbs,
    ),
    therapy,
    bolusesKnownSince: boluses.at[0] ?? Number.POSITIVE_INFINITY,
  }
}

function eventsOf<T extends { readonly at: UnixSeconds }>(
  records: readonly T[],
  amount: (record: T) => number,
): Events {
  const sorted = [...records].sort((a, b) => a.at - b.at)
  return { at: Float64Array.from(sorted, ({ at }) => at), amount: Float64Array.from(sorted, amount) }
}
