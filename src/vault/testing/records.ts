/**
 * Arbitrary records of one hour, for property tests: every type, every optional member there or not, odd numbers.
 */
import fc from 'fast-check'
import type { Glucose, HealthRecord } from '../../series/index.ts'
import {
  type Kind,
  type LocalSeconds,
  quantity,
  startOfHour,
  type UnixSeconds,
  type UtcHour,
} from '../../vocabulary/index.ts'

/** 2025-06-29T00:00Z, the first hour of a UTC day. */
export const SOME_HOUR = quantity<UtcHour>(1_100_016)

const finite = fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => value + 0)
const text = fc.string({ unit: 'grapheme', maxLength: 60 }).filter((value) => value.isWellFormed())
const optional = { requiredKeys: [] }

function timed(hour: UtcHour): fc.Arbitrary<Pick<Glucose, 'at' | 'local' | 'tick' | 'device'>> {
  const second = fc.oneof(fc.integer({ min: 0, max: 3599 }), fc.double({ min: 0, max: 3599, noNaN: true }))
  const clocks = fc.record({ at: second, local: finite }).map(({ at, local }) => ({
    at: quantity<UnixSeconds>(startOfHour(hour) + at),
    local: quantity<LocalSeconds>(local === 0 ? 0 : local),
  }))
  const device = fc.record({ tick: positiveZero, device: fc.nat(2 ** 31 - 1) }, optional)
  return fc.tuple(clocks, device).map(([a, b]) => ({ ...a, ...b }))
}

const positiveZero = finite.map((value) => (value === 0 ? 0 : value))

export function glucoseIn(hour: UtcHour): fc.Arbitrary<Glucose> {
  const own = fc.record(
    {
      type: fc.constant('glucose' as const),
      value: fc.oneof(fc.double({ min: 1, max: 600, noNaN: true }), finite),
      unit: fc.constantFrom('mg/dL' as const, 'mmol/L' as const),
      method: fc.constantFrom('cgm' as const, 'scan' as const, 'smbg' as const),
      text: fc.constantFrom('low' as const, 'high' as const),
    },
    { requiredKeys: ['type', 'value', 'unit', 'method'] },
  )
  return fc.tuple(timed(hour), own).map(([a, b]) => ({ ...a, ...b }))
}

/** Records of a kind other than glucose. */
export function othersIn(hour: UtcHour, kind: Kind): fc.Arbitrary<HealthRecord> {
  const json = positiveZero
  const own: Record<string, fc.Arbitrary<object>> = {
    insulin: fc.record(
      {
        type: fc.constant('insulin'),
        units: json,
        delivery: fc.constantFrom('bolus', 'basal'),
        seconds: json,
      },
      { requiredKeys: ['type', 'units', 'delivery'] },
    ),
    meals: fc.oneof(
      fc.record({ type: fc.constant('meal'), carbs: json }),
      fc.record(
        { type: fc.constant('activity'), seconds: json, intensity: text },
        { requiredKeys: ['type'] },
      ),
    ),
    laboratory: fc.record({ type: fc.constant('laboratory'), code: text, value: json, unit: text }),
    notes: fc.record({ type: fc.constant('note'), text: fc.oneof(text, fc.string({ maxLength: 3000 })) }),
    device: fc.record({ type: fc.constant('device'), event: text }),
  }
  // The shapes above are those of records.ts; the sealing under test is what would refuse others.
  return fc.tuple(timed(hour), own[kind] ?? fc.constant({})).map(([a, b]) => ({ ...a, ...b }) as HealthRecord)
}

/** A plain five-minute glucose hour: what most sensors give. */
export function plainHour(hour: UtcHour, readings = 12): readonly Glucose[] {
  return Array.from({ length: readings }, (_, i) => {
    const at = startOfHour(hour) + (i * 3600) / Math.max(12, readings)
    return {
      type: 'glucose' as const,
      at: quantity<UnixSeconds>(at),
      local: quantity<LocalSeconds>(at + 7200),
      value: 70 + ((hour * 7 + i * 13) % 150),
      unit: 'mg/dL' as const,
      method: 'cgm' as const,
      device: 0,
    }
  })
}
