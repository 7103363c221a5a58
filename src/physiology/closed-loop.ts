/**
 * Virtual patients who eat announced meals and dose by a policy: the closed loop of the dose check. Everything is simulated.
 *
 * Law: patient, seed, days and policy determine every byte; the policy sees what the devices wrote down and nothing else.
 * Scenario: 45/70/15/80/10 g at 7/12/16/18/23 h each day (adolescents × 0.8, children × 0.5), or drawn around it; basal
 * insulin as in the table; whoever's sensor shows less than 65 mg/dL eats 16 g (children 8 g), at most every 20 minutes.
 * Source of the meals: the announced-meal scenario of simglucose's examples, fixed so that runs can be compared.
 */
import type { VirtualPatient } from './patient.ts'
import { type Random, randomStream } from './random.ts'
import { FIVE_MINUTE_SENSOR, Sensor } from './sensor.ts'
import { Body } from './uva-padova.ts'

/** What the person's devices wrote down, columns ascending by instant (seconds since 1970 UTC; wall clock the same). */
export interface DeviceLog {
  /** mg/dL. */
  readonly glucose: { readonly at: Float64Array; readonly local: Float64Array; readonly value: Float64Array }
  /** U. */
  readonly boluses: { readonly at: Float64Array; readonly amount: Float64Array }
  /** g. */
  readonly meals: { readonly at: Float64Array; readonly amount: Float64Array }
}

/** Units for a meal of so many grams at an instant. */
export type LoopPolicy = (log: DeviceLog, at: number, carbs: number, random: Random) => number

export interface ClosedLoop {
  readonly patient: VirtualPatient
  readonly seed: number
  readonly days: number
  /** Days at the start that are lived but not judged. */
  readonly runIn: number
  readonly policy: LoopPolicy
  /** Meals drawn at random around the announced ones, for training. */
  readonly varied?: boolean
}

export interface LivedLoop {
  readonly log: DeviceLog
  /** True glucose after the run-in, every five minutes, mg/dL. */
  readonly truth: readonly { readonly at: number; readonly value: number }[]
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
/** 2026-01-05T00:00:00Z. */
export const LOOP_START = 1_767_571_200
const READING_MINUTES = 5
const SLEEPS_UNTIL_MINUTE = 420

/** Lives the days of a loop. */
export function liveClosedLoop(loop: ClosedLoop): LivedLoop {
  const { patient, seed, days, runIn, policy } = loop
  const body = new Body(patient)
  const sensor = new Sensor(FIVE_MINUTE_SENSOR, randomStream(seed, patient.name, 'sensor'))
  const random = randomStream(seed, patient.name, 'life')
  const notes = new Notes()
  const truth: { at: number; value: number }[] = []
  let meals = mealsOf(loop, random)
  let rescued = Number.NEGATIVE_INFINITY
  for (let minute = 0; minute < days * 1440; minute++) {
    const at = LOOP_START + minute * 60
    const ofDay = minute % 1440
    if (minute > 0 && ofDay === 0) meals = mealsOf(loop, random)
    const reading = sensor.read(minute, body.glucose, ofDay < SLEEPS_UNTIL_MINUTE)
    if (reading?.kind === 'value') notes.glucose(at, reading.mgPerDl)
    const shown = reading?.kind === 'low' ? 0 : reading?.kind === 'value' ? reading.mgPerDl : RESCUE_BELOW
    if (reading?.kind === 'low') notes.glucose(at, FIVE_MINUTE_SENSOR.lowest)
    if (reading?.kind === 'high') notes.glucose(at, FIVE_MINUTE_SENSOR.highest)
    if (minute >= runIn * 1440 && minute % READING_MINUTES === 0) truth.push({ at, value: body.glucose })
    let carbs = meals.get(ofDay) ?? 0
    let units = 0
    if (carbs > 0) {
      units = policy(notes.log(), at, carbs, random)
      notes.meal(at, carbs, units)
    } else if (shown < RESCUE_BELOW && minute - rescued >= RESCUE_EVERY_MINUTES) {
      carbs = RESCUE_GRAMS[patient.group]
      rescued = minute
      notes.meal(at, carbs, 0)
    }
    body.step({ carbs, insulin: patient.basalRate / 60 + units })
  }
  return { log: notes.log(), truth }
}

function mealsOf({ patient, varied }: ClosedLoop, random: Random): ReadonlyMap<number, number> {
  const meals = new Map<number, number>()
  for (const [hour, grams] of MEALS) {
    const minute = hour * 60 + (varied ? Math.round(40 * random.normal()) : 0)
    const amount = grams * SCALE[patient.group] * (varied ? Math.exp(0.35 * random.normal()) : 1)
    if (varied && random.chance(0.15)) continue
    meals.set(Math.max(5, Math.min(1435, minute)), Math.max(3, Math.round(amount)))
  }
  return meals
}

/** What is written down, growing. */
class Notes {
  private readonly seen: { at: number[]; value: number[] } = { at: [], value: [] }
  private readonly eaten: { at: number[]; amount: number[] } = { at: [], amount: [] }
  private readonly dosed: { at: number[]; amount: number[] } = { at: [], amount: [] }

  glucose(at: number, value: number): void {
    this.seen.at.push(at)
    this.seen.value.push(value)
  }

  meal(at: number, carbs: number, units: number): void {
    this.eaten.at.push(at)
    this.eaten.amount.push(carbs)
    if (units <= 0) return
    this.dosed.at.push(at)
    this.dosed.amount.push(units)
  }

  log(): DeviceLog {
    const at = Float64Array.from(this.seen.at)
    return {
      glucose: { at, local: at, value: Float64Array.from(this.seen.value) },
      boluses: { at: Float64Array.from(this.dosed.at), amount: Float64Array.from(this.dosed.amount) },
      meals: { at: Float64Array.from(this.eaten.at), amount: Float64Array.from(this.eaten.amount) },
    }
  }
}
