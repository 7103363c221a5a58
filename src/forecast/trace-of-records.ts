/**
 * A person's records → what forecasting learns from: sensor glucose in mg/dL, insulin for meals and corrections, meals.
 *
 * Law: finger sticks are left out, another instrument on another clock; values are converted here, once.
 */
import type { Events, PersonTrace } from '../learning/index.ts'
import { type Glucose, type HealthRecord, type Insulin, type Meal, samplesOf } from '../series/index.ts'
import { type MmolPerL, quantity, toMgPerDl, type UnixSeconds } from '../vocabulary/index.ts'

/** Deliveries of insulin for a meal or a correction. */
const BOLUSES: ReadonlySet<Insulin['delivery']> = new Set(['bolus', 'rapid-acting', 'correction'])

export function traceOfRecords(id: string, records: readonly HealthRecord[]): PersonTrace {
  return { id, ...observedIn(records) }
}

/** The same without saying whose it is. */
export function observedIn(records: readonly HealthRecord[]): Omit<PersonTrace, 'id'> {
  const glucose: Glucose[] = []
  const boluses: Insulin[] = []
  const meals: Meal[] = []
  for (const record of records) {
    if (record.type === 'glucose') {
      if (record.method !== 'smbg') glucose.push(record)
    } else if (record.type === 'insulin') {
      if (BOLUSES.has(record.delivery)) boluses.push(record)
    } else if (record.type === 'meal') meals.push(record)
  }
  return {
    glucose: samplesOf(glucose, ({ value, unit }) =>
      unit === 'mg/dL' ? value : toMgPerDl(quantity<MmolPerL>(value)),
    ),
    ...(boluses.length === 0 ? {} : { boluses: eventsOf(boluses, ({ units }) => units) }),
    ...(meals.length === 0 ? {} : { meals: eventsOf(meals, ({ carbs }) => carbs) }),
  }
}

function eventsOf<T extends { readonly at: UnixSeconds }>(
  records: readonly T[],
  amount: (record: T) => number,
): Events {
  const sorted = [...records].sort((a, b) => a.at - b.at)
  return { at: Float64Array.from(sorted, ({ at }) => at), amount: Float64Array.from(sorted, amount) }
}
