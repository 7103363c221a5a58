/**
 * The closed loop of the dose check, as a dose policy sees it: devices' notes with settings that may be wrong by a factor.
 *
 * Scenario: src/physiology/closed-loop.ts; sensor noise is seeded; range times are judged on the true glucose under the
 * skin, every five minutes. Everything is simulated.
 */
import { virtualRecord } from '../../src/forecast/index.ts'
import { timeInRanges, traceOf } from '../../src/glycemia/index.ts'
import type { DoseLimits, DoseRecord } from '../../src/learning/index.ts'
import {
  type ClosedLoop,
  type DeviceLog,
  LOOP_START,
  liveClosedLoop,
  type Random,
} from '../../src/physiology/index.ts'
import type { Glucose } from '../../src/series/index.ts'
import {
  type InsulinUnits,
  type LocalSeconds,
  type MgPerDl,
  quantity,
  type UnixSeconds,
} from '../../src/vocabulary/index.ts'

/** Units for a meal, from what the person's devices know. */
export type Policy = (record: DoseRecord, at: number, carbs: number, random: Random) => number

interface Loop extends Omit<ClosedLoop, 'policy'> {
  /** Factor on the carbohydrate ratio and the correction factor that the policy is given; 1 = as the care team would set. */
  readonly setting: number
  readonly policy: Policy
}

interface Lived {
  readonly record: DoseRecord
  /** True glucose after the run-in, one reading every five minutes. */
  readonly truth: readonly Glucose[]
}

export const LIMITS: DoseLimits = {
  mostUnits: quantity<InsulinUnits>(25),
  mostOnBoard: quantity<InsulinUnits>(30),
  share: 0.25,
  correctFrom: quantity<MgPerDl>(100),
  fallingRate: -1,
  lowGlucose: quantity<MgPerDl>(70),
  increment: quantity<InsulinUnits>(0.05),
}

/** Lives the days of a loop. */
export function live({ setting, policy, ...loop }: Loop): Lived {
  const { patient } = loop
  const recordOf = (log: DeviceLog): DoseRecord => virtualRecord(patient, setting, log)
  const lived = liveClosedLoop({
    ...loop,
    policy: (log, at, carbs, random) => policy(recordOf(log), at, carbs, random),
  })
  return { record: recordOf(lived.log), truth: lived.truth.map(glucoseOf) }
}

/** Time in 70–180, below 70 and below 54 mg/dL, percent of the readings, and how many they were. */
export function ranges(truth: readonly Glucose[]): {
  readonly tir: number
  readonly below70: number
  readonly below54: number
  readonly readings: number
} {
  const shares = timeInRanges(traceOf(truth))
  return {
    tir: shares.from70to180 ?? Number.NaN,
    below70: shares.below70 ?? Number.NaN,
    below54: shares.below54 ?? Number.NaN,
    readings: truth.length,
  }
}

function glucoseOf({ at, value }: { readonly at: number; readonly value: number }): Glucose {
  return {
    type: 'glucose',
    at: quantity<UnixSeconds>(at),
    local: quantity<LocalSeconds>(at),
    tick: at - LOOP_START,
    device: 0,
    value,
    unit: 'mg/dL',
    method: 'cgm',
  }
}
