/**
 * The identity of a record within its source, and merging an import into what is there.
 *
 * Law: importing a file twice adds nothing; importing a longer export of the same device adds only what is new.
 * The key holds type, instant (to the millisecond), device tick and content, and no device number, because running
 * numbers differ between exports. It compares records of one source: the same reading told by two sources (Clarity and
 * Nightscout) differs in seconds and rounding and stays two records. A file read once with and once without a zone
 * gives different instants, hence different records: choose the zone once.
 */
import type { HealthRecord } from '../series/index.ts'

/** A text that is equal for two records exactly if they say the same thing about the same moment. */
export function recordKey(record: HealthRecord): string {
  return `${record.type}|${Math.round(record.at * 1000)}|${record.tick ?? ''}|${contentKey(record)}`
}

function contentKey(record: HealthRecord): string {
  switch (record.type) {
    case 'glucose':
      return `${record.method}|${record.value}|${record.unit}|${record.text ?? ''}`
    case 'insulin':
      return `${record.delivery}|${record.units}|${record.seconds ?? ''}`
    case 'meal':
      return `${record.carbs}`
    case 'activity':
      return `${record.seconds ?? ''}|${record.intensity ?? ''}`
    case 'laboratory':
      return `${record.code}|${record.value}|${record.unit}`
    case 'note':
      return record.text
    case 'device':
      return record.event
    default:
      return record satisfies never
  }
}

/** By instant, then device tick; equal ones keep their order. */
export function compareRecords(a: HealthRecord, b: HealthRecord): number {
  return a.at - b.at || (a.tick ?? 0) - (b.tick ?? 0)
}

export interface Merged {
  /** Incoming records that were not there, in order. */
  readonly added: readonly HealthRecord[]
  /** How many incoming records were there already. */
  readonly duplicate: number
}

/**
 * What an import of one source adds to the records held of that source. Two equal records of two devices count twice:
 * the comparison is one of multisets.
 */
export function mergeRecords(existing: Iterable<HealthRecord>, incoming: Iterable<HealthRecord>): Merged {
  const held = new Map<string, number>()
  for (const record of existing) {
    const key = recordKey(record)
    held.set(key, (held.get(key) ?? 0) + 1)
  }
  const added: HealthRecord[] = []
  let duplicate = 0
  for (const record of incoming) {
    const key = recordKey(record)
    const left = held.get(key) ?? 0
    if (left > 0) {
      held.set(key, left - 1)
      duplicate++
    } else added.push(record)
  }
  return { added: added.sort(compareRecords), duplicate }
}
