/**
 * Virtual patients who eat announced meals and dose by a policy: the closed loop of the dose check. Everything is simulated.
 *
 * Scenario: 45/70/15/80/10 g at 7/12/16/18/23 h each day (adolescents × 0.8, children × 0.5); basal insulin as in the table;
 * whoever's sensor shows less than 65 mg/dL eats 16 g (children 8 g), at most every 20 minutes, as in physiology's people;
 * the policy sees the sensor (noise seeded), the announced grams and settings that may be wrong by a stated factor; range
 * times are judged on the true glucose under the skin, every five minutes.
 */
import { timeInRanges, traceOf } from '../../src/glycemia/index.ts'
import type { DoseLimits, DoseRecord } from '../../src/learning/index.ts'
import {
  Body,
  carbRatioOf,
  FIVE_MINUTE_SENSOR,
  type Random,
  randomStream,
  Sensor,
  type VirtualPatient,
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

export interface Loop {
  readonly patient: VirtualPatient
  readonly seed: number
  readonly days: number
  /** Days at the start that are lived but not judged. */
  readonly runIn: number
  /** Factor on the carbohydrate ratio and the correction factor that the policy is given; 1 = as the care team would set. */
  readonly setting: number
  readonly policy: Policy
  /** Meals drawn at random instead of the announced ones, for training. */
  readonly varied?: boolean
}

export interface Lived {
  readonly record: DoseRecord
  /** True glucose after the run-in, one reading every five minutes. */
  readonly truth: readonly Glucose[]
}

export const TARGET = quantity<MgPerDl>(120)
export const LIMITS: DoseLimits = {
  mostUnits: quantity<InsulinUnits>(25),
  mostOnBoard: quantity<InsulinUnits>(30),
  share: 0.25,
  correctFrom: quantity<MgPerDl>(100),
  fallingRate: -1,
  lowGlucose: quantity<MgPerDl>(70),
  increment: quantity<InsulinUnits>(0.05),
}

const MEALS = [
  [7, 45],
  [12, 70],
  [16, 15],
  [18, 80],
  [23, 10],
] as const
const SCALE = { adult: 1, adolescent: 0.8, child: 0.5 } as const
const RESCUE_GRAMS = { adult: 16, adolescent: 16, child: 8 } as const
const RESCUE_BELOW = 65
const RESCUE_EVERY_MINUTES = 20
const START = 1_767_571_200
const READING_MINUTES = 5

/** Lives the days of a loop. */
export function live(loop: Loop): Lived {
  const { patient, seed, days, runIn, setting, policy } = loop
  const body = new Body(patient)
  const sensor = new Sensor(FIVE_MINUTE_SENSOR, randomStream(seed, patient.name, 'sensor'))
  const random = randomStream(seed, patient.name, 'life')
  const log = new Log(patient, setting)
  const truth: Glucose[] = []
  let meals = mealsOf(loop, random)
  let rescued = Number.NEGATIVE_INFINITY
  for (let minute = 0; minute < days * 1440; minute++) {
    const ofDay = minute % 1440
    if (minute > 0 && ofDay === 0) meals = mealsOf(loop, random)
    const reading = sensor.read(minute, body.glucose, ofDay < 420)
    if (reading?.kind === 'value') log.glucose(minute, reading.mgPerDl)
    const shown = reading?.kind === 'low' ? 0 : reading?.kind === 'value' ? reading.mgPerDl : RESCUE_BELOW
    if (reading?.kind === 'low') log.glucose(minute, FIVE_MINUTE_SENSOR.lowest)
    if (reading?.kind === 'high') log.glucose(minute, FIVE_MINUTE_SENSOR.highest)
    if (minute >= runIn * 1440 && minute % READING_MINUTES === 0) truth.push(glucoseOf(minute, body.glucose))
    let carbs = meals.get(ofDay) ?? 0
    let units = 0
    if (carbs > 0) {
      units = policy(log.record(), START + minute * 60, carbs, random)
      log.meal(minute, carbs, units)
    } else if (shown < RESCUE_BELOW && minute - rescued >= RESCUE_EVERY_MINUTES) {
      carbs = RESCUE_GRAMS[patient.group]
      rescued = minute
      log.meal(minute, carbs, 0)
    }
    body.step({ carbs, insulin: patient.basalRate / 60 + units })
  }
  return { record: log.record(), truth }
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

function mealsOf({ patient, varied }: Loop, random: Random): ReadonlyMap<number, number> {
  const meals = new Map<number, number>()
  for (const [hour, grams] of MEALS) {
    const minute = hour * 60 + (varied ? Math.round(40 * random.normal()) : 0)
    const amount = grams * SCALE[patient.group] * (varied ? Math.exp(0.35 * random.normal()) : 1)
    if (varied && random.chance(0.15)) continue
    meals.set(Math.max(5, Math.min(1435, minute)), Math.max(3, Math.round(amount)))
  }
  return meals
}

function glucoseOf(minute: number, value: number): Glucose {
  const at = START + minute * 60
  return {
    type: 'glucose',
    at: quantity<UnixSeconds>(at),
    local: quantity<LocalSeconds>(at),
    tick: minute * 60,
    device: 0,
    value,
    unit: 'mg/dL',
    method: 'cgm',
  }
}

/** What the person's devices wrote down. */
class Log {
  private readonly seen: { at: number[]; value: number[] } = { at: [], value: [] }
  private readonly eaten: { at: number[]; amount: number[] } = { at: [], amount: [] }
  private readonly dosed: { at: number[]; amount: number[] } = { at: [], amount: [] }
  private readonly patient: VirtualPatient
  private readonly setting: number

  constructor(patient: VirtualPatient, setting: number) {
    this.patient = patient
    this.setting = setting
  }

  glucose(minute: number, value: number): void {
    this.seen.at.push(START + minute * 60)
    this.seen.value.push(value)
  }

  meal(minute: number, carbs: number, units: number): void {
    this.eaten.at.push(START + minute * 60)
    this.eaten.amount.push(carbs)
    if (units <= 0) return
    this.dosed.at.push(START + minute * 60)
    this.dosed.amount.push(units)
  }

  record(): DoseRecord {
    const at = Float64Array.from(this.seen.at)
    return {
      glucose: { at, local: at, value: Float64Array.from(this.seen.value) },
      boluses: { at: Float64Array.from(this.dosed.at), amount: Float64Array.from(this.dosed.amount) },
      meals: { at: Float64Array.from(this.eaten.at), amount: Float64Array.from(this.eaten.amount) },
      therapy: {
        carbRatio: carbRatioOf(this.patient) * this.setting,
        correctionFactor: this.patient.correctionFactor * this.setting,
        target: TARGET,
      },
      bolusesKnownSince: START - 86_400,
    }
  }
}
