/**
 * One virtual person's days: eating, counting, dosing, forgetting, correcting; what the devices wrote down of it.
 *
 * Laws: every set says that it is simulated, in its first record; the wall clock has a fixed offset from UTC; what the
 * meal record holds is what the person counted, as in a real log, not what the simulator knows.
 * Source: extras of data-and-formats 4.2: sensitivity from day to day and over the day, carbohydrate miscounted, boluses
 * missed, rescue carbohydrate below 65 mg/dL at most every 20 minutes, pump suspended below 60 mg/dL.
 */
import type { Glucose, HealthRecord } from '../series/index.ts'
import {
  type GlucoseUnit,
  type Grams,
  type InsulinUnits,
  type LocalSeconds,
  type MgPerDl,
  quantity,
  toMmolPerL,
  type UnixSeconds,
} from '../vocabulary/index.ts'
import { carbRatioOf } from './carb-ratio.ts'
import type { SiteHabits, Traits } from './habits.ts'
import { dayOfMeals } from './meals.ts'
import type { VirtualPatient } from './patient.ts'
import { deliverableBasal, deliverableBolus, PUMPS, type PumpModel } from './pump.ts'
import type { Random } from './random.ts'
import { Sensor, type SensorReading } from './sensor.ts'
import { Body } from './uva-padova.ts'

/** The words of the device record that opens every generated set. */
export const SIMULATED_EVENT = 'simulated: UVA/Padova 2008 virtual patient'

export interface Life {
  readonly patient: VirtualPatient
  readonly habits: SiteHabits
  readonly traits: Traits
  readonly start: UnixSeconds
  /** Wall clock minus UTC. */
  readonly offsetMinutes: number
  readonly days: number
  /** Streams of their own for life and sensor, so that another sensor leaves the meals as they are. */
  readonly lifeRandom: Random
  readonly sensorRandom: Random
}

const DAY_SECONDS = 86_400
const RESCUE_BELOW = 65
const RESCUE_EVERY_MINUTES = 20
const SUSPEND_BELOW = 60
const CORRECT_ABOVE = 150
const CORRECT_TO = 140
const DAILY_WAVE = 0.3
const RESCUE_GRAMS = { adult: 16, adolescent: 16, child: 8 } as const
const MEAL_FACTOR = { adult: 1, adolescent: 1, child: 0.6 } as const
const SLEEPS_UNTIL_MINUTE = 7 * 60

/** A life that goes on: what is asked for later is what would have been written down at once. */
export interface Living {
  /** What was written down since the last call, up to an instant, in order of time. */
  until(at: UnixSeconds): readonly HealthRecord[]
}

/** Lives through the days and returns the records in order of time. */
export function live(life: Life): readonly HealthRecord[] {
  return living(life).until(quantity<UnixSeconds>(life.start + life.days * DAY_SECONDS))
}

/** Begins a life; each call lives only as far as asked. */
export function living(life: Life): Living {
  const log = new Log(life)
  const minutes = minutesOf(life, log)
  let lived = 0
  return {
    until: (at) => {
      const due = Math.floor((at - life.start) / 60) + 1
      while (lived < due && minutes.next().done !== true) lived++
      return log.taken()
    },
  }
}

/** Stops after every minute. */
function* minutesOf(life: Life, log: Log): Generator<void> {
  const { patient, habits, days, lifeRandom } = life
  const body = new Body(patient)
  const sensor = new Sensor(habits.sensor, life.sensorRandom)
  const pump = pumpOf(life)
  const basal = deliverableBasal(pump, patient.basalRate) / 60
  log.device(0, SIMULATED_EVENT)
  const sensitivity = new Sensitivity(life)
  const startMinute = Math.floor((life.start + life.offsetMinutes * 60) / 60) % 1440
  let seen = body.glucose
  let lastRescue = Number.NEGATIVE_INFINITY
  let meals = new Map<number, number>()
  for (let minute = 0; minute < days * 1440; minute++) {
    const ofDay = (startMinute + minute) % 1440
    if (minute === 0 || ofDay === 0) meals = mealsOf(life)
    if (Sensor.age(minute) === 0) log.device(minute, 'sensor start')
    const reading = sensor.read(minute, body.glucose, ofDay < SLEEPS_UNTIL_MINUTE)
    if (reading !== undefined) {
      log.glucose(minute, reading)
      seen = seenFrom(reading, habits.sensor.lowest, habits.sensor.highest) ?? body.glucose
    }
    let carbs = 0
    let bolus = 0
    const eaten = meals.get(ofDay) ?? 0
    if (eaten > 0) {
      carbs += eaten
      const counted = Math.max(
        1,
        Math.round(eaten * life.traits.counting * Math.exp(habits.countingError * lifeRandom.normal())),
      )
      log.meal(minute, counted)
      if (!lifeRandom.chance(habits.missedBolus)) {
        const correction = seen > CORRECT_ABOVE ? (seen - CORRECT_TO) / patient.correctionFactor : 0
        bolus = deliverableBolus(pump, counted / carbRatioOf(patient) + correction)
        log.bolus(minute, bolus)
      }
    }
    if (seen < RESCUE_BELOW && minute - lastRescue >= RESCUE_EVERY_MINUTES) {
      const grams = RESCUE_GRAMS[patient.group]
      carbs += grams
      lastRescue = minute
      log.meal(minute, grams)
    }
    const running = seen < SUSPEND_BELOW ? 0 : basal
    log.basal(minute, running)
    const factor = sensitivity.at(minute, ofDay)
    body.step({ carbs, insulin: running + bolus, uptake: factor, liver: 1 + (factor - 1) / 2 })
    yield
  }
  log.finish(days * 1440)
}

