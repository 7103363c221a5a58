/**
 * From records to hours that can be sealed: grouped by kind and UTC hour, in the order given.
 */
import type { HealthRecord } from '../series/index.ts'
import { hourOf, type Kind, type UtcHour } from '../vocabulary/index.ts'
import { kindOfRecord } from './record-kinds.ts'

/** Records by kind and hour; hours in order of first appearance. Throws `HOUR_OUT_OF_RANGE` outside 1900–2139. */
export function hoursOfRecords(
  records: readonly HealthRecord[],
): ReadonlyMap<Kind, ReadonlyMap<UtcHour, readonly HealthRecord[]>> {
  const kinds = new Map<Kind, Map<UtcHour, HealthRecord[]>>()
  for (const record of records) {
    const kind = kindOfRecord(record)
    const hours = kinds.get(kind) ?? new Map<UtcHour, HealthRecord[]>()
    kinds.set(kind, hours)
    const hour = hourOf(record.at)
    const held = hours.get(hour)
    if (held === undefined) hours.set(hour, [record])
    else held.push(record)
  }
  return kinds
}
