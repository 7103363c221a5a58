/** Health records as an answer carries them: open objects, told apart by what the screens read of them. */
import type { HealthRecord } from '../../series/index.ts'

/** The records that the screens can draw. */
export function healthRecords(values: readonly object[]): readonly HealthRecord[] {
  return values.filter(isHealthRecord)
}

function isHealthRecord(value: object): value is HealthRecord {
  const has = (name: string, type: string): boolean => typeof Reflect.get(value, name) === type
  if (!has('at', 'number') || !has('local', 'number')) return false
  switch (Reflect.get(value, 'type')) {
    case 'glucose':
      return has('value', 'number') && has('unit', 'string') && has('method', 'string')
    case 'insulin':
      return has('units', 'number') && has('delivery', 'string')
    case 'meal':
      return has('carbs', 'number')
    default:
      return false
  }
}
