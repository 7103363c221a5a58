/** Readings of a continuous sensor, one every five minutes, without chance: what every bench seals and opens. */
import type { Glucose } from '../../src/series/index.ts'
import {
  hourOf,
  type LocalSeconds,
  quantity,
  startOfHour,
  type UnixSeconds,
  type UtcHour,
} from '../../src/vocabulary/index.ts'

export const READINGS_PER_HOUR = 12
/** Readings of a year without a gap. */
export const YEAR = 105_120
/** Bytes of one reading packed: an instant and a value as doubles. */
export const PACKED_BYTES = 16

/** `count` readings that end with the hour before `until`; `person` makes one differ from another. */
export function readings(count: number, until: number, person = 0): readonly Glucose[] {
  const last = hourOf(quantity<UnixSeconds>(until))
  const first = startOfHour(quantity<UtcHour>(last - Math.ceil(count / READINGS_PER_HOUR)))
  return Array.from({ length: count }, (_, i) => reading(first + 300 * i, first, person, i))
}

function reading(at: number, first: number, person: number, i: number): Glucose {
  return {
    type: 'glucose',
    at: quantity<UnixSeconds>(at),
    local: quantity<LocalSeconds>(at + 7200),
    tick: at - first,
    device: 0,
    value: 60 + ((person * 31 + i * 7 + (i % 288)) % 240),
    unit: 'mg/dL',
    method: 'cgm',
  }
}

/** Bytes of one reading as the JSON that a source gives. */
export function jsonBytes(records: readonly Glucose[]): number {
  return JSON.stringify(records).length / records.length
}