function pumpOf(life: Life): PumpModel {
  const chosen = PUMPS[Math.floor(life.lifeRandom.uniform() * PUMPS.length)] ?? PUMPS[0]
  return chosen ?? { name: 'none', mostBolus: 0, bolusIncrement: 1, mostBasal: 0, basalIncrement: 1 }
}

function mealsOf(life: Life): Map<number, number> {
  const { habits, traits, patient } = life
  const scale = habits.mealScale * traits.appetite * MEAL_FACTOR[patient.group]
  const meals = new Map<number, number>()
  for (const { minute, grams } of dayOfMeals(life.lifeRandom, scale, habits.mealShiftMinutes)) {
    meals.set(minute, (meals.get(minute) ?? 0) + grams)
  }
  return meals
}

function seenFrom(reading: SensorReading, lowest: number, highest: number): number | undefined {
  switch (reading.kind) {
    case 'silent':
      return undefined
    case 'low':
      return lowest - 1
    case 'high':
      return highest + 1
    case 'value':
      return reading.mgPerDl
    default:
      return reading satisfies never
  }
}

/** Factor on insulin sensitivity: a lasting one, one per day that fades into the next, and a wave over the day. */
class Sensitivity {
  private readonly life: Life
  private readonly daily: number[] = []

  constructor(life: Life) {
    this.life = life
    for (let day = 0; day <= life.days + 1; day++)
      this.daily.push(life.habits.dayToDay * life.lifeRandom.normal())
  }

  at(minute: number, ofDay: number): number {
    const { traits } = this.life
    const day = Math.floor(minute / 1440)
    const through = (minute - day * 1440) / 1440
    const logarithm = (this.daily[day] ?? 0) * (1 - through) + (this.daily[day + 1] ?? 0) * through
    const wave = 1 + DAILY_WAVE * Math.cos((2 * Math.PI * (ofDay - traits.peakMinute)) / 1440)
    return traits.sensitivity * Math.exp(logarithm) * wave
  }
}

/** Collects records; basal is written down by the hour. */
class Log {
  private readonly records: HealthRecord[] = []
  private readonly life: Life
  private basalUnits = 0
  private basalFrom = 0

  constructor(life: Life) {
    this.life = life
  }

  private time(minute: number): { readonly at: UnixSeconds; readonly local: LocalSeconds } {
    const at = this.life.start + minute * 60
    return {
      at: quantity<UnixSeconds>(at),
      local: quantity<LocalSeconds>(at + this.life.offsetMinutes * 60),
    }
  }

  glucose(minute: number, reading: SensorReading): void {
    if (reading.kind === 'silent') return
    const { unit, sensor } = this.life.habits
    const mgPerDl =
      reading.kind === 'value'
        ? reading.mgPerDl
        : reading.kind === 'low'
          ? sensor.lowest - 1
          : sensor.highest + 1
    const record: Glucose = {
      type: 'glucose',
      ...this.time(minute),
      tick: Sensor.age(minute) * 60,
      device: Sensor.worn(minute),
      value: displayed(mgPerDl, unit),
      unit,
      method: 'cgm',
    }
    this.records.push(reading.kind === 'value' ? record : { ...record, text: reading.kind })
  }

  meal(minute: number, grams: number): void {
    this.records.push({ type: 'meal', ...this.time(minute), carbs: quantity<Grams>(grams) })
  }

  bolus(minute: number, units: number): void {
    if (units <= 0) return
    this.records.push({
      type: 'insulin',
      ...this.time(minute),
      units: quantity<InsulinUnits>(units),
      delivery: 'bolus',
    })
  }

  basal(minute: number, units: number): void {
    if (minute - this.basalFrom >= 60) this.flushBasal(minute)
    this.basalUnits += units
  }

  device(minute: number, event: string): void {
    this.records.push({ type: 'device', ...this.time(minute), event })
  }

  finish(minute: number): void {
    this.flushBasal(minute)
  }

  taken(): readonly HealthRecord[] {
    return this.records.splice(0).sort((a, b) => a.at - b.at)
  }

  private flushBasal(minute: number): void {
    const units = Math.round(this.basalUnits * 1e4) / 1e4
    this.records.push({
      type: 'insulin',
      ...this.time(this.basalFrom),
      units: quantity<InsulinUnits>(units),
      delivery: 'basal',
      seconds: (minute - this.basalFrom) * 60,
    })
    this.basalUnits = 0
    this.basalFrom = minute
  }
}

/** As a device shows it: whole mg/dL, or mmol/L with one decimal. */
function displayed(mgPerDl: number, unit: GlucoseUnit): number {
  if (unit === 'mg/dL') return Math.round(mgPerDl)
  return Math.round(toMmolPerL(quantity<MgPerDl>(mgPerDl)) * 10) / 10
}
